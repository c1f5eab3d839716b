// One finding of a check: the thing checked, its state, and the remedy.
// It must not look at anything itself.

import type { CheckName, Finding } from '../answers/check.ts';

export function pass(check: CheckName, detail: string): Finding {
  return { check, result: 'pass', detail };
}

/** Worth knowing; rotations go on. */
export function warning(check: CheckName, detail: string, remedy: string): Finding {
  return { check, result: 'warning', detail, remedy };
}

/** Cannot be known from here, and hinders nothing. `remedy` has the command that tells, if there is one. */
export function unknown(check: CheckName, detail: string, remedy: string): Finding {
  return { check, result: 'unknown', detail, remedy };
}

/** Rotations or applications cannot succeed until an operator acts. */
export function fail(check: CheckName, detail: string, remedy: string): Finding {
  return { check, result: 'fail', detail, remedy };
}

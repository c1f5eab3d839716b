// One finding of a check: the thing checked, its state, and the remedy.
// It must not look at anything itself.

import type { ServiceName } from '../../rotation/errors.ts';

/** The stable names of the things that are checked; docs/http-api.md has a row for each. */
export const CHECK_NAMES = [
  'keysListed',
  'key1Accepted',
  'key2Accepted',
  'publishedIsLive',
  'announcedIsInLine',
  'recordFollows',
  'accountReadable',
  'provisioningState',
  'keyAuthentication',
  'customSubdomain',
  'armPermissions',
  'networkRules',
  'keyless',
  'tokenExchange',
  'otherSecrets',
] as const;
/** A service that does not answer is a finding of its own. */
export type CheckName = (typeof CHECK_NAMES)[number] | `${ServiceName}Reachable`;

export interface Finding {
  /** A `CheckName`. A check stored by an earlier version may have other names. */
  readonly check: string;
  readonly result: 'pass' | 'warning' | 'fail';
  readonly detail: string;
  readonly remedy?: string;
  readonly latencyMs?: number;
}

export function pass(check: CheckName, detail: string): Finding {
  return { check, result: 'pass', detail };
}

/** Worth knowing; rotations go on. */
export function warning(check: CheckName, detail: string, remedy: string): Finding {
  return { check, result: 'warning', detail, remedy };
}

/** Rotations or applications cannot succeed until an operator acts. */
export function fail(check: CheckName, detail: string, remedy: string): Finding {
  return { check, result: 'fail', detail, remedy };
}

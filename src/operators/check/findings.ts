// One line of a check: what was looked at, how it stands, and what to do.
// It must not look at anything itself.

export interface Finding {
  /** Stable name, for instance `publishedIsLive`. */
  readonly check: string;
  readonly result: 'pass' | 'warning' | 'fail';
  readonly detail: string;
  readonly remedy?: string;
  readonly latencyMs?: number;
}

export function pass(check: string, detail: string): Finding {
  return { check, result: 'pass', detail };
}

/** Worth knowing; rotations go on. */
export function warning(check: string, detail: string, remedy: string): Finding {
  return { check, result: 'warning', detail, remedy };
}

/** A rotation cannot succeed, or applications cannot, until somebody acts. */
export function fail(check: string, detail: string, remedy: string): Finding {
  return { check, result: 'fail', detail, remedy };
}

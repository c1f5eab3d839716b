// One line of a check: what was looked at, how it stands, and what to do.
// It must not look at anything itself.

import type { ServiceName } from '../../rotation/errors.ts';

/** What a check looks at, by stable names; docs/http-api.md has a row for each. */
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
  /** A `CheckName`; in what an earlier version has kept, whatever that had. */
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

/** A rotation cannot succeed, or applications cannot, until somebody acts. */
export function fail(check: CheckName, detail: string, remedy: string): Finding {
  return { check, result: 'fail', detail, remedy };
}

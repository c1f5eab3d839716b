// An operator's wish before it is stored: which value a compromised-key request means, and whether a rotation may be asked
// for now. It must not call a port.
import type { Fingerprint, Observation, Policy, RotationRecord, Slot, StoredRequest } from './model.ts';

/** What an operator asks for; the id and the name of the operator come from the edge. */
export interface Wish {
  readonly kind: 'rotate' | 'compromised' | 'rollBack' | 'approve';
  readonly reason: string;
  readonly named?: Slot | 'published';
  readonly overlapMs?: number;
}

/**
 * The value that is meant by `key1`, `key2` or `published`, at this moment: a name may mean another value a second later.
 * Undefined when no live key is published.
 */
export function fingerprintNamed(
  named: Slot | 'published',
  seen: Pick<Observation, 'published' | 'keys'>,
): Fingerprint | undefined {
  if (named !== 'published') return seen.keys[named];
  return seen.published.state === 'live' ? seen.published.fingerprint : undefined;
}

/** Whether a stored request is the answer to the same wish, so that a repeated call is one request. */
export function isSameWish(stored: StoredRequest, wish: Wish): boolean {
  return (
    stored.kind === wish.kind &&
    stored.reason === wish.reason &&
    stored.named === wish.named &&
    stored.overlapMs === wish.overlapMs
  );
}

export type Admission =
  | { readonly state: 'admitted' }
  /** `until`: when it would be admitted, where that can be told. */
  | { readonly state: 'refused'; readonly phase: RotationRecord['phase']; readonly until?: number };

/**
 * A second plain rotation inside a rotation would renew both keys in a row and cut whoever still uses the first; it is
 * refused. In `preparing`, and where regenerating the superseded slot has no effect, it is the operator's word to try
 * again.
 */
export function admitRotation(record: RotationRecord | undefined, policy: Policy): Admission {
  if (record === undefined || record.phase === 'idle' || record.phase === 'preparing') return { state: 'admitted' };
  if (record.phase === 'retiring') {
    const isExhausted = record.attempts >= policy.attemptsMaximum;
    return isExhausted ? { state: 'admitted' } : { state: 'refused', phase: record.phase };
  }
  return { state: 'refused', phase: record.phase, until: record.since + policy.overlapMaximumMs };
}

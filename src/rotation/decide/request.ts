// An operator's wish before it is stored: which value a compromised-key request means, and whether a rotation may be
// requested now. It must not call a port.
import type { Fingerprint, Observation, Policy, RotationRecord, Slot, StoredRequest } from '../model.ts';
import type { RequestKind, Risk } from '../reasons.ts';
import { isExpired } from './request-end.ts';

/** An operator's wish. The call adds the id and the name of the operator. */
export interface Wish {
  readonly kind: RequestKind;
  readonly reason: string;
  readonly named?: Slot | 'published';
  /** compromised: the value itself, in place of a name. */
  readonly fingerprint?: Fingerprint;
  readonly overlapMs?: number;
  readonly accepts?: Risk;
}

/**
 * The value that `key1`, `key2` or `published` names at this moment: a second later the name may mean another value.
 * Undefined when no live key is published.
 */
export function fingerprintNamed(
  named: Slot | 'published',
  seen: Pick<Observation, 'published' | 'keys'>,
): Fingerprint | undefined {
  if (named !== 'published') return seen.keys[named];
  return seen.published.state === 'live' ? seen.published.fingerprint : undefined;
}

/**
 * An emergency that has not begun within a week begins only if it is requested again. A person must say whether the
 * value is still leaked, or was dealt with otherwise.
 */
export const CONFIRMED_FOR_MS = 7 * 86_400_000;

/**
 * For how long after the key was replaced the same words about a leaked key still mean that emergency: a call was
 * repeated, or two people sent it. As a new request, a word about the published key would mean the successor of the
 * leaked key, and kill it.
 */
export const SAME_EMERGENCY_MS = 3_600_000;

export interface EarlierRequest {
  readonly request: StoredRequest;
  /** False if the wish about the same key says more: the accepted risk, or how long both keys stay valid. */
  readonly isAnswer: boolean;
}

/**
 * The stored request that a wish without an id of its own means. A second rotation would cut off applications that
 * still use the first key.
 */
export function earlierRequest(
  wish: Wish,
  stored: readonly StoredRequest[],
  now: number,
  record?: RotationRecord,
): EarlierRequest | undefined {
  const ofKind = stored.filter(({ kind }) => kind === wish.kind);
  if (wish.kind !== 'compromised') {
    const open = ofKind.find((request) => request.closedAt === undefined && !isExpired(request, now));
    return open === undefined ? undefined : { request: open, isAnswer: true };
  }
  const meant = wish.named === undefined ? [wish.fingerprint] : lastValues(wish.named, record);
  const same = ofKind.filter(({ named, fingerprint, replacedAt, closedAt, outcome, at }) => {
    const isSameName = wish.named !== undefined && named === wish.named;
    const isSame = isSameName || (fingerprint !== undefined && meant.includes(fingerprint));
    const endedAt = replacedAt ?? closedAt;
    const isRecent = endedAt === undefined || now - endedAt < SAME_EMERGENCY_MS;
    return isSame && isRecent && outcome !== 'Withdrawn' && now - at < CONFIRMED_FOR_MS;
  });
  const answer = same.find(({ accepts, overlapMs }) => accepts === wish.accepts && overlapMs === wish.overlapMs);
  const [request] = answer === undefined ? same : [answer];
  return request === undefined ? undefined : { request, isAnswer: answer !== undefined };
}

/** The values that a name may have meant a moment ago: the present value of the name, and the value before. */
function lastValues(named: Slot | 'published', record: RotationRecord | undefined): readonly Fingerprint[] {
  if (record === undefined) return [];
  const values = 'superseded' in record ? [record.published, record.superseded] : [record.published];
  return values.filter(({ slot }) => named === 'published' || slot === named).map(({ fingerprint }) => fingerprint);
}

/** Whether a stored request came from the same wish, so that a repeated call is one request. */
export function isSameWish(stored: StoredRequest, wish: Wish): boolean {
  return (
    stored.kind === wish.kind &&
    stored.reason === wish.reason &&
    stored.named === wish.named &&
    stored.overlapMs === wish.overlapMs &&
    stored.accepts === wish.accepts &&
    (stored.named !== undefined || stored.fingerprint === wish.fingerprint)
  );
}

export type Admission =
  | { readonly state: 'admitted' }
  /** `until`: when it would be admitted, if that is known. */
  | { readonly state: 'refused'; readonly phase: RotationRecord['phase']; readonly until?: number };

/**
 * Refuses a second plain rotation inside a rotation: it would renew both keys in a row, and cut off applications that
 * still use the first. In `preparing`, and if regenerating the superseded slot has no effect, it is the operator's word
 * to try again.
 */
export function admitRotation(record: RotationRecord | undefined, policy: Policy): Admission {
  if (record === undefined || record.phase === 'idle' || record.phase === 'preparing') return { state: 'admitted' };
  if (record.phase === 'retiring') {
    const isExhausted = record.attempts >= policy.attemptsMaximum;
    return isExhausted ? { state: 'admitted' } : { state: 'refused', phase: record.phase };
  }
  return { state: 'refused', phase: record.phase, until: record.since + policy.overlapMaximumMs };
}

/** How long an idempotency key is honoured. */
export const IDEMPOTENCY_MS = 24 * 3_600_000;

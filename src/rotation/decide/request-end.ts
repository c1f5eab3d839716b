// How a request ends without being carried out: when it expires, and whether an operator may still withdraw it.
// It must not call a port.
import type { Policy, Request, RotationRecord, StoredRequest } from '../model.ts';
import type { StoredAccount } from '../ports.ts';

const DAY_MS = 86_400_000;

/**
 * For how long a request may wait. A rotation may wait for a window that opens once a month. A roll back or an approval
 * that comes later than a week would surprise the operator. A request about a leaked key never ends by its age.
 */
export const WAITS_AT_MOST_MS: Readonly<Record<Request['kind'], number>> = {
  rotate: 35 * DAY_MS,
  rollBack: 7 * DAY_MS,
  approve: 7 * DAY_MS,
  compromised: Number.POSITIVE_INFINITY,
};

/** Undefined if it never expires. */
export function expiresAt({ kind, at }: Request): number | undefined {
  const expires = at + WAITS_AT_MOST_MS[kind];
  return Number.isFinite(expires) ? expires : undefined;
}

export function isExpired(request: Request, now: number): boolean {
  return now >= (expiresAt(request) ?? Number.POSITIVE_INFINITY);
}

/** Why a request cannot be withdrawn any more, or not now. */
export const WITHDRAWAL_REFUSALS = [
  'RequestClosed',
  'RecordUnreadable',
  'PassUnderWay',
  'KeyReplaced',
  'RotationUnderWay',
  'RegenerateUnderWay',
  'PublishUnderWay',
] as const;

export interface WithdrawalRefusal {
  readonly reason: (typeof WITHDRAWAL_REFUSALS)[number];
  /** A sentence that says what was done, or is under way. */
  readonly detail: string;
  /** When asking again makes sense; absent if it never does. */
  readonly until?: number;
}

/**
 * Undefined if nothing is done for the request: then a write of the entity that closes it comes before every effect for
 * it. A pass that holds the lease may have begun an effect that the record does not show yet.
 */
export function withdrawalRefusal(
  { record, entity }: Pick<StoredAccount, 'record' | 'entity'>,
  request: StoredRequest,
  { clockSkewMs }: Pick<Policy, 'clockSkewMs'>,
  now: number,
): WithdrawalRefusal | undefined {
  const { closedAt, outcome, replacedAt } = request;
  if (closedAt !== undefined) {
    return { reason: 'RequestClosed', detail: `The request has ended: ${outcome ?? 'without an outcome'}.` };
  }
  if (replacedAt !== undefined) {
    return { reason: 'KeyReplaced', detail: 'The leaked key is replaced. The proof of its death is under way.' };
  }
  if (record.state === 'unreadable') {
    return { reason: 'RecordUnreadable', detail: `The stored record cannot be understood: ${record.detail}.` };
  }
  if (record.state === 'present') {
    const begun = begunFor(record.record, request);
    if (begun !== undefined) return begun;
  }
  const { lease } = entity;
  if (lease === undefined || now >= lease.expiresAt + clockSkewMs) return undefined;
  return {
    reason: 'PassUnderWay',
    detail: 'A pass is at work on the account, and may have begun an effect for the request.',
    until: lease.expiresAt + clockSkewMs,
  };
}

/** The effect that the record shows as begun for the request. */
function begunFor(record: RotationRecord, { id, fingerprint }: Request): WithdrawalRefusal | undefined {
  if (record.phase === 'preparing' && record.requestId === id) {
    return { reason: 'RotationUnderWay', detail: `Its rotation ${record.rotationId} has begun.` };
  }
  if (fingerprint === undefined) return undefined;
  if (record.phase === 'propagating' && record.superseded.fingerprint === fingerprint) {
    // An emergency does not wait for the announcement. As an ordinary overlap, this one would end before applications
    // that read App Configuration had their time.
    return { reason: 'RotationUnderWay', detail: 'Another key is published in place of the leaked key.' };
  }
  const isRegenerated =
    record.sacrifice?.before === fingerprint ||
    (record.phase === 'preparing' && record.before === fingerprint) ||
    (record.phase === 'retiring' && record.attemptAt !== undefined && record.superseded.fingerprint === fingerprint);
  if (!isRegenerated) return undefined;
  return { reason: 'RegenerateUnderWay', detail: 'The regenerate of the leaked key is under way.' };
}

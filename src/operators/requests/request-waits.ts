// What an open request waits for, and until when: from the end of the last pass and the schedule of the record.
// It must not decide: the next pass does.
import type { Policy, RotationRecord, StoredRequest } from '../../rotation/model.ts';
import type { StoredAccount } from '../../rotation/ports.ts';
import type { BlockedReason, WaitReason } from '../../rotation/reasons.ts';

/** The account that a request is of, as it was read. */
export interface SeenAccount {
  readonly policy: Policy;
  readonly stored: Pick<StoredAccount, 'record' | 'entity'>;
  readonly now: number;
}

export interface Waiting {
  /** The reason of the last pass, its error code, or `NextPass` if no pass has ended since the request was stored. */
  readonly reason: string;
  /** Milliseconds since the epoch; absent if it is not known, or a person must act first. */
  readonly until?: number;
}

export function waitingOf(request: StoredRequest, { policy, stored, now }: SeenAccount): Waiting | undefined {
  if (request.closedAt !== undefined) return undefined;
  if (stored.record.state === 'unreadable') return { reason: 'RecordUnreadable' satisfies BlockedReason };
  const { lastPass, nextObservationAt } = stored.entity;
  if (lastPass === undefined || lastPass.at < request.at) return { reason: 'NextPass' };
  const { reason, isBlocked } = lastPass;
  const record = stored.record.state === 'present' ? stored.record.record : undefined;
  if (isBlocked || UNTIL_A_PERSON.has(reason)) return { reason };
  const end = endOf(reason, record, policy, now) ?? nextObservationAt;
  return end > now ? { reason, until: end } : { reason };
}

/** Waits that end when an operator or an administrator acts. */
const UNTIL_A_PERSON: ReadonlySet<string> = new Set<WaitReason>(['Paused', 'Frozen', 'ObserveOnly']);

/** When the wait itself is over. A pass may look earlier. Undefined if only the next look is known. */
function endOf(reason: string, record: RotationRecord | undefined, policy: Policy, now: number): number | undefined {
  if (reason === ('OutsideWindow' satisfies WaitReason)) {
    const window = policy.windowAt?.(now);
    return window?.isOpen === false ? window.opensAt : undefined;
  }
  if (record === undefined) return undefined;
  if (reason === ('RecentlyAdopted' satisfies WaitReason)) {
    return record.phase === 'idle' && record.adoptedAt !== undefined
      ? record.adoptedAt + policy.overlapMaximumMs
      : undefined;
  }
  const attemptAt = 'attemptAt' in record ? record.attemptAt : undefined;
  if (attemptAt === undefined) return undefined;
  if (reason === ('SettleTimeNotOver' satisfies WaitReason)) return attemptAt + policy.settleMs;
  if (reason === ('ActivationTimeNotOver' satisfies WaitReason)) {
    return attemptAt + policy.settleMs + policy.activationForMs;
  }
  return undefined;
}

// Judges where one member is, by its account's record. The campaign asks for rotations and never interferes with one.
// It must not act. The rotation id is enough: the account had an id when the member started, and the campaign waits for
// a rotation with a higher one. It does not matter who began that rotation.
//
//        open          inFlight               published           done
//   -------|--------------|----------------------|------------------|----> time
//        from noted,    rotationId > from,     phase propagating  idle again
//        then asked     preparing              or later

import { isOverdueAt } from '../../../rotation/decide/schedule.ts';
import type { Account, RotationRecord } from '../../../rotation/model.ts';
import type { PassSummary, StoredAccount } from '../../../rotation/ports.ts';
import type { WaitReason } from '../../../rotation/reasons.ts';
import type { Campaign, FailureReason, Member } from './model.ts';

/** A member's account as it was seen. */
export interface MemberSighting {
  readonly account: Account;
  readonly record: StoredAccount['record'];
  readonly lastPass: PassSummary | undefined;
  /** Whether the campaign's own request is open. */
  readonly isAsked: boolean;
}

export interface Judgement {
  /** The member as it is now; the same object when nothing has changed. */
  readonly member: Member;
  /** Whether the account must be asked (again): a crash may have come between the note and the request. */
  readonly isToBeAsked: boolean;
}

/** Holds that operators and policies set on purpose: an account that they hold is not overdue. */
const HELD: ReadonlySet<string> = new Set<WaitReason>(['Paused', 'Frozen', 'OutsideWindow']);

/** Judges an open member whose turn has come. `sighting` is undefined if its account is not configured any more. */
export function begin(member: Member, sighting: MemberSighting | undefined, now: number): Judgement {
  if (sighting === undefined) return settled(fail(member, 'AccountNotConfigured', now));
  const { record, lastPass } = sighting;
  if (record.state === 'unreadable') return settled(fail(member, 'RecordUnreadable', now));
  if (lastPass?.isBlocked === true) return settled(fail(member, lastPass.reason, now));
  if (record.state === 'absent') return settled(fail(member, 'AccountMadeAnew', now));
  const { rotationId, phase } = record.record;
  const started = { ...member, state: 'inFlight', startedAt: now } as const;
  if (phase === 'idle') return { member: { ...started, from: rotationId }, isToBeAsked: true };
  // A second rotation now would renew both keys in a row, and cut off applications that still use the first.
  const from = (rotationId - 1) as typeof rotationId;
  return { member: { ...started, from, joined: true }, isToBeAsked: false };
}

/** Judges a member in flight or published. */
export function judge(
  campaign: Campaign,
  member: Member,
  sighting: MemberSighting | undefined,
  now: number,
): Judgement {
  const unchanged = settled(member);
  if (sighting === undefined) return settled(fail(member, 'AccountNotConfigured', now));
  const { record, lastPass, account } = sighting;
  if (record.state === 'unreadable') return settled(fail(member, 'RecordUnreadable', now));
  const from = member.from ?? 0;
  if (record.state === 'absent' || record.record.rotationId < from) {
    return settled(fail(member, 'AccountMadeAnew', now));
  }
  const reached = record.record.rotationId > from ? reachedBy(record.record) : 'nothing';
  const blocked = lastPass?.isBlocked === true ? lastPass.reason : undefined;
  switch (reached) {
    case 'rolledBack':
      return settled(fail(member, 'RolledBack', now));
    case 'completed':
      return settled(finish(member, now));
    case 'published': {
      if (campaign.wish.waitFor === 'published') return settled(finish(member, now));
      if (blocked !== undefined) return settled(fail(member, blocked, now));
      if (isOverdueAt(record.record, account.policy, now)) return settled(fail(member, 'Overdue', now));
      return member.state === 'published' ? unchanged : settled({ ...member, state: 'published' });
    }
    case 'nothing': {
      if (blocked !== undefined) return settled(fail(member, blocked, now));
      const isHeld = lastPass !== undefined && HELD.has(lastPass.reason);
      const isOverdue = now > (member.startedAt ?? now) + campaign.wish.overdueAfterMs;
      if (isOverdue && !isHeld) return settled(fail(member, 'Overdue', now));
      const isAtRest = record.record.phase === 'idle' && record.record.rotationId === from;
      return { member, isToBeAsked: isAtRest && !sighting.isAsked };
    }
  }
}

/** Judges a member that was done once more, before the next ring: its overlap may have gone wrong since. */
export function judgeAgain(member: Member, sighting: MemberSighting | undefined, now: number): Member {
  // An account that has left the fleet since then has had its rotation.
  if (sighting === undefined) return member;
  const { record, lastPass } = sighting;
  if (record.state !== 'present') return member;
  if (record.record.rotationId === (member.from ?? 0) + 1 && reachedBy(record.record) === 'rolledBack') {
    return fail(member, 'RolledBack', now);
  }
  return lastPass?.isBlocked === true ? fail(member, lastPass.reason, now) : member;
}

type Reached = 'nothing' | 'published' | 'completed' | 'rolledBack';

function reachedBy(record: RotationRecord): Reached {
  switch (record.phase) {
    case 'preparing':
      return 'nothing';
    case 'propagating':
    case 'retiring':
      return record.rolledBack ? 'rolledBack' : 'published';
    case 'idle':
      return record.last?.outcome === 'rolledBack' ? 'rolledBack' : 'completed';
  }
}

function settled(member: Member): Judgement {
  return { member, isToBeAsked: false };
}

function finish(member: Member, now: number): Member {
  return { ...member, state: 'done', endedAt: now };
}

/** `reason` is the campaign's own or the blocked reason of the account. */
function fail(member: Member, reason: FailureReason | (string & {}), now: number): Member {
  return { ...member, state: 'failed', endedAt: now, reason };
}

// The rules of each phase, for an account whose record has followed the published version.
// Every regenerate goes through `regenerate.ts`, which holds the guard of the two keys.

import type { IdleRecord, PreparingRecord, PropagatingRecord, Request, RotationId } from '../model.ts';
import type { StartReason } from '../reasons.ts';
import type { KeyVerdict } from '../verdict.ts';
import { placesOf } from '../working-place.ts';
import { retiring } from './decide-retiring.ts';
import { answeredBy, isSupersededGone, regenerate, repeat } from './regenerate.ts';
import { dueAt, overlapOf } from './schedule.ts';
import {
  backOff,
  block,
  emergenciesOf,
  type Followed,
  isTaken,
  isTooOldToBegin,
  left,
  openRequest,
  probe,
  verdictOn,
  wait,
} from './situation.ts';
import type { Step } from './step.ts';
import { rejectedSuccessor, replaceLeaked } from './successor.ts';

export function decidePhase(followed: Followed): Step {
  const { record } = followed;
  switch (record.phase) {
    case 'idle':
      return idle({ ...followed, record });
    case 'preparing':
      return preparing({ ...followed, record });
    case 'propagating':
      return propagating({ ...followed, record });
    case 'retiring':
      return retiring({ ...followed, record });
  }
}

// ---- idle

function idle(followed: Followed<IdleRecord>): Step {
  const { seen, policy, now, leaked, record } = followed;
  const request = openRequest(seen, 'rotate');
  const emergency = emergenciesOf(seen).find((entry) => !isTooOldToBegin(entry, now));
  if (leaked.size > 0 && emergency === undefined) return block('RequestTooOld', now + policy.observeEveryMs);
  if (leaked.size === 0) {
    if (policy.leaves !== undefined) return left(now);
    const due = dueAt(record, policy);
    if (now < due && request === undefined) return wait('NotDue', Math.min(due, now + policy.observeEveryMs));
    if (record.adoptedAt !== undefined) {
      const adoptionSettledAt = record.adoptedAt + policy.overlapMaximumMs;
      if (now < adoptionSettledAt)
        return wait('RecentlyAdopted', Math.min(adoptionSettledAt, now + policy.observeEveryMs));
      if (!policy.standbyIsFree && record.standbyApprovedAt === undefined) {
        return block('StandbyMayBeInUse', now + policy.observeEveryMs);
      }
    }
    if (policy.isInvalid === true) return block('PolicyInvalid', now + policy.backOffMaximumMs);
  }
  const reason: StartReason =
    emergency !== undefined ? 'KeyCompromised' : request !== undefined ? 'RotationRequested' : 'RotationDue';
  return begin(followed, reason, emergency ?? request);
}

function begin(followed: Followed<IdleRecord>, reason: StartReason, cause: Request | undefined): Step {
  const { seen, record, published, standby, standbySlot } = followed;
  const rotationId = (record.rotationId + 1) as RotationId;
  const requestId = cause === undefined ? {} : { requestId: cause.id };
  return regenerate(followed, {
    intent: {
      phase: 'preparing',
      rotationId,
      published,
      ...placesOf(record),
      reason,
      before: standby,
      attempts: 1,
      ...requestId,
      // The attempt of the sacrifice may still be under way.
      ...(record.sacrifice === undefined ? {} : { sacrifice: record.sacrifice }),
    },
    closes: answeredBy(rotationId, seen.requests),
    history: [
      {
        kind: 'RotationStarted',
        reason,
        slot: standbySlot,
        fingerprint: standby,
        ...requestId,
        ...(cause === undefined ? {} : { by: cause.by }),
      },
    ],
  });
}

// ---- preparing

function preparing(followed: Followed<PreparingRecord>): Step {
  const { seen, policy, now, leaked, record, published, standby, standbySlot } = followed;
  if (standby === record.before) {
    const settledAt = record.attemptAt + policy.settleMs;
    return now < settledAt ? wait('SettleTimeNotOver', settledAt) : repeat(followed, record);
  }
  if (leaked.has(standby)) return repeat(followed, { ...record, before: standby });
  if (leaked.has(published.fingerprint)) {
    return (
      replaceLeaked(followed, { slot: standbySlot, fingerprint: standby, since: record.attemptAt }) ??
      rejectedSuccessor(followed, record)
    );
  }
  // If the answer of a regenerate was lost, it may have happened up to the settling time after its attempt.
  const activeAt = record.attemptAt + policy.settleMs + policy.activationForMs;
  if (now < activeAt) return wait('ActivationTimeNotOver', Math.min(activeAt, now + policy.observeEveryMs));
  const count = seen.verdicts.get(standby);
  if (count === undefined) return probe(standby);
  if (!isTaken(count.verdict)) return notYetAccepted(followed, record, activeAt, count.verdict);
  if (count.inARow < policy.verifyProbes) return probe(standby);
  const reason = count.verdict === 'listed' ? 'NewKeyListed' : 'NewKeyAccepted';
  return { kind: 'publish', slot: standbySlot, fingerprint: standby, reason };
}

function notYetAccepted(
  followed: Followed,
  { attemptAt }: PreparingRecord,
  activeAt: number,
  verdict: KeyVerdict,
): Step {
  const { seen, policy, now, published } = followed;
  const publishedVerdict = verdictOn(seen, published.fingerprint);
  if (publishedVerdict === undefined) return probe(published.fingerprint);
  const until = backOff(policy, now, activeAt);
  const detail =
    publishedVerdict === 'accepted'
      ? verdict
      : `${verdict}; the published key is not accepted either: check the endpoint`;
  if (now < attemptAt + policy.activationPatienceMs) return wait('NewKeyNotYetAccepted', until, detail);
  return block('NewKeyNotAccepted', until, detail);
}

// ---- propagating

function propagating(followed: Followed<PropagatingRecord>): Step {
  const { seen, policy, now, leaked, record, published } = followed;
  const { superseded } = record;
  const isGone = isSupersededGone(followed, record);
  if (leaked.has(published.fingerprint) && !isGone && !leaked.has(superseded.fingerprint)) {
    const escape = replaceLeaked(followed, { ...superseded, since: record.since });
    if (escape !== undefined) return escape;
  }
  const overlap = overlapOf(record, policy, seen.acknowledgements, emergenciesOf(seen), now);
  if (overlap.state === 'notOver') return wait('OverlapNotOver', Math.min(overlap.until, now + policy.observeEveryMs));
  if (overlap.state === 'held') {
    return block('ConsumersNotAcknowledged', now + policy.backOffMaximumMs, overlap.missing.join(', '));
  }
  const { rotationId, since, rolledBack, versions } = record;
  const retiringRecord = {
    phase: 'retiring' as const,
    rotationId,
    published,
    ...placesOf(record),
    superseded,
    since,
    rolledBack,
    versions,
    enteredAt: now,
  };
  const closes = answeredBy(rotationId, seen.requests);
  const history = [{ kind: 'RetireStarted' as const, ...superseded }];
  if (isGone) return { kind: 'record', record: { ...retiringRecord, attempts: 0 }, closes, history };
  return regenerate(followed, { intent: { ...retiringRecord, attempts: 1 }, closes, history });
}

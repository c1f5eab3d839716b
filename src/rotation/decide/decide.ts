// The rules before the phase, in order: the first that objects gives the step. Pure, total, deterministic.
// It must not act, read a clock or see a key: `observe.ts` gathers, `execute.ts` acts.
//
//   A block     a person must look first; only an operator's word about a leaked key allows a write
//               then note which values requests about leaked keys mean, and which of these keys are replaced
//   A' move    the configured place has changed: the record notes it
//   B repair    the newest version is missing or dead: publish a live key
//   C announce  reference, then flag, follow the newest version; an emergency does not wait for it
//   C' former  a former place follows, too
//   D follow    the record follows the vault: adoption, publish, roll back and a manual switch are one case
//   D' move    notes that the move is announced, or over
//   E requests  expired, surplus, approve, roll back
//   F gate      paused, frozen
//   then the phase (`decide-phase.ts`)
//   G window    outside the windows no step of the phase that changes anything

import {
  type Fingerprint,
  type Observation,
  otherSlot,
  type Policy,
  type Published,
  type PublishedVersion,
  type Slot,
} from '../model.ts';
import type { RequestOutcome } from '../reasons.ts';
import { recordOf } from '../working-place.ts';
import { decidePhase } from './decide-phase.ts';
import { isOutageAccepted, noteRule, rescueRule, withoutSecret } from './emergency.ts';
import { adopt, followRule } from './follow.ts';
import { beginMove, endMove, isBeforeAnnouncement, keepFormerInLine } from './move.ts';
import { isRetireInFlight, isSupersededGone } from './regenerate.ts';
import { isExpired } from './request-end.ts';
import {
  backOff,
  block,
  closeRequests,
  closing,
  type Followed,
  isEmergency,
  isTaken,
  leakedValues,
  openRequest,
  probe,
  type Situation,
  situationOf,
  verdictOn,
  wait,
} from './situation.ts';
import type { Step } from './step.ts';

/** The one next step for an account. `now` in milliseconds since the epoch. */
export function decide(seen: Observation, policy: Policy, now: number): Step {
  if (seen.record.state === 'unreadable' && !policy.isObserveOnly && isOutageAccepted(seen) && isEmergency(seen)) {
    // The account is adopted again: the content of the record is lost, and the leaked key dies.
    return decide({ ...seen, record: { state: 'absent' } }, policy, now);
  }
  const objection = blockRule(seen, policy, now);
  if (policy.isObserveOnly) return objection ?? wait('ObserveOnly', now + policy.observeEveryMs);
  if (objection !== undefined) return rescueRule(seen, policy, now) ?? objection;
  // A rule has asked for a probe whose answer means two things. One more probe shows which, and then the rules go on.
  if (seen.witness !== undefined) return probe(seen.witness);
  const { published } = seen;
  if (published.state === 'unknown') return withoutSecret(seen, policy, now, published.cause);
  const note = noteRule(seen, now);
  if (note !== undefined) return note;
  const move = beginMove(seen);
  if (move !== undefined) return move;
  if (published.state !== 'live') return repairRule(seen, policy, now);
  const situation = situationOf(seen, versionOf(published), policy, now);
  const announce = announceRule(situation) ?? keepFormerInLine(situation);
  if (announce !== undefined) return announce;
  if (seen.record.state !== 'present') return adopt(situation);
  const { record } = seen.record;
  if (record.published.version !== situation.published.version) return followRule(situation, record);
  const followed = { ...situation, record };
  return (
    endMove(followed) ?? requestRule(followed) ?? gateRule(followed) ?? windowRule(followed, decidePhase(followed))
  );
}

function versionOf(published: Published & { state: 'live' | 'dead' }): PublishedVersion {
  return { slot: published.slot, version: published.version, fingerprint: published.fingerprint };
}

// ---- A

function blockRule(seen: Observation, policy: Policy, now: number): Step | undefined {
  const until = now + policy.backOffMaximumMs;
  if (seen.record.state === 'unreadable') return block('RecordUnreadable', until, seen.record.detail);
  if (seen.published.state === 'foreign') {
    const { installations } = seen.published;
    if (installations === undefined) return block('SecretNotRecognised', until);
    const { publisher, reader } = installations;
    return block('OtherInstallation', until, `the newest version was published by ${publisher}; this is ${reader}`);
  }
  if (seen.published.state === 'disabled') return block('SecretDisabled', until);
  if (seen.keys.key1 === seen.keys.key2) return block('KeysIdentical', until);
  return undefined;
}

// ---- B

function repairRule(seen: Observation, policy: Policy, now: number): Step {
  const slot = slotToRepair(seen);
  const fingerprint = seen.keys[slot];
  const verdict = verdictOn(seen, fingerprint);
  if (verdict === undefined) return probe(fingerprint);
  const until = now + policy.backOffMinimumMs;
  if (seen.published.state === 'dead') {
    if (verdict === 'rejected') {
      const former = verdictOn(seen, seen.published.fingerprint);
      if (former === undefined) return probe(seen.published.fingerprint);
      if (former === 'accepted' && !isOutageAccepted(seen)) return block('RepairKeyNotAccepted', until);
    }
    return { kind: 'publish', slot, fingerprint, reason: 'PublishedKeyDrifted' };
  }
  const record = recordOf(seen);
  if (record !== undefined) {
    const reason = isBeforeAnnouncement(record) ? 'PlaceChanged' : 'SecretMissing';
    return { kind: 'publish', slot, fingerprint, reason };
  }
  const isEnough = isTaken(verdict) || (verdict === 'inconclusive' && isEmergency(seen));
  if (!isEnough) return block('AdoptionKeyNotAccepted', until);
  return { kind: 'publish', slot, fingerprint, reason: 'AccountAdopted' };
}

/** Values that requests name by their slot: without a record it is not yet stored which values they mean. */
function namedBySlot({ requests, keys }: Observation): readonly Fingerprint[] {
  return requests.flatMap(({ kind, fingerprint, named }) => {
    const isBySlot =
      kind === 'compromised' && fingerprint === undefined && named !== undefined && named !== 'published';
    return isBySlot ? [keys[named]] : [];
  });
}

/** The slot whose value is published: a compromised value only if there is no other. */
function slotToRepair(seen: Observation): Slot {
  const record = recordOf(seen);
  const recorded = record?.published.slot ?? seen.predecessor?.slot ?? 'key1';
  // A place to which the account returns may hold a dead value of the other slot.
  const isReturn = record === undefined ? seen.predecessor !== undefined : isBeforeAnnouncement(record);
  const slot = seen.published.state === 'dead' && !isReturn ? seen.published.slot : recorded;
  const leaked = new Set([...leakedValues(seen), ...namedBySlot(seen)]);
  const other = otherSlot(slot);
  return leaked.has(seen.keys[slot]) && !leaked.has(seen.keys[other]) ? other : slot;
}

// ---- C

/** In an emergency a failed attempt makes the announcement unknown, and the emergency goes on. */
function announceRule({ seen, policy, now, published }: Situation): Step | undefined {
  const { announced } = seen;
  if (announced.state === 'unknown') {
    return isEmergency(seen) ? undefined : wait('AnnouncementUnknown', now + policy.backOffMinimumMs, announced.cause);
  }
  if (!announced.isReferenceInLine) return { kind: 'announceReference', version: published.version };
  if (!announced.isFlagInLine) return { kind: 'announceFlag', slot: published.slot, version: published.version };
  return undefined;
}

// ---- E

function requestRule(followed: Followed): Step | undefined {
  const { seen, record, leaked } = followed;
  // While a leaked key is live, no other request may hold it up.
  if (leaked.size > 0) return undefined;
  const expired = seen.requests.filter((request) => isExpired(request, followed.now));
  if (expired.length > 0) {
    return closeRequests(
      record,
      expired.map(({ id }) => closing(id, 'Expired')),
    );
  }
  const surplus = seen.requests.filter(({ kind }) => kind === 'rotate').slice(1);
  if (surplus.length > 0) {
    return closeRequests(
      record,
      surplus.map(({ id }) => closing(id, 'AnsweredByEarlierRequest')),
    );
  }
  const approval = openRequest(seen, 'approve');
  if (approval !== undefined) {
    const approved = record.phase === 'idle' ? { ...record, standbyApprovedAt: followed.now } : record;
    return closeRequests(approved, [closing(approval.id, 'StandbyApproved')]);
  }
  const rollBack = openRequest(seen, 'rollBack');
  if (rollBack === undefined) return undefined;
  const answer = rollBackAnswer(followed);
  return typeof answer === 'string' ? closeRequests(record, [closing(rollBack.id, answer, record.rotationId)]) : answer;
}

/** The step back to the superseded value, or why it is refused. */
function rollBackAnswer(followed: Followed): Step | RequestOutcome {
  const { seen, policy, now, record } = followed;
  if (record.phase !== 'propagating' && record.phase !== 'retiring') return 'RefusedNothingToRollBack';
  if (record.phase === 'retiring' && isRetireInFlight(record, policy, now)) return 'RefusedRetireInFlight';
  const { slot, fingerprint } = record.superseded;
  if (seen.keys[slot] !== fingerprint) return 'RefusedSupersededKeyNotLive';
  switch (verdictOn(seen, fingerprint)) {
    case undefined:
      return probe(fingerprint);
    case 'accepted':
    case 'listed':
      return { kind: 'publish', slot, fingerprint, reason: 'RollBackRequested' };
    case 'inconclusive':
      return wait('RollBackKeyInconclusive', backOff(policy, now, record.since));
    case 'rejected':
      return 'RefusedSupersededKeyRejected';
  }
}

// ---- F

/** No pause, freeze or window holds back an emergency, or the end of a retirement that has happened. */
function isHeldByNothing(followed: Followed): boolean {
  const { leaked, record } = followed;
  return leaked.size > 0 || (record.phase === 'retiring' && isSupersededGone(followed, record));
}

/** Holds back new effects. */
function gateRule(followed: Followed): Step | undefined {
  const { seen, policy, now } = followed;
  if (isHeldByNothing(followed)) return undefined;
  const until = now + policy.backOffMaximumMs;
  if (seen.isPaused) return wait('Paused', until);
  if (policy.isFrozen) return wait('Frozen', until);
  return undefined;
}

// ---- G

/**
 * Outside its windows an account that would act waits until the window opens. An account that would wait anyway keeps
 * that wait: the opening then wakes only accounts that have something to do.
 */
function windowRule(followed: Followed, step: Step): Step {
  const { policy, now } = followed;
  const changesNothing = step.kind === 'wait' || step.kind === 'probe' || step.kind === 'readSupersededVersion';
  if (policy.windowAt === undefined || changesNothing || isHeldByNothing(followed)) return step;
  const window = policy.windowAt(now);
  if (window.isOpen) return step;
  const lookAgainAt = now + policy.observeEveryMs;
  return wait('OutsideWindow', Math.min(window.opensAt ?? lookAgainAt, lookAgainAt));
}

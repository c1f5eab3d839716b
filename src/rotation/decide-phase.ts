// The rules of each phase, for an account whose record has followed the published version.
// It must not act. Every regenerate goes through `regenerate` below, which holds the guard of the two keys.
import type { IdleRecord, Policy, PreparingRecord, PropagatingRecord, Request, RequestClosing, RetiringRecord, RotationId, RotationRecord } from './model.ts';
import type { Step } from './step.ts';
import type { StartReason } from './reasons.ts';
import { dueAt, overlapOf } from './schedule.ts';
import { backOff, block, type Followed, openRequest, probe, verdictOn, wait } from './situation.ts';

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

/** Whether an answer to the last regenerate of the superseded slot may still be under way. */
export function isRetireInFlight(record: RetiringRecord, policy: Policy, now: number): boolean {
  return record.attemptAt !== undefined && now < record.attemptAt + policy.settleMs;
}

export function isSupersededGone({ seen }: Followed, record: RetiringRecord | PropagatingRecord): boolean {
  return seen.keys[record.superseded.slot] !== record.superseded.fingerprint;
}

/** The guard of every regenerate: never the published slot, and only while the published value is accepted. */
function regenerate(
  followed: Followed,
  step: Omit<Step & { kind: 'regenerate' }, 'kind' | 'slot' | 'fingerprint'>,
): Step {
  const { seen, policy, now, leaked, published, standbySlot, standby } = followed;
  if (leaked.size === 0) {
    const verdict = verdictOn(seen, published.fingerprint);
    if (verdict === undefined) return probe(published.fingerprint);
    if (verdict !== 'accepted') return block('PublishedKeyNotAccepted', now + policy.backOffMinimumMs, verdict);
  }
  return { kind: 'regenerate', slot: standbySlot, fingerprint: standby, ...step };
}

// ---- idle

function idle(followed: Followed<IdleRecord>): Step {
  const { seen, policy, now, leaked, record } = followed;
  const request = openRequest(seen, 'rotate');
  if (leaked.size === 0) {
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
  }
  const compromised = seen.requests.find((entry) => entry.fingerprint !== undefined && leaked.has(entry.fingerprint));
  const reason: StartReason =
    compromised !== undefined ? 'KeyCompromised' : request !== undefined ? 'RotationRequested' : 'RotationDue';
  return begin(followed, reason, compromised ?? request);
}

function begin(followed: Followed<IdleRecord>, reason: StartReason, cause: Request | undefined): Step {
  const { seen, record, published, standby, standbySlot } = followed;
  const rotationId = (record.rotationId + 1) as RotationId;
  const requestId = cause === undefined ? {} : { requestId: cause.id };
  return regenerate(followed, {
    intent: { phase: 'preparing', rotationId, published, reason, before: standby, attempts: 1, ...requestId },
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

/**
 * The wishes for a rotation that this one answers: what began it, and what was stored while it was already under way. Left
 * open, such a wish would begin a second rotation as soon as this one ends, and cut whoever still uses the first key.
 */
function answeredBy(rotationId: RotationId, requests: readonly Request[]): RequestClosing[] {
  return requests
    .filter((request) => request.kind === 'rotate')
    .map(({ id }) => ({ id, outcome: 'RotationStarted', rotationId }));
}

// ---- preparing

function preparing(followed: Followed<PreparingRecord>): Step {
  const { seen, policy, now, leaked, record, published, standby, standbySlot } = followed;
  if (standby === record.before) {
    const settledAt = record.attemptAt + policy.settleMs;
    return now < settledAt ? wait('SettleTimeNotOver', settledAt) : repeat(followed, record);
  }
  if (leaked.has(standby)) return repeat(followed, { ...record, before: standby });
  const verdict = verdictOn(seen, standby);
  if (verdict === undefined) return probe(standby);
  if (verdict === 'accepted')
    return { kind: 'publish', slot: standbySlot, fingerprint: standby, reason: 'NewKeyAccepted' };
  const publishedVerdict = verdictOn(seen, published.fingerprint);
  if (publishedVerdict === undefined) return probe(published.fingerprint);
  const until = backOff(policy, now, record.attemptAt);
  const detail =
    publishedVerdict === 'accepted'
      ? verdict
      : `${verdict}; the published key is not accepted either: check the endpoint`;
  if (now < record.attemptAt + policy.activationPatienceMs) return wait('NewKeyNotYetAccepted', until, detail);
  return block('NewKeyNotAccepted', until, detail);
}

/** A regenerate again: bounded, unless a leaked value is live; an operator's rotate request allows another round. */
function repeat(followed: Followed, record: PreparingRecord | RetiringRecord): Step {
  const { seen, policy, now, leaked, standby, standbySlot } = followed;
  const request = openRequest(seen, 'rotate');
  const isExhausted = record.attempts >= policy.attemptsMaximum && leaked.size === 0;
  if (isExhausted && request === undefined) return block('RegenerateHasNoEffect', now + policy.backOffMaximumMs);
  const attempts = isExhausted ? 1 : record.attempts + 1;
  const isReset = isExhausted && request !== undefined;
  return regenerate(followed, {
    intent: { ...record, attempts },
    closes: isReset ? [{ id: request.id, outcome: 'RotationStarted', rotationId: record.rotationId }] : [],
    history: [{ kind: 'RegenerateRepeated', slot: standbySlot, fingerprint: standby }],
  });
}

// ---- propagating

function propagating(followed: Followed<PropagatingRecord>): Step {
  const { seen, policy, now, leaked, record, published } = followed;
  const { superseded } = record;
  const isGone = isSupersededGone(followed, record);
  if (leaked.has(published.fingerprint) && !isGone && !leaked.has(superseded.fingerprint)) {
    const verdict = verdictOn(seen, superseded.fingerprint);
    if (verdict === undefined) return probe(superseded.fingerprint);
    const { slot, fingerprint } = superseded;
    if (verdict === 'accepted') return { kind: 'publish', slot, fingerprint, reason: 'PublishedKeyCompromised' };
    if (verdict === 'inconclusive') return wait('EscapeKeyInconclusive', backOff(policy, now, record.since));
  }
  const compromised = seen.requests.filter((entry) => entry.fingerprint !== undefined && leaked.has(entry.fingerprint));
  const overlap = overlapOf(record, policy, seen.acknowledgements, compromised, now);
  if (overlap.state === 'notOver') return wait('OverlapNotOver', Math.min(overlap.until, now + policy.observeEveryMs));
  if (overlap.state === 'held') {
    return block('ConsumersNotAcknowledged', now + policy.backOffMaximumMs, overlap.missing.join(', '));
  }
  const { rotationId, since, rolledBack, versions } = record;
  const retiringRecord = {
    phase: 'retiring' as const,
    rotationId,
    published,
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

// ---- retiring

function retiring(followed: Followed<RetiringRecord>): Step {
  const { seen, policy, now, leaked, record } = followed;
  if (!isSupersededGone(followed, record)) {
    const settledAt = (record.attemptAt ?? Number.NEGATIVE_INFINITY) + policy.settleMs;
    return now < settledAt ? wait('SettleTimeNotOver', settledAt) : repeat(followed, record);
  }
  switch (seen.supersededVersion) {
    case 'markedRejected':
      return complete(followed, now);
    case 'missing':
    case 'disabledByOthers':
      return complete(followed, undefined);
    case 'unread':
    case 'enabled':
      // Proof must not hold up an emergency.
      if (leaked.size > 0) return complete(followed, undefined);
      if (!seen.isSupersededValueKnown) {
        // A version that was read and holds another value proves nothing, however often it is read.
        if (seen.supersededVersion === 'enabled') return complete(followed, undefined);
        return { kind: 'readSupersededVersion', version: record.superseded.version };
      }
      return confirm(followed);
  }
}

/** Proves that the superseded value is dead: rejected several times in a row where the published one is accepted. */
function confirm(followed: Followed<RetiringRecord>): Step {
  const { seen, policy, now, record, published } = followed;
  const { version, fingerprint } = record.superseded;
  const publishedVerdict = verdictOn(seen, published.fingerprint);
  if (publishedVerdict === undefined) return probe(published.fingerprint);
  const count = seen.verdicts.get(fingerprint);
  if (count === undefined) return probe(fingerprint);
  if (count.verdict === 'rejected' && publishedVerdict === 'accepted') {
    if (count.inARow < policy.confirmProbes) return probe(fingerprint);
    const { announced } = seen;
    const isFreeToDisable =
      announced.state === 'read' && announced.referencedVersion !== version && published.version !== version;
    return isFreeToDisable ? { kind: 'disable', version } : complete(followed, now);
  }
  const beganAt = record.attemptAt ?? record.enteredAt;
  if (now >= beganAt + policy.confirmForMs) return complete(followed, undefined);
  const until = backOff(policy, now, beganAt);
  if (count.verdict === 'accepted') return wait('SupersededKeyStillAccepted', until);
  return wait('ConfirmationInconclusive', until, `superseded ${count.verdict}, published ${publishedVerdict}`);
}

function complete(followed: Followed<RetiringRecord>, provenAt: number | undefined): Step {
  const { seen, policy, now, record } = followed;
  const idleRecord: RotationRecord = {
    phase: 'idle',
    rotationId: record.rotationId,
    published: record.published,
    rotatedAt: now,
    jitterMs: policy.jitterMs,
    last: {
      rotationId: record.rotationId,
      outcome: record.rolledBack ? 'rolledBack' : 'completed',
      ...(provenAt === undefined ? {} : { provenAt }),
    },
  };
  const reason = provenAt === undefined ? 'DeathNotProven' : 'DeathProven';
  return {
    kind: 'record',
    record: idleRecord,
    closes: answeredBy(record.rotationId, seen.requests),
    history: [{ kind: 'RotationCompleted', reason, ...record.superseded }],
  };
}

// The rules of the last phase: the superseded key is regenerated, and its death is proven if possible.
import type { Policy, RequestClosing, RetiringRecord, RotationRecord } from '../model.ts';
import { CLOSINGS_PER_WRITE } from '../ports.ts';
import { placesOf } from '../working-place.ts';
import { answeredBy, isSupersededGone, repeat } from './regenerate.ts';
import { backOff, closing, type Followed, isLive, probe, verdictOn, wait } from './situation.ts';
import type { Step } from './step.ts';

export function retiring(followed: Followed<RetiringRecord>): Step {
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
        // A version that holds another value proves nothing, however often it is read.
        if (seen.supersededVersion === 'enabled') return complete(followed, undefined);
        return { kind: 'readSupersededVersion', version: record.superseded.version };
      }
      return confirm(followed);
  }
}

/**
 * Proves that the superseded value is dead. Each node of the gateway answers only for itself, and learns of a change in
 * its own time. So the value must be rejected several times in a row, each on a connection of its own. It must be
 * rejected again when `confirmOverMs` has passed, and the published value must be accepted. After an acceptance the
 * time begins again, and is at least as long as the node was seen to lag.
 */
function confirm(followed: Followed<RetiringRecord>): Step {
  const { seen, policy, now, record, published } = followed;
  const { version, fingerprint } = record.superseded;
  const publishedVerdict = verdictOn(seen, published.fingerprint);
  if (publishedVerdict === undefined) return probe(published.fingerprint);
  const count = seen.verdicts.get(fingerprint);
  if (count === undefined) return probe(fingerprint);
  if (count.verdict === 'rejected' && publishedVerdict === 'accepted') {
    if (count.inARow < policy.confirmProbes) return probe(fingerprint);
    if (record.rejectedSince === undefined) return noted({ ...record, rejectedSince: now });
    const provenAt = record.rejectedSince + spreadOf(record, policy);
    // Probes in between as well: not every probe reaches the node that lags.
    const nextAt = now + Math.max(policy.confirmOverMs / 2, policy.backOffMinimumMs);
    if (now < provenAt) return wait('ConfirmationTimeNotOver', Math.min(provenAt, nextAt));
    const { announced } = seen;
    const isFreeToDisable =
      announced.state === 'read' && announced.referencedVersion !== version && published.version !== version;
    return isFreeToDisable ? { kind: 'disable', version } : complete(followed, now);
  }
  const beganAt = beginOf(record);
  if (now >= beganAt + policy.confirmForMs) return complete(followed, undefined);
  const isNews =
    record.rejectedSince !== undefined ||
    now - (record.acceptedAt ?? Number.NEGATIVE_INFINITY) >= policy.backOffMinimumMs;
  if (count.verdict === 'accepted' && isNews) return noted({ ...record, rejectedSince: undefined, acceptedAt: now });
  const until = backOff(policy, now, beganAt);
  if (count.verdict === 'accepted') return wait('SupersededKeyStillAccepted', until);
  return wait('ConfirmationInconclusive', until, `superseded ${count.verdict}, published ${publishedVerdict}`);
}

const beginOf = ({ attemptAt, enteredAt }: RetiringRecord): number => attemptAt ?? enteredAt;

/** For how long the value must be rejected: at least as long as a node was seen to lag. */
function spreadOf(record: RetiringRecord, policy: Policy): number {
  const lagMs = record.acceptedAt === undefined ? 0 : record.acceptedAt - beginOf(record);
  return Math.max(policy.confirmOverMs, lagMs);
}

/** Writes only the results of probes. */
function noted(record: RetiringRecord): Step {
  return { kind: 'record', record, closes: [], history: [] };
}

function complete(followed: Followed<RetiringRecord>, provenAt: number | undefined): Step {
  const { seen, policy, now, record } = followed;
  const idleRecord: RotationRecord = {
    phase: 'idle',
    rotationId: record.rotationId,
    published: record.published,
    ...placesOf(record),
    rotatedAt: now,
    standby: followed.standby,
    jitterMs: policy.jitterMs,
    last: {
      rotationId: record.rotationId,
      outcome: record.rolledBack ? 'rolledBack' : 'completed',
      ...(provenAt === undefined ? {} : { provenAt }),
    },
  };
  const reason = provenAt === undefined ? 'DeathNotProven' : 'DeathProven';
  const ended = closesOf(followed, provenAt);
  return {
    kind: 'record',
    record: idleRecord,
    closes: [...ended, ...answeredBy(record.rotationId, seen.requests)],
    history: [
      { kind: 'RotationCompleted', reason, ...record.superseded },
      ...ended.map(({ id, outcome }) => ({
        kind: 'RequestClosed' as const,
        requestId: id,
        reason: outcome,
        fingerprint: record.superseded.fingerprint,
      })),
    ],
  };
}

/** Ends the requests that wait for the proof of this value's death. */
function closesOf({ seen, record }: Followed<RetiringRecord>, provenAt: number | undefined): RequestClosing[] {
  const { rotationId, superseded } = record;
  // A live key is not dead, even if it was noted as replaced.
  if (isLive(seen, superseded.fingerprint)) return [];
  return seen.requests
    .filter(({ kind, fingerprint }) => kind === 'compromised' && fingerprint === superseded.fingerprint)
    .filter(({ replacedAt }) => replacedAt !== undefined)
    .slice(0, CLOSINGS_PER_WRITE / 2)
    .map(({ id }) => closing(id, provenAt === undefined ? 'KeyReplaced' : 'KeyIsDead', rotationId));
}

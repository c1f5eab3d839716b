// The rules for a leaked key: which value a request means, what may be done while Key Vault cannot be used, and by which
// key a leaked published key is replaced. An emergency waits for nothing that it does not need (ADR 0016).

import type { HistoryDraft } from '../history.ts';
import type {
  Fingerprint,
  Observation,
  Policy,
  Request,
  RequestClosing,
  RequestMark,
  RotationRecord,
  Slot,
} from '../model.ts';
import { CLOSINGS_PER_WRITE } from '../ports.ts';
import { decidePhase } from './decide-phase.ts';
import {
  block,
  closing,
  emergenciesOf,
  type Followed,
  isLive,
  isTooOldToBegin,
  situationOf,
  wait,
} from './situation.ts';
import type { Step } from './step.ts';

// ---- Which value is meant

/**
 * Writes down which value a request means that names a slot or the published key. Until then nothing is done about it,
 * so a name never comes to mean the successor of the leaked key.
 */
function nameRule(seen: Observation): Step | undefined {
  if (seen.record.state !== 'present') return undefined;
  const { record } = seen.record;
  const marks = seen.requests
    .filter((request) => request.kind === 'compromised' && request.fingerprint === undefined)
    .flatMap((request): RequestMark[] => {
      const fingerprint = valueMeant(seen, record, request);
      return fingerprint === undefined ? [] : [{ id: request.id, fingerprint }];
    })
    .slice(0, CLOSINGS_PER_WRITE);
  return marks.length === 0 ? undefined : { kind: 'record', record, closes: [], marks, history: [] };
}

/** Key Vault states the time of a version in whole seconds. */
const SECOND_MS = 1_000;

/**
 * The value that the name meant when the request was stored. What was regenerated since is recorded; a version that is
 * younger than the request was not the one that an operator called published. Undefined where that cannot be told.
 */
function valueMeant(seen: Observation, record: RotationRecord, request: Request): Fingerprint | undefined {
  const { named, at, accepts } = request;
  if (named === 'key1' || named === 'key2') {
    if (record.phase === 'preparing' && named !== record.published.slot && record.attemptAt >= at) return record.before;
    const isRetired = record.phase === 'retiring' && named === record.superseded.slot && (record.attemptAt ?? 0) >= at;
    return isRetired ? record.superseded.fingerprint : seen.keys[named];
  }
  const { published } = seen;
  if (published.state === 'unknown') {
    // At rest nothing of ours can have been published since the record was written.
    return accepts === 'outage' && record.phase === 'idle' ? record.published.fingerprint : undefined;
  }
  if (published.state !== 'live' && published.state !== 'dead') return record.published.fingerprint;
  if (published.createdAt === undefined || published.createdAt + SECOND_MS <= at) {
    return published.fingerprint;
  }
  if (published.version !== record.published.version) return record.published.fingerprint;
  return 'superseded' in record ? record.superseded.fingerprint : published.fingerprint;
}

// ---- Values that are keys no longer

/**
 * What is noted of requests about leaked keys: which value is meant, and that it is a key no longer. It changes only rows of
 * our own, so it waits neither for Key Vault nor for a person.
 */
export function noteRule(seen: Observation, now: number): Step | undefined {
  if (seen.record.state !== 'present') return undefined;
  return nameRule(seen) ?? replacedRule(seen, seen.record.record, now);
}

/**
 * Requests whose value is a key no longer. One whose value is the superseded one stays open for the proof of its death;
 * the value of any other is kept nowhere, so that it can be asked about no more.
 */
function replacedRule(seen: Observation, record: RotationRecord, now: number): Step | undefined {
  const provable = 'superseded' in record ? record.superseded.fingerprint : undefined;
  const marks: RequestMark[] = [];
  const closes: RequestClosing[] = [];
  const history: HistoryDraft[] = [];
  for (const { id, kind, fingerprint, replacedAt } of seen.requests) {
    if (kind !== 'compromised' || fingerprint === undefined || isLive(seen, fingerprint)) continue;
    if (marks.length + closes.length === CLOSINGS_PER_WRITE) break;
    if (fingerprint !== provable) {
      closes.push(closing(id, 'KeyReplaced', record.rotationId));
      history.push({ kind: 'RequestClosed', requestId: id, reason: 'KeyReplaced', fingerprint });
    } else if (replacedAt === undefined) {
      marks.push({ id, replacedAt: now });
      history.push({ kind: 'KeyReplaced', requestId: id, fingerprint });
    }
  }
  if (marks.length + closes.length === 0) return undefined;
  return { kind: 'record', record, closes, ...(marks.length === 0 ? {} : { marks }), history };
}

// ---- Without Key Vault

/**
 * What may be done while Key Vault cannot be read. Where nothing can have been published since the record was written, its
 * word is enough to regenerate the other key if that one leaked. Anything else takes an operator's word.
 */
export function withoutSecret(seen: Observation, policy: Policy, now: number): Step {
  const note = noteRule(seen, now);
  if (note !== undefined) return note;
  const isUnnamed = seen.requests.some(({ kind, fingerprint }) => kind === 'compromised' && fingerprint === undefined);
  const detail = isUnnamed ? 'name the leaked key as key1 or key2: which one is published cannot be read' : undefined;
  const blocked = block('SecretUnreachable', now + policy.backOffMinimumMs, detail);
  if (seen.record.state !== 'present') return blocked;
  const { record } = seen.record;
  const sacrifice = sacrificeRule(seen, policy, now);
  if (seen.keys[record.published.slot] !== record.published.fingerprint) return sacrifice ?? blocked;
  const followed: Followed = { ...situationOf(seen, record.published, policy, now), record };
  const step = decidePhase(followed);
  const isForLeaked =
    step.kind === 'regenerate' && followed.leaked.has(step.fingerprint) && isRecordConclusive(record, followed.standby);
  if (isForLeaked || step.kind === 'record') return step;
  const reason = step.kind === 'wait' ? step.reason : undefined;
  if (reason === 'RequestTooOld') return step;
  if (reason !== 'SettleTimeNotOver') return sacrifice ?? blocked;
  // A regenerate under way holds up the next one of its own slot only.
  return followed.leaked.has(followed.standby) ? step : (sacrifice ?? step);
}

/**
 * Whether the record says for certain which key is published. From the moment when there is a new key, a publish whose answer
 * was lost may have happened; in an overlap a roll back may.
 */
export function isRecordConclusive(record: RotationRecord, standby: Fingerprint): boolean {
  return record.phase === 'idle' || (record.phase === 'preparing' && record.before === standby);
}

/** Whether an operator has said of a leaked key that the leak is worse than an outage. */
export function isOutageAccepted({ requests }: Observation): boolean {
  return requests.some(
    ({ kind, accepts, replacedAt }) => kind === 'compromised' && accepts === 'outage' && replacedAt === undefined,
  );
}

/** What an operator's word allows where a person must look first: nothing else is written there. */
export function rescueRule(seen: Observation, policy: Policy, now: number): Step | undefined {
  return isOutageAccepted(seen) ? (noteRule(seen, now) ?? sacrificeRule(seen, policy, now)) : undefined;
}

/**
 * Regenerates a leaked key whether it is published or not, where an operator has said that the leak is worse than an
 * outage and nothing can be published in its place.
 */
export function sacrificeRule(seen: Observation, policy: Policy, now: number): Step | undefined {
  if (seen.record.state !== 'present') return undefined;
  const { phase, sacrifice } = seen.record.record;
  const mayBegin = (request: Request): boolean => phase !== 'idle' || !isTooOldToBegin(request, now);
  const request = emergenciesOf(seen).find((entry) => entry.accepts === 'outage' && mayBegin(entry));
  if (request === undefined) return undefined;
  const { fingerprint } = request;
  const slot: Slot = seen.keys.key1 === fingerprint ? 'key1' : 'key2';
  if (sacrifice?.before === fingerprint && now < sacrifice.attemptAt + policy.settleMs) {
    return wait('SettleTimeNotOver', sacrifice.attemptAt + policy.settleMs);
  }
  const history: readonly HistoryDraft[] = [
    {
      kind: 'KeySacrificed',
      slot,
      fingerprint,
      requestId: request.id,
      by: request.by,
      reason: request.reason,
    },
  ];
  return { kind: 'sacrifice', slot, fingerprint, requestId: request.id, history };
}

// The rules for a leaked key: which value a request means, and what may be done while Key Vault cannot be used. The
// replacement of a leaked key is in `successor.ts`. An emergency waits for nothing that it does not need (ADR 0016).

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
 * Stores which value a request means that names a slot or the published key. Until then the request has no effect, so a
 * name never comes to mean the successor of the leaked key.
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
 * The value that the name meant when the request was stored. The record shows a regenerate since then. A version
 * younger than the request is not the version that the operator called published. Undefined if it is not known.
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
    // At rest the service cannot have published since the record was written.
    return accepts === 'outage' && record.phase === 'idle' ? record.published.fingerprint : undefined;
  }
  if (published.state !== 'live' && published.state !== 'dead') return record.published.fingerprint;
  if (published.createdAt === undefined || published.createdAt + SECOND_MS <= at) {
    return published.fingerprint;
  }
  if (published.version !== record.published.version) return record.published.fingerprint;
  return 'superseded' in record ? record.superseded.fingerprint : published.fingerprint;
}

// ---- Values that are no longer keys

/**
 * Notes for requests about leaked keys which value is meant, and that it is no longer a key. Only our own rows change,
 * so this waits neither for Key Vault nor for a person.
 */
export function noteRule(seen: Observation, now: number): Step | undefined {
  if (seen.record.state !== 'present') return undefined;
  return nameRule(seen) ?? replacedRule(seen, seen.record.record, now);
}

/**
 * Notes that the value of a request is no longer a key. A request about the superseded value stays open for the proof
 * of its death. Any other value is stored nowhere and cannot be probed any more, so its request is closed.
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
 * The step while Key Vault cannot be read (`cause`). If the other key leaked, the record is enough to regenerate it, as
 * long as nothing can have been published since it was written. Anything else needs an operator's word.
 */
export function withoutSecret(seen: Observation, policy: Policy, now: number, cause: string | undefined): Step {
  const note = noteRule(seen, now);
  if (note !== undefined) return note;
  const isUnnamed = seen.requests.some(({ kind, fingerprint }) => kind === 'compromised' && fingerprint === undefined);
  const remedy = isUnnamed ? ['name the leaked key as key1 or key2: which one is published cannot be read'] : [];
  const details = [...remedy, ...(cause === undefined ? [] : [cause])];
  const detail = details.length === 0 ? undefined : details.join('; ');
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
  // A regenerate under way holds up only the next one of its own slot.
  return followed.leaked.has(followed.standby) ? step : (sacrifice ?? step);
}

/**
 * Whether the record says for certain which key is published. Once there is a new key, a publish whose answer was lost
 * may have happened; in an overlap, a roll back may have.
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

/** The steps that an operator's word allows although a person must look first; nothing else is written then. */
export function rescueRule(seen: Observation, policy: Policy, now: number): Step | undefined {
  return isOutageAccepted(seen) ? (noteRule(seen, now) ?? sacrificeRule(seen, policy, now)) : undefined;
}

/**
 * Regenerates a leaked key, published or not. Only if an operator has said that the leak is worse than an outage, and
 * no key can be published in its place.
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

// The shared parts of every regenerate: its guard, its repetition, and the requests that it answers.
import type {
  Policy,
  PreparingRecord,
  PropagatingRecord,
  Request,
  RequestClosing,
  RetiringRecord,
  RotationId,
} from '../model.ts';
import { CLOSINGS_PER_WRITE } from '../ports.ts';
import { block, type Followed, isTaken, openRequest, probe, verdictOn } from './situation.ts';
import type { Step } from './step.ts';

/** Whether an answer to the last regenerate of the superseded slot may still be under way. */
export function isRetireInFlight(record: RetiringRecord, policy: Policy, now: number): boolean {
  return record.attemptAt !== undefined && now < record.attemptAt + policy.settleMs;
}

export function isSupersededGone({ seen }: Followed, record: RetiringRecord | PropagatingRecord): boolean {
  return seen.keys[record.superseded.slot] !== record.superseded.fingerprint;
}

/** The guard of every regenerate: never the published slot, and only while the published value is accepted. */
export function regenerate(
  followed: Followed,
  step: Omit<Step & { kind: 'regenerate' }, 'kind' | 'slot' | 'fingerprint'>,
): Step {
  const { seen, policy, now, leaked, published, standbySlot, standby } = followed;
  if (leaked.size === 0) {
    const verdict = verdictOn(seen, published.fingerprint);
    if (verdict === undefined) return probe(published.fingerprint);
    if (!isTaken(verdict)) return block('PublishedKeyNotAccepted', now + policy.backOffMinimumMs, verdict);
  }
  return { kind: 'regenerate', slot: standbySlot, fingerprint: standby, ...step };
}

/** Repeats a regenerate: bounded, unless a leaked value is live. An open rotate request allows another round. */
export function repeat(followed: Followed, record: PreparingRecord | RetiringRecord): Step {
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

/**
 * The rotate requests that this rotation answers: those that began it, and those stored while it was under way. Left
 * open, they would begin a second rotation right after it, and cut off applications that still use the first key.
 */
export function answeredBy(rotationId: RotationId, requests: readonly Request[]): RequestClosing[] {
  return requests
    .filter((request) => request.kind === 'rotate')
    .slice(0, CLOSINGS_PER_WRITE / 2)
    .map(({ id }) => ({ id, outcome: 'RotationStarted', rotationId }));
}

// Runs `decide` on any observation and policy, and names what the properties ask about.
// It must not compute what they expect: that is for the tests to say.
import fc from 'fast-check';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Step } from '../../src/rotation/decide/step.ts';
import type { Fingerprint, Observation, Policy, RotationRecord } from '../../src/rotation/model.ts';
import type { KeyVerdict } from '../../src/rotation/verdict.ts';
import { anyObservation, anyPolicy } from './arbitrary.ts';
import { NOW } from './given.ts';

/** The seed is fixed, so that a red run is red again; fast-check prints seed and path of what it found. */
const RUNS = { numRuns: 3_000, seed: 20_261_124 };

export function always(holds: (step: Step, seen: Observation, policy: Policy) => void): void {
  fc.assert(
    fc.property(anyObservation, anyPolicy, (seen, policy) => holds(decide(seen, policy, NOW), seen, policy)),
    RUNS,
  );
}

export function recordOf({ record }: Observation): RotationRecord | undefined {
  return record.state === 'present' ? record.record : undefined;
}

export function verdictOf(seen: Observation, fingerprint: Fingerprint): KeyVerdict | undefined {
  return seen.verdicts.get(fingerprint)?.verdict;
}

/** The record that the step writes, if it writes one. */
export function written(step: Step): Omit<RotationRecord, 'attemptAt'> | undefined {
  if (step.kind === 'record') return step.record;
  return step.kind === 'regenerate' ? step.intent : undefined;
}

/** Whether the step only notes something on requests about leaked keys, in rows of our own. */
export function isNote(step: Step, seen: Observation): boolean {
  if (step.kind !== 'record' || step.record !== recordOf(seen)) return false;
  const ids = [...(step.marks ?? []), ...step.closes].map(({ id }) => id);
  return seen.requests.filter(({ id }) => ids.includes(id)).every(({ kind }) => kind === 'compromised');
}

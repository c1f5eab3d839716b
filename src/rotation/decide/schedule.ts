// When the next rotation is due, and when an overlap ends. Pure arithmetic on the record, policy and time.
// It must not look at keys or verdicts: `decide-phase.ts` decides whether a due step may happen.
import type { Acknowledgement, IdleRecord, Policy, PropagatingRecord, Request, RotationRecord } from '../model.ts';

/** When the next rotation of an account at rest is due. */
export function dueAt(record: IdleRecord, policy: Policy): number {
  return record.rotatedAt + policy.rotationIntervalMs + record.jitterMs;
}

/** When the phase began; for preparing, when its last regenerate was tried: only that is recorded. */
export function phaseSince(record: RotationRecord): number {
  switch (record.phase) {
    case 'idle':
      return record.rotatedAt;
    case 'preparing':
      return record.attemptAt;
    case 'propagating':
      return record.since;
    case 'retiring':
      return record.enteredAt;
  }
}

/**
 * Whether an account is overdue: the maximum overlap has passed since its next action was expected. A closed window
 * counts from its opening. No other hold (a pause, a freeze, a fault) is an excuse: an operator should look.
 */
export function isOverdueAt(record: RotationRecord, policy: Policy, now: number): boolean {
  const expectedAt = expectedActionAt(record, policy);
  // Finding the next opening is expensive; compare first. Few accounts come that far.
  if (now <= expectedAt + policy.overlapMaximumMs) return false;
  return now > openFrom(policy, expectedAt) + policy.overlapMaximumMs;
}

/** The latest expected time of the account's next action, if every window were open. */
function expectedActionAt(record: RotationRecord, policy: Policy): number {
  switch (record.phase) {
    case 'idle':
      return dueAt(record, policy);
    case 'preparing':
      return record.attemptAt + policy.activationPatienceMs;
    case 'propagating':
      return record.since + policy.overlapMaximumMs;
    case 'retiring':
      return record.enteredAt + policy.confirmForMs;
  }
}

/** The first instant from `instant` on at which the account may be acted on. */
function openFrom(policy: Policy, instant: number): number {
  const window = policy.windowAt?.(instant) ?? { isOpen: true };
  return window.isOpen ? instant : (window.opensAt ?? instant);
}

export type Overlap =
  | { readonly state: 'over' }
  | { readonly state: 'notOver'; readonly until: number }
  | { readonly state: 'held'; readonly missing: readonly string[] };

/** Consumers that have not acknowledged any version published since the superseded one. */
export function missingConsumers(
  record: Pick<PropagatingRecord, 'versions'>,
  policy: Policy,
  acknowledgements: readonly Acknowledgement[],
): readonly string[] {
  return policy.consumers.filter(
    (consumer) =>
      !acknowledgements.some((entry) => entry.consumer === consumer && record.versions.includes(entry.version)),
  );
}

/** Whether the overlap of a propagating account is over. No required consumer means the maximum, never "all". */
export function overlapOf(
  record: PropagatingRecord,
  policy: Policy,
  acknowledgements: readonly Acknowledgement[],
  compromised: readonly Request[],
  now: number,
): Overlap {
  if (compromised.length > 0) {
    const until = record.since + Math.min(...compromised.map((request) => request.overlapMs ?? 0));
    return now >= until ? { state: 'over' } : { state: 'notOver', until };
  }
  const missing = missingConsumers(record, policy, acknowledgements);
  const areAllAcknowledged = policy.consumers.length > 0 && missing.length === 0;
  const minimumEndsAt = record.since + policy.overlapMinimumMs;
  const maximumEndsAt = record.since + policy.overlapMaximumMs;
  if (areAllAcknowledged) return now >= minimumEndsAt ? { state: 'over' } : { state: 'notOver', until: minimumEndsAt };
  if (now < maximumEndsAt) {
    const isAcknowledgementUseful = policy.consumers.length > 0 && now < minimumEndsAt;
    return { state: 'notOver', until: isAcknowledgementUseful ? minimumEndsAt : maximumEndsAt };
  }
  return missing.length > 0 && policy.onMissing === 'hold' ? { state: 'held', missing } : { state: 'over' };
}

/** When the value published now is expected to be replaced: for the expiry of its secret version. */
export function expectedReplacementAt(record: RotationRecord | undefined, policy: Policy, now: number): number {
  const from = record?.phase === 'idle' ? Math.max(record.rotatedAt, now) : now;
  return openFrom(policy, from + policy.rotationIntervalMs + policy.jitterMs) + policy.overlapMaximumMs;
}

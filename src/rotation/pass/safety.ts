// Invariants that are cheap to assert at the moment of an effect. Each repeats the rule that decided the effect. A
// failed assertion is a bug of ours: nothing is sent, the pass stops, and an operator is paged.
// It must not decide what to do instead.

import { emergenciesOf, isEmergency, isTaken, leakedValues } from '../decide/situation.ts';
import type { Step } from '../decide/step.ts';
import { UnsafeStepError } from '../errors.ts';
import type { Account, Observation, RotationRecord } from '../model.ts';
import type { Lease } from '../ports.ts';
import type { PublishReason } from '../reasons.ts';

/** The published key is never regenerated, for any reason. */
export function assertSafeToRegenerate(seen: Observation, step: Step & { kind: 'regenerate' }): void {
  const { published } = seen;
  if (seen.keys[step.slot] !== step.fingerprint)
    throw new UnsafeStepError(`Refused to regenerate ${step.slot}: it holds another key than decided.`);
  const isReadAtFormer = seen.former?.state === 'kept' && seen.former.fingerprint === step.fingerprint;
  if (isReadAtFormer) throw new UnsafeStepError(`Refused to regenerate ${step.slot}: the former place still names it.`);
  const isLeaked = leakedValues(seen).has(step.fingerprint);
  // Key Vault cannot be read: the record is enough for a leaked key, and for no other key.
  if (published.state === 'unknown' && isLeaked && seen.record.state === 'present') {
    const { record } = seen.record;
    const recorded = record.published;
    const isCertain = record.phase === 'idle' || (record.phase === 'preparing' && record.before === step.fingerprint);
    if (!isCertain || recorded.slot === step.slot || seen.keys[recorded.slot] !== recorded.fingerprint) {
      throw new UnsafeStepError(`Refused to regenerate ${step.slot}: the record names it as published.`);
    }
    return;
  }
  if (published.state !== 'live')
    throw new UnsafeStepError('Refused to regenerate a key while no live key is published.');
  if (published.slot === step.slot || seen.keys[step.slot] === published.fingerprint) {
    throw new UnsafeStepError(`Refused to regenerate ${step.slot}: it holds the published key.`);
  }
  const isEmergency = leakedValues(seen).size > 0;
  if (!isEmergency && !isTaken(seen.verdicts.get(published.fingerprint)?.verdict)) {
    throw new UnsafeStepError(`Refused to regenerate ${step.slot}: the published key was not accepted in this pass.`);
  }
}

/** The only exception: a leaked key may die although it is published, if an operator has accepted the outage. */
export function assertSafeToSacrifice(seen: Observation, step: Step & { kind: 'sacrifice' }): RotationRecord {
  const isAccepted = emergenciesOf(seen).some(
    ({ id, fingerprint, accepts }) => id === step.requestId && fingerprint === step.fingerprint && accepts === 'outage',
  );
  // If both keys are equal, the published value stays live in the other slot.
  const isPublishable = seen.published.state === 'live' && seen.keys.key1 !== seen.keys.key2;
  if (!isAccepted || seen.keys[step.slot] !== step.fingerprint || isPublishable) {
    throw new UnsafeStepError(`Refused to sacrifice ${step.slot}: no operator has accepted an outage for this key.`);
  }
  if (seen.record.state !== 'present') throw new UnsafeStepError('Refused to sacrifice a key without a record.');
  return seen.record.record;
}

const REPAIRS: readonly PublishReason[] = ['PublishedKeyDrifted', 'SecretMissing', 'PlaceChanged'];

/** A former place gets the key that is published, and only over content of our own. */
export function assertSafeToPublishFormer(seen: Observation, step: Step & { kind: 'publish' }): void {
  const { published, former } = seen;
  const isPublished = published.state === 'live' && published.fingerprint === step.fingerprint;
  if (!isPublished || seen.keys[step.slot] !== step.fingerprint || former?.state !== 'kept') {
    throw new UnsafeStepError('Refused to write another value than the published key to the former place.');
  }
}

/**
 * The value is the live key of its slot. Only repairs and emergencies may publish a value that was not just accepted.
 */
export function assertSafeToPublish(seen: Observation, step: Step & { kind: 'publish' }): void {
  if (seen.keys[step.slot] !== step.fingerprint)
    throw new UnsafeStepError('Refused to publish a value that is not the live key of its slot.');
  if (['foreign', 'disabled', 'unknown'].includes(seen.published.state)) {
    throw new UnsafeStepError('Refused to overwrite a secret that is disabled, not recognised, or could not be read.');
  }
  if (REPAIRS.includes(step.reason)) return;
  const verdict = seen.verdicts.get(step.fingerprint)?.verdict;
  if (verdict !== undefined && isEmergency(seen) && mayDoWithoutVerdict(step)) return;
  if (!isTaken(verdict)) {
    throw new UnsafeStepError('Refused to publish a value that was not accepted in this pass.');
  }
}

/** An adoption in an emergency, and the key that replaces a leaked key. */
function mayDoWithoutVerdict({ reason }: Step & { kind: 'publish' }): boolean {
  return reason === 'EmergencyWithoutVerdict' || reason === 'AccountAdopted';
}

export function assertSafeToDisable(seen: Observation, step: Step & { kind: 'disable' }): void {
  const { published, announced } = seen;
  const isNewest = published.state !== 'live' || published.version === step.version;
  const isReferenced = announced.state !== 'read' || announced.referencedVersion === step.version;
  if (isNewest || isReferenced) throw new UnsafeStepError('Refused to disable a version that is newest or referenced.');
}

/** An effect must be over, or refused, before another pass can hold the lease. */
export function hasTimeForOneCall(account: Account, lease: Lease, now: number): boolean {
  const { callDeadlineMs, clockSkewMs } = account.policy;
  return now + callDeadlineMs + clockSkewMs <= lease.expiresAt;
}

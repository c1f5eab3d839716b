// One pass over one account: observe, decide, execute, and again, until only a wait is left, a call has failed, or the
// budget is spent. The trigger (timer, HTTP, event) has decided nothing.
// It must not branch on how a call failed: a failure ends the pass, its class sets only the delay and the alert.
import { decide } from '../decide/decide.ts';
import { phaseSince } from '../decide/schedule.ts';
import { emergenciesOf, GONE_FOR_GOOD_MS, isEmergency, left } from '../decide/situation.ts';
import type { ActingStep, WaitStep } from '../decide/step.ts';
import { asRotationError, type RotationError } from '../errors.ts';
import type { Account, Observation, Phase, RecordRead, RotationId } from '../model.ts';
import type { Lease, ProbeResult, StoredAccount } from '../ports.ts';
import { isUrgent } from '../urgency.ts';
import { shortened, withinClock } from './clock-set-back.ts';
import { endOfPass, execute, type Pass, write } from './execute.ts';
import { interpret, look, type Sighting, unknownFormer } from './observe.ts';
import { blockHistory, failureSummary, recordWrite, retryAt, summaryOf, withLastPolicy, withPlace } from './record.ts';

/** The longest rotations take under twenty steps in one pass; more than this would be a loop. */
export const STEPS_MAXIMUM = 40;

export interface Budget {
  /** No step begins at or after this instant. */
  readonly until: number;
}

export type PassOutcome =
  | { readonly kind: 'waiting'; readonly wait: WaitStep }
  | { readonly kind: 'failed'; readonly error: RotationError; readonly retryAt: number }
  | { readonly kind: 'leaseHeld'; readonly until: number }
  | { readonly kind: 'budgetSpent' };

export interface PassReport {
  readonly outcome: PassOutcome;
  readonly steps: number;
  readonly rotationId: RotationId | undefined;
  readonly phase: Phase | undefined;
}

/** Called after each step that was carried out, for logs and traces. Carries fingerprints, never values. */
export type StepListener = (step: ActingStep, seen: Observation, probed: ProbeResult | undefined) => void;

export async function reconcile(asked: Pass, budget: Budget, onStep?: StepListener): Promise<PassReport> {
  const { ports, clock, owner } = asked;
  let { account } = asked;
  let stored: StoredAccount;
  try {
    stored = withinClock(await ports.records.read(account), account, clock.now());
  } catch (error) {
    return report(
      { kind: 'failed', error: asRotationError(error), retryAt: clock.now() + account.policy.backOffMinimumMs },
      0,
      undefined,
    );
  }
  account = withPlace(withLastPolicy(account, stored), stored);
  const pass = { ...asked, account };
  const { lease } = stored.entity;
  // The clock of another owner may be behind ours: its lease ends only when it has ended for every clock.
  if (lease !== undefined && lease.owner !== owner && clock.now() < lease.expiresAt + account.policy.clockSkewMs) {
    return leaseHeld(pass, stored, lease);
  }
  if (isOver(account, stored, clock.now())) return leave(pass, stored);
  let sighting: Sighting;
  try {
    sighting = await look(account, ports, stored);
  } catch (error) {
    return fail(pass, stored, error, 0);
  }
  return run(pass, sighting, budget, onStep);
}

/** A lease that ends later than any clock can have meant is shortened: it would hold until this clock has caught up. */
async function leaseHeld({ account, ports, clock }: Pass, stored: StoredAccount, lease: Lease): Promise<PassReport> {
  const now = clock.now();
  // Nothing is written over a record that we do not understand.
  const short = stored.record.state === 'unreadable' ? undefined : shortened(lease, account, now);
  const { expiresAt: until } = short ?? lease;
  if (short !== undefined) {
    const change = { lease: short, nextObservationAt: until };
    try {
      await ports.records.write(account, stored.etag, recordWrite(account, stored, change, now));
    } catch {
      // Another pass has written meanwhile, or a later one tries again.
    }
  }
  return report({ kind: 'leaseHeld', until }, 0, stored);
}

/** Whether nothing is left to do for an account that is configured no longer. */
function isOver({ policy: { leaves } }: Account, { record, requests, entity }: StoredAccount, now: number): boolean {
  if (leaves !== 'atRest') return leaves === 'now';
  const { lastPass } = entity;
  const isGone = lastPass?.reason === 'NotFound' && now - lastPass.since >= GONE_FOR_GOOD_MS;
  const isAtRest = record.state !== 'present' || record.record.phase === 'idle';
  const isLetGo = lastPass?.reason === 'NotConfigured' && lastPass.since >= (phaseSinceOf(record) ?? 0);
  return isGone || ((isAtRest || isLetGo) && !requests.some(isUrgent));
}

function phaseSinceOf(read: RecordRead): number | undefined {
  return read.state === 'present' ? phaseSince(read.record) : undefined;
}

/** Notes that the account has left, without a call besides. An unreadable record stays as it is. */
async function leave(pass: Pass, stored: StoredAccount): Promise<PassReport> {
  const now = pass.clock.now();
  const wait = left(now);
  const outcome = { kind: 'waiting', wait } as const;
  if (stored.record.state === 'unreadable') return report(outcome, 0, stored);
  const lastPass = summaryOf(stored.entity.lastPass, wait, now);
  const history = blockHistory(stored.entity.lastPass, wait);
  const change = { lease: undefined, nextObservationAt: wait.until, lastPass, history };
  try {
    await pass.ports.records.write(pass.account, stored.etag, recordWrite(pass.account, stored, change, now));
  } catch (error) {
    return report({ kind: 'failed', error: asRotationError(error), retryAt: now }, 0, stored);
  }
  return report(outcome, 0, stored);
}

async function run(pass: Pass, first: Sighting, budget: Budget, onStep: StepListener | undefined): Promise<PassReport> {
  const { account, clock } = pass;
  let sighting = first;
  // The stored account as far as this pass knows it: a step may write before it fails.
  let { stored } = first;
  const acting: Pass = {
    ...pass,
    onWritten: (written) => {
      stored = written;
    },
  };
  for (let steps = 0; steps < STEPS_MAXIMUM; steps++) {
    const now = clock.now();
    const seen = interpret(account, sighting);
    const step = decide(seen, account.policy, now);
    if (step.kind === 'wait') return end(pass, sighting, step, steps, now);
    if (now >= budget.until || isEmergencyOver(first.stored, seen, step)) return release(pass, sighting, steps, now);
    try {
      const executed = await execute(acting, sighting, step);
      sighting = executed.sighting;
      onStep?.(step, seen, executed.probed);
      if (executed.ended !== undefined)
        return report({ kind: 'waiting', wait: executed.ended }, steps + 1, sighting.stored);
    } catch (error) {
      const without = goOnWithout(step, seen, asRotationError(error), { ...sighting, stored });
      if (without === undefined) return fail(pass, stored, error, steps);
      sighting = without;
    }
  }
  return release(pass, sighting, STEPS_MAXIMUM, clock.now());
}

/**
 * Whether a pass about a leaked key would go on to a routine step. A pause that was set meanwhile did not stop this
 * pass, and its account may be as it was configured long ago. So a routine step begins in a new pass.
 */
function isEmergencyOver({ requests }: StoredAccount, seen: Observation, step: ActingStep): boolean {
  const isRoutine = step.kind === 'regenerate' || step.kind === 'publish';
  return isRoutine && requests.some(isUrgent) && !isEmergency(seen);
}

/**
 * The sighting to go on with after a failed step. A leaked key must not stay alive because App Configuration refuses a
 * write, nor, on an operator's word, because Key Vault does. The content of that service is then unknown.
 */
function goOnWithout(
  step: ActingStep,
  seen: Observation,
  { service, message: cause }: RotationError,
  sighting: Sighting,
): Sighting | undefined {
  if (!isEmergency(seen)) return undefined;
  if ('at' in step && sighting.former !== undefined) {
    return { ...sighting, former: unknownFormer(sighting.former.place, cause) };
  }
  const isAnnouncement = step.kind === 'announceReference' || step.kind === 'announceFlag';
  if (isAnnouncement && service === 'appConfiguration') return { ...sighting, announcement: { cause } };
  const isOutageAccepted = emergenciesOf(seen).some(({ accepts }) => accepts === 'outage');
  const isPublish = step.kind === 'publish' && service === 'keyVault';
  return isPublish && isOutageAccepted ? { ...sighting, newest: { state: 'unknown', cause } } : undefined;
}

/** Ends a pass whose budget is spent: every call was answered, so the next pass need not wait for the lease to end. */
async function release(pass: Pass, sighting: Sighting, steps: number, now: number): Promise<PassReport> {
  const { stored } = sighting;
  const outcome = { kind: 'budgetSpent' } as const;
  if (stored.entity.lease?.owner !== pass.owner) return report(outcome, steps, stored);
  try {
    const written = await write(pass, sighting, { lease: undefined, nextObservationAt: now }, now);
    return report(outcome, steps, written.stored);
  } catch {
    // The lease ends by itself: slower, not wrong.
    return report(outcome, steps, stored);
  }
}

/** Ends a pass that waits: frees the lease and notes when to look again. */
async function end(pass: Pass, sighting: Sighting, wait: WaitStep, steps: number, now: number): Promise<PassReport> {
  const outcome = { kind: 'waiting', wait } as const;
  const { stored } = sighting;
  // For a record that we do not understand, nothing at all is written. Observe-only accounts still get a note in our
  // own table of when to look again: otherwise every tick would look at them.
  if (wait.reason === 'RecordUnreadable') return report(outcome, steps, stored);
  const history = blockHistory(stored.entity.lastPass, wait);
  try {
    const written = await write(pass, sighting, { ...endOfPass(sighting, wait, now), history }, now);
    return report(outcome, steps, written.stored);
  } catch {
    // The next pass finds the account due earlier than needed, or the lease held until it ends: slower, not wrong.
    return report(outcome, steps, stored);
  }
}

/**
 * Ends a pass in which a call failed. Its effect may still happen, so a held lease is not released: the next pass
 * begins when the lease, and with it the longest call, has ended. A call that was never sent has no effect to wait for;
 * every call before it was answered.
 */
async function fail(pass: Pass, stored: StoredAccount, thrown: unknown, steps: number): Promise<PassReport> {
  const { account, ports, clock } = pass;
  const error = asRotationError(thrown);
  const now = clock.now();
  const lastPass = failureSummary(stored.entity.lastPass, error, now);
  const nextObservationAt = retryAt(account, error, lastPass.failures, now);
  const outcome = { kind: 'failed', error, retryAt: nextObservationAt } as const;
  if (error.service === 'table' || stored.record.state === 'unreadable') {
    return report(outcome, steps, stored);
  }
  try {
    const { lease: held } = stored.entity;
    const lease = error.isUnsent && held?.owner === pass.owner ? undefined : held;
    const change = { lease, nextObservationAt, lastPass };
    await ports.records.write(account, stored.etag, recordWrite(account, stored, change, now));
  } catch {
    // The pass reports the failure itself. The note would only have saved the next pass some work.
  }
  return report(outcome, steps, stored);
}

function report(outcome: PassOutcome, steps: number, stored: StoredAccount | undefined): PassReport {
  const record = stored?.record.state === 'present' ? stored.record.record : undefined;
  return { outcome, steps, rotationId: record?.rotationId, phase: record?.phase };
}

// Carries out one step: at most one effect on the world, preceded by the record write that makes it safe.
// It must not decide. It returns the next sighting. If it throws, the effect may have happened: a new pass looks.
import { decide } from '../decide/decide.ts';
import { expectedReplacementAt } from '../decide/schedule.ts';
import { isEmergency } from '../decide/situation.ts';
import type { ActingStep, Step, WaitStep } from '../decide/step.ts';
import { RotationError, UnsafeStepError } from '../errors.ts';
import type { Account, OwnerId, PreparingRecord, Slot } from '../model.ts';
import type { Announcement, Clock, NewestSecret, Ports, ProbeResult, StoredAccount } from '../ports.ts';
import { urgencyOf } from '../urgency.ts';
import {
  type FormerRead,
  fingerprintsOf,
  formerAccount,
  hurried,
  interpret,
  type Sighting,
  withValues,
} from './observe.ts';
import { countProbe } from './probed.ts';
import { blockHistory, type Change, leaseOf, recordWrite, storedAfter, summaryOf } from './record.ts';
import {
  assertSafeToDisable,
  assertSafeToPublish,
  assertSafeToPublishFormer,
  assertSafeToRegenerate,
  assertSafeToSacrifice,
  hasTimeForOneCall,
} from './safety.ts';

/** One pass: one account, worked on by one owner. */
export interface Pass {
  readonly account: Account;
  readonly ports: Ports;
  readonly clock: Clock;
  readonly owner: OwnerId;
  /** Called after each write of the entity, even if its step fails afterwards. */
  readonly onWritten?: (stored: StoredAccount) => void;
}

export interface Executed {
  readonly sighting: Sighting;
  /** Set when the step's record write also ended the pass. */
  readonly ended?: WaitStep;
  /** For the log: how a probe was judged. */
  readonly probed?: ProbeResult;
}

export async function execute(pass: Pass, sighting: Sighting, step: ActingStep): Promise<Executed> {
  switch (step.kind) {
    case 'probe':
      return probe(pass, sighting, step);
    case 'readSupersededVersion':
      return { sighting: await readSuperseded(pass, sighting, step) };
    case 'publish':
      return { sighting: await (step.at === 'former' ? publishFormer : publish)(pass, sighting, step) };
    case 'announceReference':
    case 'announceFlag':
      return { sighting: await announce(pass, sighting, step) };
    case 'regenerate':
      return { sighting: await regenerate(pass, sighting, step) };
    case 'sacrifice':
      return { sighting: await sacrifice(pass, sighting, step) };
    case 'disable':
      return { sighting: await disable(pass, sighting, step) };
    case 'record':
      return writeRecord(pass, sighting, step);
  }
}

// ---- Reads

async function probe({ account, ports }: Pass, sighting: Sighting, step: Step & { kind: 'probe' }): Promise<Executed> {
  const value = sighting.values.get(step.fingerprint);
  if (value === undefined) throw new UnsafeStepError('Refused to probe a value that was not seen in this pass.');
  const sender = isEmergency(interpret(account, sighting)) ? hurried(account) : account;
  const result = await ports.probes.probe(sender, value);
  const known = { verdicts: sighting.verdicts, keys: fingerprintsOf(sighting.keys) };
  const { verdicts, probed } = countProbe(account.policy, known, step.fingerprint, result);
  return { sighting: { ...sighting, verdicts }, probed };
}

async function readSuperseded(
  { account, ports }: Pass,
  sighting: Sighting,
  { version }: Step & { kind: 'readSupersededVersion' },
): Promise<Sighting> {
  const read = await ports.secrets.readVersion(account, version);
  const values = read.state === 'enabled' ? withValues(sighting.values, [read.value]) : sighting.values;
  return { ...sighting, superseded: { version, read }, values };
}

// ---- Effects under the lease

async function publish(pass: Pass, before: Sighting, step: Step & { kind: 'publish' }): Promise<Sighting> {
  const { account } = pass;
  const seen = interpret(account, before);
  assertSafeToPublish(seen, step);
  // The write fails if a pause was set since the record was read; a pause does not hold an emergency.
  const sighting = isEmergency(seen) ? await holdLease(pass, before) : await renewLease(pass, before);
  return { ...sighting, newest: await writeSecret(pass, sighting, account, step.slot, sighting.newest) };
}

/** The place that the account has left gets the published key, and no other. */
async function publishFormer(pass: Pass, before: Sighting, step: Step & { kind: 'publish' }): Promise<Sighting> {
  const { account } = pass;
  const seen = interpret(account, before);
  assertSafeToPublishFormer(seen, step);
  const sighting = isEmergency(seen) ? await holdLease(pass, before) : await renewLease(pass, before);
  const { left, former } = formerOf(pass, sighting);
  const sender = isEmergency(seen) ? hurried(left) : left;
  return {
    ...sighting,
    former: { ...former, newest: await writeSecret(pass, sighting, sender, step.slot, former.newest) },
  };
}

async function writeSecret(
  { ports, clock }: Pass,
  sighting: Sighting,
  account: Account,
  slot: Slot,
  replaced: NewestSecret,
): Promise<NewestSecret> {
  const value = sighting.keys[slot];
  const record = sighting.stored.entity.record;
  const now = clock.now();
  const expiresAt = expectedReplacementAt(record, account.policy, now);
  const rotationId = record?.rotationId ?? recordlessRotationId;
  const held = replaced.state === 'enabled' ? replaced.held : undefined;
  const version = await ports.secrets.publish(account, {
    value,
    slot,
    rotationId,
    expiresAt,
    validityMs: expiresAt - now,
    ...(held === undefined ? {} : { held }),
  });
  const tags = { slot, accountId: account.id };
  return { state: 'enabled', version, value, tags, held: held ?? { tags: {} }, createdAt: now };
}

function formerOf({ account }: Pass, { stored, former }: Sighting): { left: Account; former: FormerRead } {
  const left = formerAccount(account, stored);
  if (left === undefined || former === undefined)
    throw new UnsafeStepError('Refused to write to a former place that was not read in this pass.');
  return { left, former };
}

const recordlessRotationId = 0 as PreparingRecord['rotationId'];

async function announce(
  pass: Pass,
  before: Sighting,
  step: Step & { kind: 'announceReference' | 'announceFlag' },
): Promise<Sighting> {
  const { ports } = pass;
  const sighting = await holdLease(pass, before);
  const isFormer = step.at === 'former';
  const account = isFormer ? formerOf(pass, sighting).left : pass.account;
  const announcement = isFormer ? formerOf(pass, sighting).former.announcement : sighting.announcement;
  const after = (written: Announcement): Sighting =>
    isFormer
      ? { ...sighting, former: { ...formerOf(pass, sighting).former, announcement: written } }
      : { ...sighting, announcement: written };
  if ('cause' in announcement) throw new UnsafeStepError('Refused to announce without having read App Configuration.');
  const { version } = step;
  const sender = isEmergency(interpret(pass.account, sighting)) ? hurried(account) : account;
  if (step.kind === 'announceReference') {
    const reference = await ports.announcements.writeReference(sender, version, announcement.reference);
    return after({ ...announcement, reference });
  }
  const flag = await ports.announcements.writeFlag(sender, step.slot, version, announcement.flag);
  return after({ ...announcement, flag });
}

async function disable(pass: Pass, before: Sighting, step: Step & { kind: 'disable' }): Promise<Sighting> {
  const { account, ports, clock } = pass;
  assertSafeToDisable(interpret(account, before), step);
  const sighting = await holdLease(pass, before);
  const now = clock.now();
  await ports.secrets.disable(account, step.version, now);
  const read = { state: 'disabled' as const, tags: { rejectedAt: new Date(now).toISOString() } };
  return { ...sighting, superseded: { version: step.version, read } };
}

/** Intent first, with the clock read at the write; then the one call that cannot be taken back. */
async function regenerate(pass: Pass, before: Sighting, step: Step & { kind: 'regenerate' }): Promise<Sighting> {
  assertSafeToRegenerate(interpret(pass.account, before), step);
  const { closes, history, slot, intent } = step;
  return attempt(pass, before, slot, (attemptAt) => ({ record: { ...intent, attemptAt }, closes, history }));
}

/** Regenerates the published slot on an operator's word. The phase stays: only the vault can say what follows. */
async function sacrifice(pass: Pass, before: Sighting, step: Step & { kind: 'sacrifice' }): Promise<Sighting> {
  const seen = interpret(pass.account, before);
  const record = assertSafeToSacrifice(seen, step);
  const { slot, fingerprint, history } = step;
  return attempt(pass, before, slot, (attemptAt) => ({
    record: { ...record, sacrifice: { slot, before: fingerprint, attemptAt } },
    history,
  }));
}

/** `intentAt`: the record of an attempt at that instant. */
async function attempt(
  pass: Pass,
  before: Sighting,
  slot: Slot,
  intentAt: (attemptAt: number) => Pick<Change, 'record' | 'closes' | 'history'>,
): Promise<Sighting> {
  const { account, ports, clock } = pass;
  // Before the intent: an intent whose regenerate is then not sent would cost the settling time.
  await ports.keys.admit(account, 'regenerate', urgencyOf(before.stored));
  const attemptAt = clock.now();
  const lease = leaseOf(account, pass.owner, attemptAt);
  const change = { ...intentAt(attemptAt), lease, nextObservationAt: attemptAt };
  const sighting = await write(pass, before, change, attemptAt);
  if (!hasTimeForOneCall(account, lease, clock.now())) throw leaseTooOld();
  const keys = await ports.keys.regenerate(account, slot);
  return { ...sighting, keys, values: withValues(sighting.values, [keys.key1, keys.key2]) };
}

// ---- The record

/** Writes the record; if only a wait follows, the same write releases the lease and ends the pass. */
async function writeRecord(pass: Pass, sighting: Sighting, step: Step & { kind: 'record' }): Promise<Executed> {
  const { account, clock } = pass;
  const now = clock.now();
  const { record, closes, marks, history } = step;
  const held = {
    record,
    closes,
    ...(marks === undefined ? {} : { marks }),
    history,
    lease: leaseOf(account, pass.owner, now),
    nextObservationAt: now,
  };
  const change = recordWrite(account, sighting.stored, held, now);
  const imagined = { ...sighting, stored: storedAfter(sighting.stored, change, sighting.stored.etag) };
  const next = decide(interpret(account, imagined), account.policy, now);
  if (next.kind !== 'wait') return { sighting: await write(pass, sighting, held, now) };
  const ending = {
    ...held,
    ...endOfPass(sighting, next, now),
    history: [...history, ...blockHistory(sighting.stored.entity.lastPass, next)],
  };
  return { sighting: await write(pass, sighting, ending, now), ended: next };
}

/** The fields of a write that ends a pass: lease free, when to look again, and why. */
export function endOfPass(
  sighting: Sighting,
  wait: WaitStep,
  now: number,
): Pick<Change, 'lease' | 'nextObservationAt'> & { lastPass: ReturnType<typeof summaryOf> } {
  return {
    lease: undefined,
    nextObservationAt: wait.until,
    lastPass: summaryOf(sighting.stored.entity.lastPass, wait, now),
  };
}

/** Takes the lease, or renews it if the next call might outlive it. Losing the race ends the pass. */
async function holdLease(pass: Pass, sighting: Sighting): Promise<Sighting> {
  const { account, clock, owner } = pass;
  const { lease } = sighting.stored.entity;
  const isHeld = lease?.owner === owner && hasTimeForOneCall(account, lease, clock.now());
  return isHeld ? sighting : renewLease(pass, sighting);
}

/** Takes or renews the lease by a write. It fails if anything was written since the record was read. */
async function renewLease(pass: Pass, sighting: Sighting): Promise<Sighting> {
  const { account, clock, owner } = pass;
  const now = clock.now();
  const taken = leaseOf(account, owner, now);
  const held = await write(pass, sighting, { lease: taken, nextObservationAt: now }, now);
  if (!hasTimeForOneCall(account, taken, clock.now())) throw leaseTooOld();
  return held;
}

export async function write(pass: Pass, sighting: Sighting, change: Change, now: number): Promise<Sighting> {
  const { account, ports } = pass;
  const planned = recordWrite(account, sighting.stored, change, now);
  const etag = await ports.records.write(account, sighting.stored.etag, planned);
  const stored = storedAfter(sighting.stored, planned, etag);
  pass.onWritten?.(stored);
  return { ...sighting, stored };
}

function leaseTooOld(): RotationError {
  return new RotationError({
    code: 'LostRace',
    service: 'core',
    operation: 'holdLease',
    message: 'The pass was held up for so long that its lease might end during the call; nothing was sent.',
  });
}

// Rehearses the steps that would follow if nothing failed, for a dry run: `decide` on an imagined world. Pure.
// It must not have rules of its own: it only plays the effect of each step, and lets the time of a wait pass.

import type { Fingerprint, Observation, Policy, RotationRecord, SecretVersion } from '../model.ts';
import type { WaitReason } from '../reasons.ts';
import { decide } from './decide.ts';
import { isLive } from './situation.ts';
import type { ActingStep, Step, WaitStep } from './step.ts';

export interface RehearsedStep {
  /** When it would begin, milliseconds since the epoch, if every answer came at once. */
  readonly at: number;
  readonly step: ActingStep;
}

export interface Rehearsal {
  readonly steps: readonly RehearsedStep[];
  /** The waits before the last one, with the reason. */
  readonly waits: readonly { readonly from: number; readonly until: number; readonly reason: WaitReason }[];
  /** Where it ends: at rest, blocked, or still under way after the bound. */
  readonly end: WaitStep | undefined;
  readonly endAt: number;
}

/** More than most rotations need, even with windows once a month. A longer rotation is cut off, without `end`. */
const TURNS_MAXIMUM = 400;

/** `seen`: the observation of now, with the imagined requests added to its requests. */
export function rehearse(seen: Observation, policy: Policy, now: number): Rehearsal {
  const steps: RehearsedStep[] = [];
  const waits: { from: number; until: number; reason: WaitReason }[] = [];
  let imagined = seen;
  let at = now;
  for (let turn = 0; turn < TURNS_MAXIMUM; turn++) {
    const step = decide(imagined, policy, at);
    if (step.kind !== 'wait') {
      steps.push({ at, step });
      imagined = after(imagined, step, at, turn);
      continue;
    }
    if (step.isBlocked || isFinal(step)) return { steps, waits, end: step, endAt: at };
    waits.push({ from: at, until: step.until, reason: step.reason });
    at = Math.max(step.until, at + 1);
    // A new pass looks again: the verdicts of the data plane are dropped.
    imagined = { ...imagined, verdicts: new Map() };
  }
  return { steps, waits, end: undefined, endAt: at };
}

/** Reasons that only a person, or the next interval, ends. */
function isFinal({ reason }: WaitStep): boolean {
  return reason === 'NotDue' || reason === 'Paused' || reason === 'Frozen' || reason === 'ObserveOnly';
}

function after(seen: Observation, step: ActingStep, at: number, turn: number): Observation {
  switch (step.kind) {
    case 'probe':
      return withVerdict(seen, step.fingerprint);
    case 'regenerate':
      return withRecord(
        { ...seen, keys: { ...seen.keys, [step.slot]: `imagined-key-${turn}` as Fingerprint } },
        { ...step.intent, attemptAt: at },
        step,
      );
    case 'publish': {
      if (step.at === 'former') return withFormer(seen, { fingerprint: step.fingerprint });
      const version = `imagined-version-${turn}` as SecretVersion;
      const published = { state: 'live' as const, slot: step.slot, version, fingerprint: step.fingerprint };
      return { ...seen, published, announced: withoutAnnouncement(seen) };
    }
    case 'announceReference':
      if (step.at === 'former') return withFormer(seen, { isReferenceInLine: true });
      return {
        ...seen,
        announced: { state: 'read', isReferenceInLine: true, isFlagInLine: false, referencedVersion: step.version },
      };
    case 'announceFlag':
      if (step.at === 'former') return withFormer(seen, { isFlagInLine: true });
      return {
        ...seen,
        announced: { state: 'read', isReferenceInLine: true, isFlagInLine: true, referencedVersion: step.version },
      };
    case 'sacrifice':
      return { ...seen, keys: { ...seen.keys, [step.slot]: `imagined-key-${turn}` as Fingerprint } };
    case 'readSupersededVersion':
      return { ...seen, supersededVersion: 'enabled', isSupersededValueKnown: true };
    case 'disable':
      return { ...seen, supersededVersion: 'markedRejected' };
    case 'record':
      return withRecord(seen, step.record, step);
  }
}

/** Live keys are accepted, dead ones rejected. */
function withVerdict(seen: Observation, fingerprint: Fingerprint): Observation {
  const verdict = isLive(seen, fingerprint) ? ('accepted' as const) : ('rejected' as const);
  const inARow = (seen.verdicts.get(fingerprint)?.inARow ?? 0) + 1;
  return { ...withoutWitness(seen), verdicts: new Map(seen.verdicts).set(fingerprint, { verdict, inARow }) };
}

/** No imagined answer is open. */
function withoutWitness(seen: Observation): Observation {
  const { witness, ...others } = seen;
  return witness === undefined ? seen : others;
}

function withoutAnnouncement({ announced }: Observation): Observation['announced'] {
  return announced.state === 'read' ? { ...announced, isReferenceInLine: false, isFlagInLine: false } : announced;
}

/** Without `change`: a place that the account leaves now, which is in line. */
function withFormer(seen: Observation, change: Partial<Observation['former'] & { state: 'kept' }>): Observation {
  const { former, record } = seen;
  if (former !== undefined && former.state !== 'kept') return seen;
  if (record.state !== 'present') return seen;
  const { version, fingerprint } = record.record.published;
  const inLine = { state: 'kept' as const, version, fingerprint, isReferenceInLine: true, isFlagInLine: true };
  return { ...seen, former: { ...(former ?? inLine), ...change } };
}

function withRecord(
  seen: Observation,
  record: RotationRecord,
  { closes, marks = [] }: Pick<Step & { kind: 'record' }, 'closes' | 'marks'>,
): Observation {
  const marked = new Map(marks.map((mark) => [mark.id, mark]));
  const closed = new Set(closes.map(({ id }) => id));
  const { former, ...others } = seen;
  const next: Observation = { ...others, record: { state: 'present', record } };
  const placed = record.former === undefined ? next : withFormer(former === undefined ? next : { ...next, former }, {});
  return {
    ...placed,
    requests: seen.requests
      .filter(({ id }) => !closed.has(id))
      .map((request) => ({ ...request, ...marked.get(request.id) })),
    // A pass that retires a value has seen it as a live key. Its version is read, or marked, after the last such write.
    supersededVersion: 'unread',
    isSupersededValueKnown: true,
  };
}

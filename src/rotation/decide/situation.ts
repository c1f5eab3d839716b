// Names the facts of an observation that the rules of `decide.ts` and `decide-phase.ts` use.
// It must not decide: everything here is a fact about one observation, or the plain form of one step.
//
//        since               overlap over                gone            proven
//   ------|----------------------|--------------------------|----------------|----> time
//      published = live, superseded = live      superseded ≠ live key     idle
import {
  type Fingerprint,
  type Observation,
  otherSlot,
  type Policy,
  type PublishedVersion,
  type Request,
  type RequestClosing,
  type RotationId,
  type RotationRecord,
  type Slot,
} from '../model.ts';
import { CLOSINGS_PER_WRITE } from '../ports.ts';
import type { BlockedReason, RequestOutcome, WaitReason } from '../reasons.ts';
import type { KeyVerdict } from '../verdict.ts';
import { CONFIRMED_FOR_MS } from './request.ts';
import type { Step, WaitStep } from './step.ts';

/** An observation whose published value is a live key. */
export interface Situation {
  readonly seen: Observation;
  readonly policy: Policy;
  readonly now: number;
  readonly published: PublishedVersion;
  readonly standbySlot: Slot;
  readonly standby: Fingerprint;
  /** Values named by open compromised-key requests that are still live keys. */
  readonly leaked: ReadonlySet<Fingerprint>;
}

/** A situation in which the record has followed the published version. */
export type Followed<R extends RotationRecord = RotationRecord> = Situation & { readonly record: R };

/** An open request whose leaked value is a live key. */
export type Emergency = Request & { readonly fingerprint: Fingerprint };

/** In the order in which they were read. */
export function emergenciesOf(seen: Pick<Observation, 'requests' | 'keys'>): readonly Emergency[] {
  return seen.requests.filter(
    (request): request is Emergency =>
      request.kind === 'compromised' && request.fingerprint !== undefined && isLive(seen, request.fingerprint),
  );
}

export function leakedValues(seen: Pick<Observation, 'requests' | 'keys'>): ReadonlySet<Fingerprint> {
  return new Set(emergenciesOf(seen).map(({ fingerprint }) => fingerprint));
}

/** Whether a leaked key waits to be replaced, even if the value that its request means is not known yet. */
export function isEmergency(seen: Pick<Observation, 'requests' | 'keys'>): boolean {
  const isUnnamed = ({ kind, fingerprint }: Request): boolean => kind === 'compromised' && fingerprint === undefined;
  return seen.requests.some(isUnnamed) || emergenciesOf(seen).length > 0;
}

/** Whether a request about a leaked key must be made again before anything begins for it. */
export function isTooOldToBegin({ at }: Request, now: number): boolean {
  return now >= at + CONFIRMED_FOR_MS;
}

export function situationOf(seen: Observation, published: PublishedVersion, policy: Policy, now: number): Situation {
  const standbySlot = otherSlot(published.slot);
  return { seen, policy, now, published, standbySlot, standby: seen.keys[standbySlot], leaked: leakedValues(seen) };
}

export function isLive(seen: Pick<Observation, 'keys'>, fingerprint: Fingerprint): boolean {
  return seen.keys.key1 === fingerprint || seen.keys.key2 === fingerprint;
}

/** The verdict on a value in this pass, or undefined when it has not been probed yet. */
export function verdictOn(seen: Observation, fingerprint: Fingerprint): KeyVerdict | undefined {
  return seen.verdicts.get(fingerprint)?.verdict;
}

/** Whether a key may be worked with: the data plane accepted it, or the policy takes the word of Azure Resource Manager. */
export function isTaken(verdict: KeyVerdict | undefined): boolean {
  return verdict === 'accepted' || verdict === 'listed';
}

export function openRequest(seen: Observation, kind: Request['kind']): Request | undefined {
  return seen.requests.find((request) => request.kind === kind);
}

export function closing(id: RequestClosing['id'], outcome: RequestOutcome, rotationId?: RotationId): RequestClosing {
  return { id, outcome, ...(rotationId === undefined ? {} : { rotationId }) };
}

/** Closes as many requests as one write may, and changes nothing else. */
export function closeRequests(record: RotationRecord, closes: readonly RequestClosing[]): Step {
  const portion = closes.slice(0, CLOSINGS_PER_WRITE);
  const history = portion.map(({ id, outcome }) => ({
    kind: 'RequestClosed' as const,
    requestId: id,
    reason: outcome,
  }));
  return { kind: 'record', record, closes: portion, history };
}

export function probe(fingerprint: Fingerprint): Step {
  return { kind: 'probe', fingerprint };
}

export function wait(reason: WaitReason, until: number, detail?: string): WaitStep {
  return { kind: 'wait', isBlocked: false, reason, until, ...(detail === undefined ? {} : { detail }) };
}

export function block(reason: BlockedReason, until: number, detail?: string): WaitStep {
  return { kind: 'wait', isBlocked: true, reason, until, ...(detail === undefined ? {} : { detail }) };
}

/** An account in mid-rotation that is gone for this long is let go: its keys cannot be renewed any more. */
export const GONE_FOR_GOOD_MS = 7 * 24 * 3_600_000;

/** How often to look at an account that is configured no longer: it may come back. */
const LEFT_LOOK_MS = 24 * 3_600_000;

/** The end of the work on an account that is configured no longer. */
export function left(now: number): WaitStep {
  return wait('NotConfigured', now + LEFT_LOOK_MS);
}

/** When to look again at something that began at `beganAt`: a wait as long as its age, within the policy's bounds. */
export function backOff(policy: Policy, now: number, beganAt: number): number {
  const age = Math.max(0, now - beganAt);
  return now + Math.min(Math.max(age, policy.backOffMinimumMs), policy.backOffMaximumMs);
}

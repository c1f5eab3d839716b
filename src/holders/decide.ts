// What to do next about one holder: read it, bring it, take its evidence, or wait. Pure: time is an argument.
//
//   read ──► evidence? ──► done until the next publish
//     ▲         │ no
//     │         ▼
//     └──── intent ──► effect (refresh, restart, write) ──► answered, or lost: then nothing counts until it has settled
//
// An effect counts only for the version that it was begun for, so a refresh from before a publish is no evidence.
import type { Fingerprint, SecretVersion } from '../rotation/model.ts';
import {
  type Bringing,
  EFFECTS,
  type Evidence,
  type Grade,
  type HolderContent,
  type HolderEffect,
  type HolderKind,
  type HolderState,
  type KnownHolder,
} from './model.ts';

/** What a holder should use. */
export interface Target {
  readonly version: SecretVersion;
  readonly fingerprint: Fingerprint;
  /** When the version was published, as far as it is known, milliseconds since the epoch. */
  readonly publishedAt: number;
  /** Whether it was published just now, or an overlap waits for it. At rest a new reference is left to its platform. */
  readonly isAwaited: boolean;
}

export type HolderStep =
  /** The evidence that the content gives; to be kept. */
  | { readonly kind: 'keep'; readonly evidence: Evidence }
  /** The intent, to be recorded before its effect is sent. */
  | { readonly kind: 'bring'; readonly bringing: Bringing }
  /** Nothing now. `until` is absent when only a publish or a person changes anything. */
  | { readonly kind: 'wait'; readonly until?: number };

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** An effect whose answer was lost may still happen for this long. Longer than the deadline of its call. */
export const SETTLE_MS = 2 * MINUTE_MS;
/** How long an answered effect gets to show before it is sent again. */
const SHOWS_WITHIN_MS = 5 * MINUTE_MS;
/** After so many attempts for one version, the holder is tried once every few hours. */
export const ATTEMPTS_MAXIMUM = 8;
const TIRED_MS = 6 * HOUR_MS;
/** The look at a holder that only a person can change. */
const PERSON_LOOK_MS = 24 * HOUR_MS;

/**
 * After this long the platform has fetched a reference again by itself: App Service within 24 hours, API Management
 * within four, each with an hour to spare. Absent: it never does.
 */
const INTERVAL_MS: Readonly<Partial<Record<HolderKind, number>>> = {
  appServiceReference: 25 * HOUR_MS,
  namedValue: 5 * HOUR_MS,
};

/**
 * The effects that bring a holder along that stands so to the account. Nothing is done to a value or a reference of
 * others, and a reference to one version cannot follow.
 */
export function effectsOf(kind: HolderKind, { state }: HolderState): readonly HolderEffect[] {
  switch (state) {
    case 'follows':
      return EFFECTS[kind]?.reference ?? [];
    case 'copy':
    case 'formerCopy':
      return EFFECTS[kind]?.value ?? [];
    case 'pinned':
    case 'otherValue':
    case 'unseen':
      return [];
  }
}

export function isCurrent({ evidence }: KnownHolder, { version }: Target): boolean {
  return evidence?.version === version;
}

/** The step for a holder whose content was read after its last effect was sent. */
export function decideHolder(holder: KnownHolder, content: HolderContent, target: Target, now: number): HolderStep {
  const grade = gradeOf(holder, content, target, now);
  if (grade !== undefined) return { kind: 'keep', evidence: { version: target.version, grade, at: now } };
  const effects = effectsOf(holder.kind, holder.standing);
  const [first] = effects;
  if (first === undefined) return { kind: 'wait', until: now + PERSON_LOOK_MS };
  const { bringing } = holder;
  if (bringing?.version !== target.version) {
    const fetchedAt = target.publishedAt + (INTERVAL_MS[holder.kind] ?? 0);
    // One that was seen with an earlier version was left behind: the answer of a publish was lost.
    const isAsFound = content.has === 'reference' && holder.evidence === undefined;
    const isLeft = !target.isAwaited && isAsFound && now < fetchedAt;
    return isLeft ? { kind: 'wait', until: fetchedAt } : begin(target.version, first, 1, now, bringing);
  }
  if (bringing.answeredAt === undefined) return repeatLost(bringing, now);
  const next = effects[effects.indexOf(bringing.effect) + 1];
  const isFetched =
    content.has !== 'reference' || (isFetchedSince(content, target.publishedAt) && !isOther(content, target));
  if (next !== undefined && isFetched) return begin(target.version, next, bringing.attempts, now, bringing);
  const until = bringing.answeredAt + SHOWS_WITHIN_MS * bringing.attempts;
  if (now < until) return { kind: 'wait', until: Math.min(until, now + MINUTE_MS) };
  return again(bringing, first, now);
}

function begin(
  version: SecretVersion,
  effect: HolderEffect,
  attempts: number,
  now: number,
  former: Bringing | undefined,
): HolderStep {
  const unsettledUntil = unsettledAfter(former);
  const unsettled = unsettledUntil > now ? { unsettledUntil } : {};
  return { kind: 'bring', bringing: { version, effect, attempts, attemptAt: now, ...unsettled } };
}

/** Until when a lost effect may still put its value in place of a later one. */
function unsettledAfter(bringing: Bringing | undefined): number {
  if (bringing === undefined) return 0;
  const own = bringing.answeredAt === undefined ? bringing.attemptAt + SETTLE_MS : 0;
  return Math.max(own, bringing.unsettledUntil ?? 0);
}

function repeatLost(bringing: Bringing, now: number): HolderStep {
  const settledAt = bringing.attemptAt + SETTLE_MS;
  return now < settledAt ? { kind: 'wait', until: settledAt } : again(bringing, bringing.effect, now);
}

function again(bringing: Bringing, effect: HolderEffect, now: number): HolderStep {
  const { version, attempts, attemptAt } = bringing;
  const tiredUntil = attemptAt + TIRED_MS;
  if (attempts >= ATTEMPTS_MAXIMUM && now < tiredUntil) return { kind: 'wait', until: tiredUntil };
  return begin(version, effect, Math.min(attempts + 1, ATTEMPTS_MAXIMUM), now, bringing);
}

function gradeOf(holder: KnownHolder, content: HolderContent, target: Target, now: number): Grade | undefined {
  const { bringing, kind } = holder;
  const isSettled = now >= unsettledAfter(bringing);
  if (content.has === 'unseen' || holder.standing.state === 'otherValue') return undefined;
  // A lost write may still put an older value in its place.
  if (content.has === 'value') return content.fingerprint === target.fingerprint && isSettled ? 'seen' : undefined;
  if (content.pinnedTo !== undefined)
    return content.isResolved && content.pinnedTo === target.version ? 'seen' : undefined;
  // The platform's own word counts for more than any interval.
  if (isOther(content, target)) return undefined;
  if (!isFetchedSince(content, target.publishedAt)) return undefined;
  const interval = INTERVAL_MS[kind];
  if (interval !== undefined && now >= target.publishedAt + interval) return 'elapsed';
  const last = effectsOf(kind, holder.standing).at(-1);
  const isBrought = bringing?.version === target.version && bringing.effect === last && isAnswered(bringing);
  if (!isBrought) return undefined;
  return content.activeVersion === undefined ? 'refreshed' : 'seen';
}

/** Whether the platform says that it uses another version. */
function isOther({ activeVersion }: HolderContent & { has: 'reference' }, { version }: Target): boolean {
  return activeVersion !== undefined && activeVersion !== version;
}

function isAnswered({ answeredAt }: Bringing): boolean {
  return answeredAt !== undefined;
}

/** A platform that does not say when it last fetched has answered the refresh itself. Azure states whole seconds. */
function isFetchedSince({ isResolved, resolvedAt }: HolderContent & { has: 'reference' }, at: number): boolean {
  return isResolved && (resolvedAt === undefined || resolvedAt + SECOND_MS > at);
}

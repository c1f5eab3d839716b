// How a campaign goes on: its counts, which members may start, when a ring is over, when it halts.
// It must not act or read: the caller passes members in and writes the result.
import { LOOK_WITHIN_MS } from '../../../rotation/ports.ts';
import type { Campaign, CampaignState, Member, MemberMove, MemberState, Ring } from './model.ts';

/** Time between two looks at members that only complete: that takes an overlap of hours or days. */
export const LOOK_AGAIN_MS = 15 * 60_000;

/** Instants further ahead than this are of a clock that was ahead, or this one was set back since. */
const AHEAD_MS = 60_000;

/** The campaign with no bake and no look that waits for such a clock; the same object if there is none. */
export function withinClock(campaign: Campaign, now: number): Campaign {
  const isAhead = (at: number | undefined): at is number => at !== undefined && at > now + AHEAD_MS;
  const { rings, lookedAt } = campaign;
  if (!isAhead(lookedAt) && !rings.some(({ endedAt }) => isAhead(endedAt))) return campaign;
  return {
    ...campaign,
    rings: rings.map((ring) => (isAhead(ring.endedAt) ? { ...ring, endedAt: now } : ring)),
    ...(isAhead(lookedAt) ? { lookedAt: now } : {}),
  };
}

/** The campaign with the counts that it has after these moves. */
export function applyMoves(campaign: Campaign, moves: readonly MemberMove[]): Campaign {
  const rings = campaign.rings.map((ring, index): Ring => {
    const counts: Record<MemberState, number> = { ...ring.counts };
    let { joined } = ring;
    for (const { was, now } of moves) {
      if (was?.ring === index) counts[was.state]--;
      if (now?.ring === index) counts[now.state]++;
      if (now?.ring === index && now.joined === true && was?.joined !== true) joined++;
    }
    return { ...ring, counts, joined };
  });
  return { ...campaign, rings };
}

/** The members in flight, counted per subscription and per vault. */
export interface Load {
  readonly subscriptions: Map<string, number>;
  readonly vaults: Map<string, number>;
}

export interface Candidate {
  readonly member: Member;
  /** Undefined if the account is not configured any more: the member can only fail, and loads nothing. */
  readonly vault: string | undefined;
}

export function loadOf(inFlight: readonly Candidate[]): Load {
  const load: Load = { subscriptions: new Map(), vaults: new Map() };
  for (const { member, vault } of inFlight) {
    add(load.subscriptions, member.subscription);
    if (vault !== undefined) add(load.vaults, vault);
  }
  return load;
}

/** How many members of a subscription may start now; `allowed` is how many the limits of Azure admit. */
export function roomOf({ wish }: Campaign, load: Load, subscription: string, allowed: number): number {
  const free = wish.perSubscription - (load.subscriptions.get(subscription) ?? 0);
  return Math.max(0, Math.min(free, Math.floor(allowed)));
}

/** The candidates that may start, in their order, under the caps of subscription and vault; at most `limit`. */
export function chooseStarts(
  campaign: Campaign,
  candidates: readonly Candidate[],
  inFlight: readonly Candidate[],
  allowed: (subscription: string) => number,
  limit: number,
): readonly Member[] {
  const load = loadOf(inFlight);
  const rooms = new Map<string, number>();
  const chosen: Member[] = [];
  for (const { member, vault } of candidates) {
    if (chosen.length >= limit) break;
    const { subscription } = member;
    const room = rooms.get(subscription) ?? roomOf(campaign, load, subscription, allowed(subscription));
    const isVaultFull = vault !== undefined && (load.vaults.get(vault) ?? 0) >= campaign.wish.perVault;
    if (room <= 0 || isVaultFull) continue;
    rooms.set(subscription, room - 1);
    if (vault !== undefined) add(load.vaults, vault);
    chosen.push(member);
  }
  return chosen;
}

/** Whether only the limits of Azure keep a member from starting: the caps leave room. */
export function isHeldByCloud(
  campaign: Campaign,
  candidates: readonly Candidate[],
  inFlight: readonly Candidate[],
): boolean {
  return chooseStarts(campaign, candidates, inFlight, () => Number.POSITIVE_INFINITY, 1).length > 0;
}

/** The ring whose members may start. */
export function currentRing(campaign: Campaign): Ring | undefined {
  return campaign.rings[campaign.current];
}

/** Whether to look at published members: much may go wrong in their overlap, but slowly. */
export function isPublishedLookDue({ rings, lookedAt }: Campaign, now: number): boolean {
  return rings.some(({ counts }) => counts.published > 0) && now >= (lookedAt ?? 0) + LOOK_AGAIN_MS;
}

/** Whether the current ring has ended, has baked, and waits for the second look at its members. */
export function isCheckDue(campaign: Campaign, now: number): boolean {
  const ring = currentRing(campaign);
  if (campaign.state !== 'running' || ring?.endedAt === undefined || ring.checkedAt !== undefined) return false;
  return now >= ring.endedAt + bakeOf(campaign);
}

/** Notes that the second look is over. */
export function noteCheck(campaign: Campaign, now: number): Campaign {
  return withRing(campaign, { checkedAt: now });
}

/** Halts, ends a ring, begins the next, completes, or ends an abort, as the counts require. */
export function settle(campaign: Campaign, now: number): Campaign {
  switch (campaign.state) {
    case 'running':
      return settleRing(campaign, now);
    case 'aborting':
      return inFlightOf(campaign) === 0
        ? enter(campaign, 'aborted', campaign.changed.by, now, campaign.changed.reason)
        : again(campaign, now);
    case 'creating':
    case 'paused':
    case 'halted':
      return again(campaign, now);
    case 'aborted':
    case 'completed':
      return campaign;
  }
}

function settleRing(campaign: Campaign, now: number): Campaign {
  const ring = currentRing(campaign);
  if (ring === undefined) return enter(campaign, 'completed', 'campaign', now, 'Every ring is over.');
  const objection = objectionTo(ring, campaign.wish.maxFailures);
  if (objection !== undefined) return enter(campaign, 'halted', 'campaign', now, objection);
  if (ring.total === 0 || ring.checkedAt !== undefined) {
    return settleRing({ ...campaign, current: campaign.current + 1 }, now);
  }
  const { open, inFlight, published } = ring.counts;
  if (open + inFlight + published > 0) return again(campaign, now);
  const ended = ring.endedAt === undefined ? withRing(campaign, { endedAt: now }) : campaign;
  return again(ended, now);
}

/** Why no more members may start, or undefined. A ring of failures only has shown nothing that would work elsewhere. */
function objectionTo({ name, total, counts, forgiven }: Ring, maxFailures: number): string | undefined {
  const failures = counts.failed - forgiven;
  if (failures > maxFailures) return `${failures} members of ring ${name} have failed; at most ${maxFailures} may.`;
  const isWhole = failures > 0 && counts.failed === total;
  return isWhole ? `Every member of ring ${name} has failed, ${total} in all.` : undefined;
}

/** Brings the campaign into another state, and stores who or what did it. */
export function enter(campaign: Campaign, state: CampaignState, by: string, now: number, reason: string): Campaign {
  return again({ ...campaign, state, changed: { by, at: now, reason } }, now);
}

/** Sets the instant of the next look. An instant that has passed, or comes earlier, stays: that saves a write. */
function again(campaign: Campaign, now: number): Campaign {
  const latest = now + LOOK_WITHIN_MS;
  const wanted = nextLook(campaign, now);
  const at = wanted === undefined ? undefined : Math.min(wanted, latest);
  const { nextAdvanceAt: former, ...rest } = campaign;
  if (at === former) return campaign;
  if (at === undefined) return rest;
  const isDue = former !== undefined && former <= now;
  const isSoonEnough = former !== undefined && former > now && former <= at;
  return (isDue && at <= now) || isSoonEnough ? campaign : { ...rest, nextAdvanceAt: at };
}

function nextLook(campaign: Campaign, now: number): number | undefined {
  const inFlight = inFlightOf(campaign);
  switch (campaign.state) {
    case 'creating':
    case 'aborting':
      return now;
    case 'aborted':
    case 'completed':
      return undefined;
    case 'paused':
    case 'halted': {
      if (inFlight > 0) return now;
      return campaign.rings.some(({ counts }) => counts.published > 0) ? now + LOOK_AGAIN_MS : undefined;
    }
    case 'running': {
      const ring = currentRing(campaign);
      if (ring?.endedAt !== undefined && ring.checkedAt === undefined) return ring.endedAt + bakeOf(campaign);
      const isCompleting = ring !== undefined && ring.counts.published > 0 && ring.counts.open === 0 && inFlight === 0;
      return isCompleting ? now + LOOK_AGAIN_MS : now;
    }
  }
}

function inFlightOf({ rings }: Campaign): number {
  return rings.reduce((sum, { counts }) => sum + counts.inFlight, 0);
}

/** Nothing follows the last ring, so it need not bake. */
function bakeOf({ wish, rings, current }: Campaign): number {
  return rings.slice(current + 1).some(({ total }) => total > 0) ? wish.bakeMs : 0;
}

function withRing(campaign: Campaign, changes: Partial<Ring>): Campaign {
  const { current } = campaign;
  return {
    ...campaign,
    rings: campaign.rings.map((ring, index) => (index === current ? { ...ring, ...changes } : ring)),
  };
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

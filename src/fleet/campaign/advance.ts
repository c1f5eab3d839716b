// Advances one campaign as far as it can: looks at members in flight, starts members, ends rings, halts.
// It must not decide (`rules/` does). It must not rotate: it asks for rotations, and passes carry them out.
//
// A member is stored as in flight, with its account's rotation id, before its account is asked. After a crash in
// between, the next turn asks. The request's id comes from the campaign's id, so no account is ever asked twice.
import { begin, judgeAgain } from './rules/judge.ts';
import type { Member, MemberMove } from './rules/model.ts';
import {
  type Candidate,
  chooseStarts,
  currentRing,
  isCheckDue,
  isHeldByCloud,
  isPublishedLookDue,
  loadOf,
  noteCheck,
  roomOf,
  withinClock,
} from './rules/progress.ts';
import type { Turn } from './turn.ts';

/** Members started in one round; the next round looks at them first. */
const STARTS_PER_ROUND = 980;
/** One query reads up to this many open members of a ring; more are read per subscription, as many as may start. */
const OPEN_READ_AT_ONCE = 500;
/** A round is followed by another only if it has started a member, ended a ring, or paused. */
const ROUNDS_MAXIMUM = 2_000;

/** Pause while only the limits of Azure hold members back. Shorter than a bucket takes to fill, so no room is lost. */
const PAUSE_MS = 1_000;

/** Throws `LostRace` if an operator or another instance has written the campaign: this turn then ends. */
export async function advance(turn: Turn, until: number): Promise<void> {
  if (withinClock(turn.campaign, turn.now()) !== turn.campaign) {
    await turn.write([], (campaign) => withinClock(campaign, turn.now()));
  }
  for (let round = 0; round < ROUNDS_MAXIMUM && turn.now() < until; round++) {
    await turn.renewAccounts();
    const { current } = turn.campaign;
    const { inFlight, nextLookAt } = await lookAtInFlight(turn, until);
    if (isPublishedLookDue(turn.campaign, turn.now())) await lookAtPublished(turn);
    if (isCheckDue(turn.campaign, turn.now())) await checkRing(turn);
    const { started, isHeldBack } = await startMembers(turn, inFlight, until);
    if (started > 0 || turn.campaign.current !== current) continue;
    const pausedUntil = turn.now() + PAUSE_MS;
    const wakeAt = isHeldBack ? pausedUntil : Math.max(pausedUntil, nextLookAt);
    if (turn.campaign.state !== 'running' || wakeAt >= until) return;
    await turn.work.sleep(wakeAt - turn.now());
  }
}

function candidateOf(turn: Turn, member: Member): Candidate {
  return { member, vault: turn.accountOf(member)?.vaultUrl };
}

interface InFlight {
  readonly inFlight: readonly Candidate[];
  /** The earliest next look at any of them: a new key may be accepted only after a while. */
  readonly nextLookAt: number;
}

async function lookAtInFlight(turn: Turn, until: number): Promise<InFlight> {
  const { work, campaign } = turn;
  const members = await work.campaigns.listMembers(campaign.id, { state: 'inFlight' });
  const moves: MemberMove[] = [];
  const unasked: Member[] = [];
  const due: Member[] = [];
  const remaining: Candidate[] = [];
  let nextLookAt = Number.POSITIVE_INFINITY;
  await turn.forEach(members, async (was) => {
    const { member, isToBeAsked, lookAt } = await turn.judge(was);
    if (isToBeAsked) unasked.push(was);
    if (member !== was) {
      moves.push({ was, now: member });
      return;
    }
    remaining.push(candidateOf(turn, was));
    nextLookAt = Math.min(nextLookAt, lookAt);
    if (!isToBeAsked && lookAt <= turn.now()) due.push(was);
  });
  await turn.write(moves);
  if (turn.campaign.state === 'running') {
    await askAndPass(turn, unasked, until);
    await passOver(turn, due, until);
    return { inFlight: remaining, nextLookAt };
  }
  await turn.write(unasked.map((was) => ({ was, now: reopened(was) })));
  return { inFlight: remaining.filter(({ member }) => !unasked.includes(member)), nextLookAt };
}

/** Nothing has begun for the member: after a resume the campaign starts it again. */
function reopened({ accountId, alias, subscription, ring }: Member): Member {
  return { accountId, alias, subscription, ring, state: 'open' };
}

async function askAndPass(turn: Turn, members: readonly Member[], until: number): Promise<void> {
  await turn.forEach(members, (member) => turn.ask(member));
  await passOver(turn, members, until);
}

/** An account that is not reached in time is due anyway, and the timer finds it. */
async function passOver(turn: Turn, members: readonly Member[], until: number): Promise<void> {
  await turn.forEach(
    members,
    async (member) => {
      const account = turn.accountOf(member);
      if (account !== undefined) await turn.work.pass(account);
    },
    until,
  );
}

async function lookAtPublished(turn: Turn): Promise<void> {
  const members = await turn.work.campaigns.listMembers(turn.campaign.id, { state: 'published' });
  const seen = await turn.sightMany(members);
  const moves = members.flatMap((was): MemberMove[] => {
    const { member } = turn.judgeSeen(was, seen.get(was));
    return member === was ? [] : [{ was, now: member }];
  });
  await turn.write(moves, (campaign) => ({ ...campaign, lookedAt: turn.now() }));
}

/** Before the next ring begins: a member that was rolled back or blocked since then counts as failed after all. */
async function checkRing(turn: Turn): Promise<void> {
  const { campaign, work } = turn;
  if (campaign.wish.waitFor === 'published') {
    const members = await work.campaigns.listMembers(campaign.id, { state: 'done', ring: campaign.current });
    const seen = await turn.sightMany(members);
    const moves = members.flatMap((was): MemberMove[] => {
      const now = judgeAgain(was, seen.get(was), turn.now());
      return now === was ? [] : [{ was, now }];
    });
    await turn.write(moves);
  }
  if (turn.campaign.state === 'running') await turn.write([], (checked) => noteCheck(checked, turn.now()));
}

interface Starts {
  /** Members taken up, failures included. */
  readonly started: number;
  /** Whether only the limits of Azure kept more members from starting. */
  readonly isHeldBack: boolean;
}

async function startMembers(turn: Turn, inFlight: readonly Candidate[], until: number): Promise<Starts> {
  const { campaign, work } = turn;
  if (campaign.state !== 'running') return { started: 0, isHeldBack: false };
  const candidates = await openMembers(turn, inFlight);
  const allowed = (subscription: string): number => work.startsAllowed(subscription);
  const chosen = chooseStarts(campaign, candidates, inFlight, allowed, STARTS_PER_ROUND);
  const moves: MemberMove[] = [];
  const toAsk: Member[] = [];
  await turn.forEach(chosen, async (was) => {
    const { member, isToBeAsked } = begin(was, await turn.sight(was), turn.now());
    moves.push({ was, now: member });
    if (isToBeAsked) toAsk.push(member);
  });
  await turn.write(moves);
  if (turn.campaign.state === 'running') await askAndPass(turn, toAsk, until);
  return { started: moves.length, isHeldBack: isHeldByCloud(campaign, candidates, inFlight) };
}

/** The open members of the current ring to choose from, taking the subscriptions in turn. */
async function openMembers(turn: Turn, inFlight: readonly Candidate[]): Promise<readonly Candidate[]> {
  const { campaign, work } = turn;
  const ring = currentRing(campaign);
  if (ring === undefined || ring.counts.open === 0) return [];
  const query = { state: 'open', ring: campaign.current } as const;
  const load = loadOf(inFlight);
  const bySubscription = new Map<string, Member[]>();
  if (ring.counts.open <= OPEN_READ_AT_ONCE) {
    for (const member of await work.campaigns.listMembers(campaign.id, query)) {
      const present = bySubscription.get(member.subscription);
      if (present === undefined) bySubscription.set(member.subscription, [member]);
      else present.push(member);
    }
  } else {
    await turn.forEach(campaign.subscriptions, async (subscription) => {
      if (roomOf(campaign, load, subscription, Number.POSITIVE_INFINITY) === 0) return;
      // At least one, to see whether only the limits of Azure hold back a member there.
      const limit = Math.max(1, roomOf(campaign, load, subscription, work.startsAllowed(subscription)));
      const members = await work.campaigns.listMembers(campaign.id, { ...query, subscription, limit });
      bySubscription.set(subscription, [...members]);
    });
  }
  return inTurn([...bySubscription.values()]).map((member) => candidateOf(turn, member));
}

function inTurn<T>(queues: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => index).flatMap((index) =>
    queues.flatMap((queue) => queue.slice(index, index + 1)),
  );
}

// Creates a campaign: decides once which accounts take part, and stores them before any member starts.
// It must not start a member. The campaign is stored first, in a state in which only its members may be added. If a
// creation ends half-way, the timer continues it.
import { hash } from 'node:crypto';
import type { Account } from '../../rotation/model.ts';
import { ADDITIONS_PER_WRITE, type StoredCampaign } from './ports.ts';
import type { Campaign, CampaignId, CampaignWish, Member, MemberMove } from './rules/model.ts';
import { MEMBER_STATES } from './rules/model.ts';
import { type CampaignPlan, planCampaign } from './rules/plan.ts';
import { enter } from './rules/progress.ts';
import type { CampaignWork } from './turn.ts';

/** How long a creation is left to the process that began it. */
const CREATION_MS = 2 * 60_000;

export type CreationWork = Pick<CampaignWork, 'campaigns' | 'clock'> & {
  readonly records: Pick<CampaignWork['records'], 'listStatus'>;
};

export interface Creation {
  readonly id: CampaignId;
  readonly wish: CampaignWish;
  readonly by: string;
}

/** The campaign as it would be now. Ordered by a hash of the ids: even over the fleet, and always the same. */
export async function plan(
  { records, clock }: CreationWork,
  accounts: readonly Account[],
  wish: CampaignWish,
): Promise<CampaignPlan> {
  const status = new Map((await records.listStatus()).map((row) => [row.accountId, row]));
  const orderOf = ({ id }: Account): string => hash('sha256', id, 'hex');
  return planCampaign({ accounts, status, wish, now: clock.now(), orderOf });
}

/** Stores the campaign without its members. Returns undefined if one with this id exists already. */
export async function storeCampaign(
  { campaigns, clock }: CreationWork,
  { id, wish, by }: Creation,
): Promise<Campaign | undefined> {
  const at = clock.now();
  const campaign: Campaign = {
    id,
    wish,
    by,
    at,
    state: 'creating',
    changed: { by, at, reason: wish.reason },
    rings: [],
    current: 0,
    subscriptions: [],
    skipped: {},
    nextAdvanceAt: at + CREATION_MS,
    revision: 1,
  };
  return (await campaigns.insert(campaign)) ? campaign : undefined;
}

/** Adds the missing members, and lets the campaign run. Throws `LostRace` if another process does the same. */
export async function enrol(
  work: CreationWork,
  stored: StoredCampaign,
  accounts: readonly Account[],
): Promise<StoredCampaign> {
  const { members, rings, subscriptions, skipped } = await plan(work, accounts, stored.campaign.wish);
  const moves = await missingMoves(work, stored.campaign.id, members);
  let { etag, campaign } = stored;
  const write = async (next: Campaign, batch: readonly MemberMove[]): Promise<void> => {
    const written = { ...next, revision: campaign.revision + 1 };
    etag = await work.campaigns.write(written, etag, batch);
    campaign = written;
  };
  for (let start = 0; start < moves.length; start += ADDITIONS_PER_WRITE) {
    await write(campaign, moves.slice(start, start + ADDITIONS_PER_WRITE));
  }
  const { by, wish } = campaign;
  const whole = { ...campaign, rings, subscriptions, skipped };
  await write(enter(whole, 'running', by, work.clock.now(), wish.reason), []);
  return { etag, campaign };
}

/** An earlier attempt may have added members, and the fleet may have changed since. */
async function missingMoves(
  { campaigns }: CreationWork,
  id: CampaignId,
  members: readonly Member[],
): Promise<readonly MemberMove[]> {
  const present = new Map<string, Member>();
  for (const state of MEMBER_STATES) {
    for (const member of await campaigns.listMembers(id, { state })) present.set(placeOf(member), member);
  }
  const wanted = new Set(members.map(placeOf));
  const surplus = [...present.values()].filter((member) => !wanted.has(placeOf(member)));
  const missing = members.filter((member) => !present.has(placeOf(member)));
  return [...surplus.map((was) => ({ was })), ...missing.map((now) => ({ now }))];
}

function placeOf({ accountId, ring, state }: Member): string {
  return `${state} ${ring} ${accountId}`;
}

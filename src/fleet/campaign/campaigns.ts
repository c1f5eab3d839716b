// Campaigns as operators and the timer use them: created, steered, shown, advanced.
// It must not decide how one goes on (`rules/` does). It must not rotate: it asks for rotations, and passes rotate.

import { hash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { allEnded } from '../../base/lanes.ts';
import type { Log } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import { IDEMPOTENCY_MS } from '../../rotation/decide/request.ts';
import { errorFields, RotationError } from '../../rotation/errors.ts';
import type { Account } from '../../rotation/model.ts';
import { isLookDue } from '../../rotation/ports.ts';
import { passOver } from '../pass.ts';
import type { PassBounds } from '../passes.ts';
import { advance } from './advance.ts';
import { enrol, plan, storeCampaign } from './create.ts';
import type { CampaignParts, StoredCampaign } from './ports.ts';
import { type Control, control } from './rules/control.ts';
import type { Campaign, CampaignId, CampaignWish } from './rules/model.ts';
import type { CampaignPlan } from './rules/plan.ts';
import { type CampaignWork, Turn } from './turn.ts';

export interface CampaignAsked {
  readonly campaign: Campaign;
  readonly isRepeated: boolean;
}

/** The plan for a wish. Throws `Refusal` if no account matches, or a name is unknown. */
export async function planCampaign(parts: CampaignParts, wish: CampaignWish): Promise<CampaignPlan> {
  const { accounts } = await parts.fleet();
  return requireMembers(await plan(creationWork(parts), accounts, wish));
}

/** Stores the wish and its members, once per idempotency key. If members are still missing, the timer adds them. */
export async function createCampaign(
  parts: CampaignParts,
  { wish, by, key }: { readonly wish: CampaignWish; readonly by: string; readonly key?: string },
  log: Log,
): Promise<CampaignAsked> {
  const id = idOf(key ?? randomUUID());
  const former = key === undefined ? undefined : await parts.campaigns.read(id);
  if (former !== undefined) return repeated(former.campaign, wish, parts.clock.now());
  const { accounts } = await parts.fleet();
  const work = creationWork(parts);
  requireMembers(await plan(work, accounts, wish));
  const campaign = await storeCampaign(work, { id, wish, by });
  if (campaign === undefined) return repeated((await requireCampaign(parts, id)).campaign, wish, parts.clock.now());
  try {
    return { campaign: (await enrol(work, await requireCampaign(parts, id), accounts)).campaign, isRepeated: false };
  } catch (error) {
    // The campaign is stored, so it will run: the answer must say so.
    log('warn', 'campaignNotWhole', { campaign: id, ...errorFields(error) });
    return { campaign, isRepeated: false };
  }
}

function idOf(key: string): CampaignId {
  return hash('sha256', `campaign ${key}`, 'hex').slice(0, 20) as CampaignId;
}

function creationWork({ campaigns, clock, ports: { records } }: CampaignParts) {
  return { campaigns, clock, records };
}

function repeated(former: Campaign, wish: CampaignWish, now: number): CampaignAsked {
  const isSame = isDeepStrictEqual(former.wish, wish);
  if (isSame && now - former.at <= IDEMPOTENCY_MS) return { campaign: former, isRepeated: true };
  const detail = isSame
    ? 'The same campaign was created with this idempotency key more than 24 hours ago.'
    : 'Another campaign was created with this idempotency key.';
  throw new Refusal('idempotency-conflict', detail, 'Use a new Idempotency-Key for a new campaign.');
}

function requireMembers(planned: CampaignPlan): CampaignPlan {
  const { unknown, members, skipped } = planned;
  if (unknown.length > 0) {
    const fields = unknown.map(({ field, name }) => ({
      field,
      expected: `${name} is ${field.startsWith('rings') ? 'no member of the campaign' : 'no account'}`,
    }));
    throw new Refusal(
      'malformed-body',
      'Not every account that is named can take part.',
      'Correct each field named in fields.',
      {
        fields,
        skipped,
      },
    );
  }
  if (members.length > 0) return planned;
  throw new Refusal(
    'malformed-body',
    'No account matches that could be rotated.',
    'Correct the filter; see GET accounts.',
    {
      fields: [{ field: 'filter', expected: 'a filter that matches an account at least' }],
      skipped,
    },
  );
}

/** Throws `Refusal` when there is none. */
export async function requireCampaign(parts: CampaignParts, id: string): Promise<StoredCampaign> {
  const found = /^[a-z0-9]{1,40}$/.test(id) ? await parts.campaigns.read(id as CampaignId) : undefined;
  if (found !== undefined) return found;
  throw new Refusal(
    'unknown-campaign',
    'There is no such campaign.',
    'See GET campaigns for the ids of all campaigns.',
  );
}

/** How often an operator's word is tried, if a turn has just written the campaign. */
const STEERING_ATTEMPTS = 10;

/** Pauses, resumes or aborts, once each. Throws `Refusal` if the state of the campaign does not allow it. */
export async function steerCampaign(
  parts: CampaignParts,
  {
    id,
    word,
    by,
    reason,
  }: { readonly id: string; readonly word: Control; readonly by: string; readonly reason: string },
): Promise<Campaign> {
  for (let attempt = 1; ; attempt++) {
    const { campaign, etag } = await requireCampaign(parts, id);
    const next = control(campaign, word, { by, reason, now: parts.clock.now() });
    if (next === undefined) throw notNow(campaign, word);
    if (next === campaign) return campaign;
    const written = { ...next, revision: campaign.revision + 1 };
    try {
      await parts.campaigns.write(written, etag, []);
      return written;
    } catch (error) {
      if (!isLostRace(error) || attempt === STEERING_ATTEMPTS) throw error;
    }
  }
}

function notNow({ state }: Campaign, word: Control): Refusal {
  const remedy = 'See the state of the campaign in GET campaigns/{id}.';
  return new Refusal('not-now', `A campaign that is ${state} cannot ${word}.`, remedy, { reason: state });
}

function isLostRace(error: unknown): boolean {
  return error instanceof RotationError && error.code === 'LostRace';
}

/**
 * Advances all due campaigns at once, each as far as it can. One after another, a campaign that waits for its members
 * would hold up the others in every tick. They share the lanes; each has at least one. Never throws.
 */
export async function runCampaigns(parts: CampaignParts, log: Log, bounds: PassBounds): Promise<void> {
  try {
    const [{ accounts }, startsAllowed, stored] = await allEnded([parts.fleet(), parts.room(), parts.campaigns.list()]);
    const now = parts.clock.now();
    const due = stored.filter(
      ({ campaign: { nextAdvanceAt } }) => nextAdvanceAt !== undefined && isLookDue(nextAdvanceAt, now),
    );
    const concurrency = Math.max(1, Math.floor(bounds.concurrency / due.length));
    const running = { ...bounds, concurrency, startsAllowed };
    await allEnded(due.map((entry) => runCampaign(parts, entry, accounts, log, running)));
  } catch (error) {
    log('warn', 'campaignsNotRead', errorFields(error));
  }
}

async function runCampaign(
  parts: CampaignParts,
  stored: StoredCampaign,
  accounts: readonly Account[],
  log: Log,
  { startsUntil, stepsUntil, concurrency, startsAllowed }: PassBounds & Pick<CampaignWork, 'startsAllowed'>,
): Promise<void> {
  const { campaigns, clock } = parts;
  const work: CampaignWork = {
    accounts: async () => (await parts.fleet()).accounts,
    campaigns,
    clock,
    concurrency,
    log,
    records: parts.ports.records,
    pass: async (account) => {
      await passOver(parts, account, stepsUntil, log);
    },
    startsAllowed,
    sleep: (ms) => parts.sleep(ms),
  };
  try {
    const whole = stored.campaign.state === 'creating' ? await enrol(work, stored, accounts) : stored;
    await advance(new Turn(work, whole, accounts), startsUntil);
  } catch (error) {
    const fields = { campaign: stored.campaign.id, ...errorFields(error) };
    if (isLostRace(error)) log('info', 'campaignTurnEnded', fields);
    else log('warn', 'campaignTurnEnded', fields);
  }
}

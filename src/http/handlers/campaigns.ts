// The HTTP handlers of campaigns: create one, steer it, show how far it got.
// It must not advance one: the timer does.
import type { HttpResponseInit } from '@azure/functions';
import { logTo } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import { createCampaign, planCampaign, requireCampaign, steerCampaign } from '../../fleet/campaign/campaigns.ts';
import type { StoredCampaign } from '../../fleet/campaign/ports.ts';
import { CONTROLS, type Control } from '../../fleet/campaign/rules/control.ts';
import type { CampaignWish } from '../../fleet/campaign/rules/model.ts';
import { campaignSummaryOf, campaignViewOf, planViewOf } from '../../fleet/campaign/view.ts';
import type { Call } from '../call.ts';
import type { CampaignRequestAnswer, CampaignsAnswer } from '../contract/answers.ts';
import { type CampaignBody, campaignBody } from '../contract/campaign-schemas.ts';
import { pageQuery, reasonBody } from '../contract/schemas.ts';
import { readBody, readQuery, requireNoQuery } from '../guard.ts';
import { readIdempotencyKey } from '../idempotency.ts';
import { json } from '../json.ts';
import { tokenOf } from './show.ts';

/** Instants are subtracted from it, so that the newest campaign sorts first. */
const LATEST = Number.MAX_SAFE_INTEGER;

export async function requestCampaign(call: Call): Promise<HttpResponseInit> {
  const { id, operation } = call.request.params;
  if (id === undefined || id === '') return create(call);
  const word = CONTROLS.find((entry) => entry === operation);
  if (word === undefined) throw unknownOperation();
  return steer(call, id, word);
}

export async function showCampaigns({ parts, request }: Call): Promise<HttpResponseInit> {
  const { id } = request.params;
  if (id !== undefined && id !== '') {
    requireNoQuery(request);
    return json(200, await campaignViewOf(parts, (await requireCampaign(parts, id)).campaign));
  }
  const { limit, after } = readQuery(request, pageQuery);
  const { stored, unreadable } = await parts.campaigns.listAll();
  const position = ({ campaign: { at, id } }: StoredCampaign): string =>
    `${String(LATEST - at).padStart(16, '0')}|${id}`;
  const rest = after === undefined ? stored : stored.filter((entry) => position(entry) > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return json(200, {
    campaigns: page.map(({ campaign }) => campaignSummaryOf(campaign)),
    total: stored.length,
    ...(last === undefined || rest.length <= limit ? {} : { next: tokenOf(position(last)) }),
    unreadable,
  } satisfies CampaignsAnswer);
}

async function create({ parts, request, context, caller }: Call): Promise<HttpResponseInit> {
  const body = await readBody(request, campaignBody);
  const wish = wishOf(body);
  if (body.dryRun) return json(200, planViewOf(await planCampaign(parts, wish)));
  const key = readIdempotencyKey(request);
  const asking = { wish, by: caller.by, ...(key === undefined ? {} : { key }) };
  const { campaign, isRepeated } = await createCampaign(parts, asking, logTo(context));
  const headers = { Location: `${new URL(request.url).pathname.replace(/\/$/, '')}/${campaign.id}` };
  const answer: CampaignRequestAnswer = { campaign: await campaignViewOf(parts, campaign), isRepeated };
  return json(202, answer, headers);
}

/** The wish in a request body, without the fields that are not stored. */
export function wishOf(body: CampaignBody): CampaignWish {
  const { reason, filter, rings, maxFailures, perSubscription, perVault, waitFor } = body;
  const spans = { bakeMs: body.bake, overdueAfterMs: body.overdueAfter };
  return { reason, filter, rings, maxFailures, perSubscription, perVault, waitFor, ...spans };
}

async function steer({ parts, request, caller }: Call, id: string, word: Control): Promise<HttpResponseInit> {
  const { reason } = await readBody(request, reasonBody);
  const campaign = await steerCampaign(parts, { id, word, by: caller.by, reason });
  return json(200, await campaignViewOf(parts, campaign));
}

function unknownOperation(): Refusal {
  return new Refusal(
    'unknown-resource',
    'There is no such operation on a campaign.',
    `The operations are ${CONTROLS.join(', ')}.`,
  );
}

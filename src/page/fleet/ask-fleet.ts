// Gathers the whole fleet from the pages of the API, and the campaigns if there are any.
// It must not keep anything between two questions.
import { allEnded } from '../../base/lanes.ts';
import type { Api, Result } from '../api.ts';
import type { AccountSummary, Campaign, CampaignsAnswer, Fleet, FleetAnswer } from '../types.ts';

const PAGE_SIZE = 1_000;
/** More accounts than any fleet has. A server whose pages never end is not followed for ever. */
const PAGES_MAXIMUM = 50;

const CAMPAIGNS_MAXIMUM = 5;
const OVER: readonly string[] = ['completed', 'aborted'];

const SHOWN_MS = 3_000;
const BEHIND_MS = 30_000;
/** A big fleet takes long to ask for, and is asked for less often. */
const SHARE_OF_TIME = 8;

export function fleetPauseMs(tookMs: number, isShown: boolean): number {
  return Math.max(isShown ? SHOWN_MS : BEHIND_MS, tookMs * SHARE_OF_TIME);
}

export async function askFleet(api: Api): Promise<Result<Fleet>> {
  const campaigns = askCampaigns(api);
  const accounts: AccountSummary[] = [];
  let after = '';
  for (let page = 0; page < PAGES_MAXIMUM; page++) {
    const answer = await api.get<FleetAnswer>(`accounts?limit=${PAGE_SIZE}${after === '' ? '' : `&after=${after}`}`);
    if (!answer.ok) return answer;
    const { next, isFrozen, problems } = answer.value;
    accounts.push(...answer.value.accounts);
    if (next === undefined) {
      return { ok: true, status: 200, value: { accounts, isFrozen, problems, campaigns: await campaigns } };
    }
    after = next;
  }
  return { ok: false, failure: { kind: 'unreachable' } };
}

/** The last campaigns, those under way with their rings. None if the service has no campaigns (404). */
async function askCampaigns(api: Api): Promise<readonly Campaign[]> {
  const answer = await api.get<CampaignsAnswer>(`campaigns?limit=${CAMPAIGNS_MAXIMUM}`);
  const listed = answer.ok ? answer.value.campaigns : [];
  const shown = listed.filter(({ state }, index) => index === 0 || !OVER.includes(state));
  return allEnded(
    shown.map(async (campaign) => {
      if (OVER.includes(campaign.state)) return campaign;
      const whole = await api.get<Campaign>(`campaigns/${campaign.id}`);
      return whole.ok ? whole.value : campaign;
    }),
  );
}

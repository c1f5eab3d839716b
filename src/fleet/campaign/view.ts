// A campaign as the HTTP API shows it. Costs one query if failures are shown.
// It must not decide. Instants are ISO 8601 in UTC.

import { BOUNDS } from '../../base/bounds.ts';
import type { CampaignPlanView, CampaignSummary, CampaignView } from './answers.ts';
import type { CampaignParts } from './ports.ts';
import type { Campaign, MemberCounts } from './rules/model.ts';
import type { CampaignPlan } from './rules/plan.ts';

const iso = (instant: number): string => new Date(instant).toISOString();

export function campaignSummaryOf({ id, wish, by, at, state, changed, rings, current }: Campaign): CampaignSummary {
  const sum = (count: (counts: MemberCounts) => number): number =>
    rings.reduce((total, { counts }) => total + count(counts), 0);
  const ring = rings[current];
  return {
    id,
    state,
    reason: wish.reason,
    by,
    at: iso(at),
    changed: { ...changed, at: iso(changed.at) },
    ...(ring === undefined ? {} : { ring: ring.name }),
    total: rings.reduce((total, entry) => total + entry.total, 0),
    open: sum(({ open }) => open),
    inFlight: sum(({ inFlight }) => inFlight),
    published: sum(({ published }) => published),
    done: sum(({ done }) => done),
    failed: sum(({ failed }) => failed),
  };
}

export async function campaignViewOf(parts: CampaignParts, campaign: Campaign): Promise<CampaignView> {
  const { wish, rings, skipped, nextAdvanceAt } = campaign;
  const summary = campaignSummaryOf(campaign);
  const failed =
    summary.failed === 0
      ? []
      : await parts.campaigns.listMembers(campaign.id, { state: 'failed', limit: BOUNDS.campaignFailuresShown });
  return {
    ...summary,
    filter: wish.filter,
    maxFailures: wish.maxFailures,
    perSubscription: wish.perSubscription,
    perVault: wish.perVault,
    bakeSeconds: wish.bakeMs / 1000,
    waitFor: wish.waitFor,
    overdueAfterSeconds: wish.overdueAfterMs / 1000,
    rings: rings.map(({ name, total, counts, joined, endedAt }) => ({
      name,
      total,
      ...counts,
      joined,
      ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
    })),
    skipped,
    ...(nextAdvanceAt === undefined ? {} : { nextAdvanceAt: iso(nextAdvanceAt) }),
    failures: failed.map(({ alias, ring, reason, endedAt }) => ({
      account: alias,
      ring: rings[ring]?.name ?? String(ring),
      reason: reason ?? 'Unknown',
      at: iso(endedAt ?? campaign.at),
    })),
  };
}

export function planViewOf({ members, rings, subscriptions, skipped }: CampaignPlan): CampaignPlanView {
  return {
    total: members.length,
    rings: rings.map(({ name, total }, index) => ({
      name,
      total,
      accounts: members
        .filter(({ ring }) => ring === index)
        .slice(0, BOUNDS.planAccountsShown)
        .map(({ alias }) => alias),
    })),
    subscriptions: subscriptions.length,
    skipped,
  };
}

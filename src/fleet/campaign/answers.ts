// The shapes of campaigns, as the HTTP API shows them. It must not read a campaign.
import * as z from 'zod';
import { type Answer, count, instant } from '../../base/answer.ts';
import { CAMPAIGN_STATES, type MemberState, SKIP_REASONS, WAIT_FOR } from './rules/model.ts';

const counts = {
  open: count.describe('Not started yet.'),
  inFlight: count.describe('Asked for, and no new key published yet.'),
  published: count.describe('Published and not completed, where the campaign waits for completion.'),
  done: count.describe('Has reached what the campaign waits for.'),
  failed: count,
} satisfies Record<MemberState, z.ZodType>;

const skipped = z
  .partialRecord(z.enum(SKIP_REASONS), count)
  .describe('Accounts that match and do not take part, by reason.');

export const campaignSummary = z.strictObject({
  id: z.string(),
  state: z.enum(CAMPAIGN_STATES),
  reason: z.string(),
  by: z.string(),
  at: instant,
  changed: z
    .strictObject({ by: z.string(), at: instant, reason: z.string() })
    .describe('Who or what brought it into its state, when and why.'),
  ring: z.string().exactOptional().describe('The ring whose members may start.'),
  total: count,
  ...counts,
});

const ring = z.strictObject({
  name: z.string(),
  total: count,
  ...counts,
  joined: count.describe('Members whose rotation was under way already.'),
  endedAt: instant.exactOptional().describe('When the last member was done or had failed.'),
});

export const campaignView = z.strictObject({
  ...campaignSummary.shape,
  filter: z
    .strictObject({
      accounts: z.array(z.string()).exactOptional(),
      subscriptions: z.array(z.string()).exactOptional(),
      policy: z.string().exactOptional(),
      search: z.string().exactOptional(),
    })
    .describe('As it was given.'),
  maxFailures: count,
  perSubscription: count,
  perVault: count,
  bakeSeconds: z.number(),
  waitFor: z.enum(WAIT_FOR),
  overdueAfterSeconds: z.number(),
  rings: z.array(ring),
  skipped,
  nextAdvanceAt: instant.exactOptional(),
  failures: z
    .array(z.strictObject({ account: z.string(), ring: z.string(), reason: z.string(), at: instant }))
    .describe('At most 100 of them.'),
});

export const campaignPlanView = z.strictObject({
  total: count,
  rings: z.array(
    z.strictObject({ name: z.string(), total: count, accounts: z.array(z.string()).describe('At most 20 of them.') }),
  ),
  subscriptions: count,
  skipped,
});

export type CampaignSummary = Answer<typeof campaignSummary>;
export type CampaignView = Answer<typeof campaignView>;
export type CampaignPlanView = Answer<typeof campaignPlanView>;

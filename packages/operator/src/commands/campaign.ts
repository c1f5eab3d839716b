// `campaigns` and `campaign`: rotations of many accounts, in rings.
import type {
  CampaignPlan,
  CampaignRequestAnswer,
  CampaignSummary,
  CampaignsAnswer,
  CampaignView,
} from '../answers.ts';
import { command, REASON } from '../command.ts';
import { EXIT, type ExitCode, wrongUsage } from '../failure.ts';
import { facts, table, visible } from '../text.ts';
import { FILTER, filterOf } from './filter.ts';
import { REQUEST_ID, requestIdOf } from './request.ts';

export const campaigns = command(
  {
    name: 'campaigns',
    does: 'shows the campaigns, newest first, or how far one got.',
    flags: {
      limit: { kind: 'number', means: 'campaigns that are shown', minimum: 1, maximum: 1_000, default: 20 },
    },
    rest: { value: '[ID]', means: 'the id of a campaign', atMost: 1 },
    examples: ['campaigns', 'campaigns 0123456789abcdef0123'],
  },
  async ({ client, show }, { rest: [id], limit }) => {
    if (id !== undefined) {
      const { body } = await client.get<CampaignView>(['campaigns', id]);
      show(body, () => campaignText(body));
      return codeOf(body);
    }
    const { body } = await client.get<CampaignsAnswer>(['campaigns'], { limit: String(limit) });
    const rows = body.campaigns.map((entry) => [
      entry.id,
      entry.state,
      `${entry.done} of ${entry.total}`,
      String(entry.failed),
      entry.reason,
    ]);
    show(body, () =>
      rows.length === 0 ? 'There is no campaign.\n' : table(['ID', 'STATE', 'DONE', 'FAILED', 'REASON'], rows),
    );
    return body.campaigns.some((entry) => codeOf(entry) !== EXIT.fine) ? EXIT.wrong : EXIT.fine;
  },
);

export const startCampaign = command(
  {
    name: 'start-campaign',
    does: 'rotates all accounts that match, in rings, a few at a time. It stops when too many fail.',
    flags: {
      reason: { ...REASON, means: 'why; goes to the history of every account' },
      ...FILTER,
      bake: { kind: 'text', value: 'SPAN', means: 'time between two rings, for example PT1H; without it, no time' },
      'dry-run': { kind: 'switch', means: 'shows which accounts would take part, and stores nothing' },
      'request-id': REQUEST_ID,
    },
    examples: [
      'start-campaign --policy strict --reason "the policy has changed" --dry-run',
      'start-campaign --all --reason "a person has left" --bake PT1H',
    ],
  },
  async ({ world, client, show }, { reason, bake, 'dry-run': isDryRun, 'request-id': requestId, ...flags }) => {
    const filter = filterOf(flags);
    if (flags.all === Object.keys(filter).length > 0) {
      throw wrongUsage(
        'All accounts, or accounts by flags: the command takes one of the two.',
        'Give --all, or a flag that matches accounts.',
      );
    }
    const body = { reason, filter, ...(bake === undefined ? {} : { bake }) };
    if (isDryRun) {
      const { body: plan } = await client.post<CampaignPlan>(['campaigns'], { body: { ...body, dryRun: true } });
      show(plan, () => planText(plan));
      return EXIT.fine;
    }
    const id = requestIdOf(world, requestId);
    world.err(`Request ${id}. If this command is cut off, repeat it with --request-id ${id}.\n`);
    const { body: answer } = await client.post<CampaignRequestAnswer>(['campaigns'], { body, requestId: id });
    show(answer.campaign, () => campaignText(answer.campaign));
    return EXIT.fine;
  },
);

const VERBS = ['pause', 'resume', 'abort'] as const;

export const campaign = command(
  {
    name: 'campaign',
    does: 'pauses, resumes or aborts a campaign. Rotations under way go on.',
    flags: {
      do: { kind: 'text', value: 'VERB', means: 'what is done', oneOf: VERBS, isRequired: true },
      reason: { kind: 'text', value: 'TEXT', means: 'why; is stored with the campaign', isRequired: true },
    },
    rest: { value: 'ID', means: 'the id of the campaign', atLeast: 1, atMost: 1 },
    examples: ['campaign 0123456789abcdef0123 --do pause --reason "looking at a failure"'],
  },
  async ({ client, show }, { rest: [id = ''], do: verb, reason }) => {
    const { body } = await client.post<CampaignView>(['campaigns', id, verb], { body: { reason } });
    show(body, () => campaignText(body));
    return EXIT.fine;
  },
);

const codeOf = ({ state }: CampaignSummary): ExitCode => (state === 'halted' ? EXIT.wrong : EXIT.fine);

function planText({ total, rings, skipped }: CampaignPlan): string {
  const rows = rings.map((ring) => [ring.name, String(ring.total), ring.accounts.join(', ')]);
  const left = Object.entries(skipped).map(([reason, count]) => `${visible(`Left out: ${count} with ${reason}.`)}\n`);
  return `${table(['RING', 'ACCOUNTS', 'THE FIRST'], rows)}${total} accounts.\n${left.join('')}Dry run: nothing was stored.\n`;
}

function campaignText(view: CampaignView): string {
  const { changed, failures } = view;
  const head = facts([
    ['campaign', view.id],
    ['state', `${view.state}, by ${changed.by} at ${changed.at}: ${changed.reason}`],
    ['reason', view.reason],
    ['ring', view.ring],
    ['accounts', view.total],
    ['open', view.open],
    ['in flight', view.inFlight],
    ['published', view.published],
    ['done', view.done],
    ['failed', view.failed],
  ]);
  const rows = failures.map(({ account, ring, reason }) => [account, ring, reason]);
  return rows.length === 0 ? head : `${head}\n${table(['FAILED', 'RING', 'REASON'], rows)}`;
}

// The schemas of requests about campaigns: the body that creates one, and the query that lists them.
// They validate requests and make the OpenAPI document. This file must not read a request.
import * as z from 'zod';
import { BOUNDS } from '../../base/bounds.ts';
import { durationSchema } from '../../config/duration.ts';
import { type RingWish, WAIT_FOR } from '../../fleet/campaign/rules/model.ts';
import { freeText, reason, unknownField } from './schemas.ts';

const names = (what: string) => z.array(freeText(what).min(1, what), `a list of ${what}s`).min(1, `a list of ${what}s`);
const whole = (minimum: number, maximum: number) => {
  const expected = `a whole number from ${minimum} to ${maximum}`;
  return z.number(expected).int(expected).min(minimum, expected).max(maximum, expected);
};

export const campaignFilter = z.strictObject(
  {
    accounts: names('name').exactOptional().describe('Aliases, in any case.'),
    subscriptions: names('subscription id').exactOptional(),
    policy: freeText('the name of a policy').min(1, 'the name of a policy').exactOptional(),
    // Empty, it would match every account: so does {}, and says so.
    search: freeText('part of a name or of a resource id')
      .min(1, 'part of a name or of a resource id')
      .max(BOUNDS.searchCharacters, `at most ${BOUNDS.searchCharacters} characters`)
      .exactOptional()
      .describe('Part of the alias or of the resource id.'),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownField('accounts, subscriptions, policy, search') : 'a JSON object',
  },
);

const percent = z
  .number('a number above 0, at most 100')
  .gt(0, 'a number above 0, at most 100')
  .max(100, 'at most 100');

const ring = z
  .strictObject(
    {
      name: freeText('a name')
        .regex(/^[\w .%-]+$/, 'letters, digits, spaces, dots, percent signs, hyphens and underscores')
        .max(BOUNDS.ringNameCharacters, `at most ${BOUNDS.ringNameCharacters} characters`)
        .exactOptional(),
      accounts: names('name').exactOptional().describe('These accounts, by alias.'),
      count: whole(1, 100_000).exactOptional().describe('So many accounts.'),
      percent: percent
        .exactOptional()
        .describe('So many accounts that the share of all members is reached, rings before included.'),
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys' ? unknownField('name, accounts, count, percent') : 'a JSON object',
    },
  )
  .transform(({ name, accounts, count, percent }, context): RingWish => {
    const given = [
      ...(accounts === undefined ? [] : [{ accounts }]),
      ...(count === undefined ? [] : [{ count }]),
      ...(percent === undefined ? [] : [{ percent }]),
    ];
    const [only] = given;
    if (only !== undefined && given.length === 1) return { ...(name === undefined ? {} : { name }), ...only };
    context.addIssue({ code: 'custom', message: 'exactly one of accounts, count and percent' });
    return z.NEVER;
  });

/** In the order of their shares. The last ring takes all members, so that none is left out. */
const rings = z
  .array(ring, 'a list of rings')
  .max(BOUNDS.campaignRings, `at most ${BOUNDS.campaignRings} rings`)
  .refine((list) => isWhole(list), 'a list whose last ring is { "percent": 100 }')
  .refine((list) => isRising(list), 'a list in which every percent is greater than the one before');

function isWhole(list: readonly RingWish[]): boolean {
  const last = list.at(-1);
  return last !== undefined && 'percent' in last && last.percent === 100;
}

function isRising(list: readonly RingWish[]): boolean {
  const shares = list.flatMap((entry) => ('percent' in entry ? [entry.percent] : []));
  return shares.every((share, index) => share > (shares[index - 1] ?? 0));
}

const DEFAULT_RINGS = [
  { name: 'canary', count: 1 },
  { name: '10 %', percent: 10 },
  { name: '100 %', percent: 100 },
];

const FIELDS = 'reason, filter, rings, maxFailures, perSubscription, perVault, bake, waitFor, overdueAfter, dryRun';

export const campaignBody = z.strictObject(
  {
    reason,
    filter: campaignFilter.describe('Who takes part: all fields given must match; {} is every account.'),
    rings: rings.default(DEFAULT_RINGS).describe('One after the other; the last one takes everybody who is left.'),
    maxFailures: whole(0, 100_000)
      .default(1)
      .describe('A ring with more failures halts the campaign, and so does one of which every member has failed.'),
    perSubscription: whole(1, 1_000).default(32).describe('Rotations in flight in a subscription at once.'),
    perVault: whole(1, 1_000).default(256).describe('Rotations in flight in a vault at once.'),
    bake: durationSchema(true).default(0).describe('ISO 8601: time between the end of a ring and the next one.'),
    waitFor: z
      .enum(WAIT_FOR, `one of ${WAIT_FOR.join(', ')}`)
      .default('published')
      .describe('What a member must have reached: the new key in use, or the old one dead as well.'),
    overdueAfter: durationSchema(false)
      .default(24 * 3_600_000)
      .describe('ISO 8601: a member that has published no new key after so long has failed; P1D when absent.'),
    dryRun: z.boolean('true or false').default(false).describe('Answer who would take part, and store nothing.'),
  },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? unknownField(FIELDS) : 'a JSON object') },
);

export type CampaignBody = z.infer<typeof campaignBody>;

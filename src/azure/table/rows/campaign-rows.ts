// The rows of campaigns in the table and their content, checked when they are read. They are in the accounts'
// partition, so that one transaction moves members and counts them.
// It must not call the table, or guess at a row that it cannot understand.
//
//   c|<id>                                          the campaign
//   a|campaign|<id>|run                             found by the query for due rows, while there is something to do
//   m|<id>|<state>|<ring>|<subscription>|<hash>     a member: one range per state, ring and subscription

import * as z from 'zod';
import { defined } from '../../../base/defined.ts';
import type { MemberQuery } from '../../../fleet/campaign/ports.ts';
import {
  CAMPAIGN_STATES,
  type Campaign,
  type CampaignId,
  campaignMark,
  MEMBER_STATES,
  type Member,
  type MemberMove,
  type MemberState,
  WAIT_FOR,
} from '../../../fleet/campaign/rules/model.ts';
import { type Row } from './columns.ts';
import { hashOf, PARTITION, rowKey, rowPrefix } from './keys.ts';

const text = z.string();
const instant = z.number();
const count = z.int().nonnegative();

const ringWish = z.union([
  z.strictObject({ name: text.optional(), accounts: z.array(text) }),
  z.strictObject({ name: text.optional(), count }),
  z.strictObject({ name: text.optional(), percent: z.number() }),
]);
const wish = z.strictObject({
  reason: text,
  filter: z.strictObject({
    accounts: z.array(text).optional(),
    subscriptions: z.array(text).optional(),
    policy: text.optional(),
    search: text.optional(),
  }),
  rings: z.array(ringWish),
  maxFailures: count,
  perSubscription: count,
  perVault: count,
  bakeMs: count,
  waitFor: z.enum(WAIT_FOR),
  overdueAfterMs: count,
});
const ring = z.strictObject({
  name: text,
  total: count,
  counts: z.strictObject({ open: count, inFlight: count, published: count, done: count, failed: count }),
  joined: count,
  forgiven: count,
  endedAt: instant.optional(),
  checkedAt: instant.optional(),
});
const campaign = z.strictObject({
  id: text,
  by: text,
  at: instant,
  state: z.enum(CAMPAIGN_STATES),
  changed: z.strictObject({ by: text, at: instant, reason: text }),
  current: count,
  skipped: z.record(text, count),
  lookedAt: instant.optional(),
  nextAdvanceAt: instant.optional(),
  revision: count,
});
/** A column holds 64 KB, so each field that may be long has its own column. */
const campaignRow = z.object({
  campaign: jsonOf(campaign),
  wish: jsonOf(wish),
  rings: jsonOf(z.array(ring)),
  subscriptions: jsonOf(z.array(text)),
});

const absent = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);
const int64 = z.union([z.bigint(), z.number()]).transform(Number);
const memberRow = z.object({
  accountId: text,
  alias: text,
  subscription: text,
  ring: z.number(),
  state: z.enum(MEMBER_STATES),
  from: absent(z.number()),
  joined: absent(z.literal(true)),
  startedAt: absent(int64),
  endedAt: absent(int64),
  reason: absent(text),
});

function jsonOf<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((json, context): unknown => {
      try {
        return JSON.parse(json);
      } catch {
        context.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

export const CAMPAIGNS_PREFIX = rowPrefix('c');

export function campaignKey(id: CampaignId): string {
  return rowKey('c', id);
}

export function campaignRowOf({ wish, rings, subscriptions, ...rest }: Campaign): Row {
  return {
    partitionKey: PARTITION,
    rowKey: campaignKey(rest.id),
    campaign: JSON.stringify(rest),
    wish: JSON.stringify(wish),
    rings: JSON.stringify(rings),
    subscriptions: JSON.stringify(subscriptions),
  };
}

/** While there is nothing to do, the row stays without the instant, so every write but the last has the same form. */
export function campaignDueRowOf({ id, nextAdvanceAt }: Campaign): Row {
  return {
    partitionKey: PARTITION,
    rowKey: rowKey('a', 'campaign', id, 'run'),
    accountId: campaignMark(id),
    ...(nextAdvanceAt === undefined ? {} : { nextObservationAt: BigInt(Math.round(nextAdvanceAt)) }),
  };
}

/** Undefined when the row cannot be understood. */
export function readCampaignRow(row: Row): Campaign | undefined {
  const result = campaignRow.safeParse(row);
  if (!result.success) return undefined;
  const { campaign: rest, ...columns } = result.data;
  // The brands of the model exist at compile time only.
  return { ...rest, ...columns } as unknown as Campaign;
}

/** The part of a member's key that a query fixes; ends with `|`. */
export function memberPrefix(id: CampaignId, { state, ring, subscription }: Omit<MemberQuery, 'limit'>): `${string}|` {
  return rowPrefix(...memberParts(id, state, ring, subscription));
}

function memberParts(id: CampaignId, state: MemberState, ring?: number, subscription?: string): readonly string[] {
  return [
    'm',
    id,
    state,
    ...(ring === undefined ? [] : [ringKey(ring)]),
    ...(subscription === undefined ? [] : [subscription]),
  ];
}

/** All members of the campaign. */
export function membersPrefix(id: CampaignId): `${string}|` {
  return rowPrefix('m', id);
}

function ringKey(ring: number): string {
  return String(ring).padStart(3, '0');
}

export function memberKey(id: CampaignId, member: Member): string {
  return rowKey(...memberParts(id, member.state, member.ring, member.subscription), hashOf(member.accountId));
}

/** A move to another row is two operations, any other move is one. */
export function operationsOfMoves(moves: readonly MemberMove[]): number {
  return moves.length + moves.filter(isToAnotherRow).length;
}

function isToAnotherRow({ was, now }: MemberMove): boolean {
  if (was === undefined || now === undefined) return false;
  const isSameRange = was.state === now.state && was.ring === now.ring && was.subscription === now.subscription;
  return !isSameRange || was.accountId !== now.accountId;
}

export function memberRowOf(id: CampaignId, member: Member): Row {
  const { startedAt, endedAt, ...rest } = member;
  return {
    partitionKey: PARTITION,
    rowKey: memberKey(id, member),
    ...rest,
    ...(startedAt === undefined ? {} : { startedAt: BigInt(Math.round(startedAt)) }),
    ...(endedAt === undefined ? {} : { endedAt: BigInt(Math.round(endedAt)) }),
  };
}

/** Undefined when the row cannot be understood. */
export function readMemberRow(row: Row): Member | undefined {
  const result = memberRow.safeParse(row);
  return result.success ? (defined(result.data) as unknown as Member) : undefined;
}

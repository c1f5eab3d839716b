// The types of a campaign: the wish, the stored campaign, the state of each member.
// It must not contain behaviour beyond the names of rows and requests that belong to a campaign.
import type { AccountAlias, AccountId, RequestId, RotationId } from '../../../rotation/model.ts';

declare const brand: unique symbol;
/** Letters and digits, made by the service. */
export type CampaignId = string & { readonly [brand]: 'CampaignId' };

/** Which accounts take part; each field that is given must match. */
export interface CampaignFilter {
  /** Aliases, in any case. */
  readonly accounts?: readonly string[];
  readonly subscriptions?: readonly string[];
  /** Name of a policy, in any case. */
  readonly policy?: string;
  /** Part of the alias or of the resource id. */
  readonly search?: string;
}

/** A ring takes named accounts, a number of accounts, or fills up to a share of all members. */
export type RingWish = { readonly name?: string } & (
  | { readonly accounts: readonly string[] }
  | { readonly count: number }
  | { readonly percent: number }
);

/** The state that a member must have reached before the next ring begins. */
export const WAIT_FOR = ['published', 'completed'] as const;

export interface CampaignWish {
  readonly reason: string;
  readonly filter: CampaignFilter;
  /** In order; the last ring takes all accounts that are left. */
  readonly rings: readonly RingWish[];
  /** A ring with more failures halts the campaign. So does a ring whose members have all failed. */
  readonly maxFailures: number;
  /** Members in flight at once. */
  readonly perSubscription: number;
  readonly perVault: number;
  /** Time between the end of a ring and the start of the next. */
  readonly bakeMs: number;
  readonly waitFor: (typeof WAIT_FOR)[number];
  /** How long a member may be in flight without a new key published. */
  readonly overdueAfterMs: number;
}

export const MEMBER_STATES = ['open', 'inFlight', 'published', 'done', 'failed'] as const;
export type MemberState = (typeof MEMBER_STATES)[number];

/** How many members of a ring are in each state; always equal to the stored members. */
export type MemberCounts = Readonly<Record<MemberState, number>>;

export interface Ring {
  readonly name: string;
  readonly total: number;
  readonly counts: MemberCounts;
  /** Members whose rotation was under way already. */
  readonly joined: number;
  /** Failures before an operator resumed: they do not halt again. */
  readonly forgiven: number;
  /** When the last member was done or had failed. */
  readonly endedAt?: number;
  /** When its members were looked at again, after the bake. */
  readonly checkedAt?: number;
}

export const CAMPAIGN_STATES = ['creating', 'running', 'paused', 'halted', 'aborting', 'aborted', 'completed'] as const;
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

export interface Campaign {
  readonly id: CampaignId;
  readonly wish: CampaignWish;
  readonly by: string;
  /** When it was created, milliseconds since the epoch. */
  readonly at: number;
  readonly state: CampaignState;
  /** Who or what brought it into this state, when, and why. */
  readonly changed: { readonly by: string; readonly at: number; readonly reason: string };
  readonly rings: readonly Ring[];
  /** Index of the ring whose members may start. */
  readonly current: number;
  /** Subscriptions of the members. */
  readonly subscriptions: readonly string[];
  /** Accounts that match but were left out, by reason. */
  readonly skipped: Skipped;
  /** When published members were last looked at, while the campaign waits for their completion. */
  readonly lookedAt?: number;
  /** When to look at it again; absent if nothing is to be done, or only after an operator resumes it. */
  readonly nextAdvanceAt?: number;
  /** Counts the writes. */
  readonly revision: number;
}

export interface Member {
  readonly accountId: AccountId;
  readonly alias: AccountAlias;
  readonly subscription: string;
  /** Index of its ring. */
  readonly ring: number;
  readonly state: MemberState;
  /** The account's rotation id before the rotation of this campaign; a higher id is that rotation. */
  readonly from?: RotationId;
  /** True when a rotation was under way already and counts as this campaign's. */
  readonly joined?: true;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Why it has failed. */
  readonly reason?: string;
}

/** Moves a member from one state to the next. Without `was` it is added, without `now` it is removed. */
export interface MemberMove {
  readonly was?: Member;
  readonly now?: Member;
}

/** Why a member has failed, besides the blocked reasons of its account. */
export const FAILURE_REASONS = [
  'AccountNotConfigured',
  'AccountMadeAnew',
  'RecordUnreadable',
  'RolledBack',
  'Overdue',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** Why an account that matches the filter does not take part. */
export const SKIP_REASONS = ['notAdopted', 'recentlyAdopted', 'observeOnly', 'unreadable', 'blocked'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];
/** How many accounts do not take part, by reason. */
export type Skipped = Readonly<Partial<Record<SkipReason, number>>>;

/**
 * The id of every member's request: one per campaign, so that an account can be asked only once. No idempotency key has
 * a dot, so no caller can take this id first.
 */
export function requestIdOf(id: CampaignId): RequestId {
  return `campaign.${id}` as RequestId;
}

const MARK = 'campaign:';

/** Takes the place of an account's id in the row of a due campaign. */
export function campaignMark(id: CampaignId): string {
  return `${MARK}${id}`;
}

export function isCampaignMark(dueId: string): boolean {
  return dueId.startsWith(MARK);
}

/** The campaign that a mark stands for. */
export function markedCampaign(mark: string): CampaignId {
  return mark.slice(MARK.length) as CampaignId;
}

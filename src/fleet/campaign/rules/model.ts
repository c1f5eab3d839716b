// The words of a campaign as types: what was wished, what is stored of it, where each member is.
// It must not contain behaviour beyond naming what belongs to a campaign.
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

export interface CampaignWish {
  readonly reason: string;
  readonly filter: CampaignFilter;
  /** In order; the last one takes everybody who is left. */
  readonly rings: readonly RingWish[];
  /** A ring with more failures halts the campaign, and so does one of which every member has failed. */
  readonly maxFailures: number;
  /** Members in flight at once. */
  readonly perSubscription: number;
  readonly perVault: number;
  /** Time between the end of a ring and the next one. */
  readonly bakeMs: number;
  /** What a member must have reached before the next ring begins. */
  readonly waitFor: 'published' | 'completed';
  /** How long a member may be in flight without a new key published. */
  readonly overdueAfterMs: number;
}

export const MEMBER_STATES = ['open', 'inFlight', 'published', 'done', 'failed'] as const;
export type MemberState = (typeof MEMBER_STATES)[number];

/** How many members of a ring are in which state; always those of the stored members. */
export type MemberCounts = Readonly<Record<MemberState, number>>;

export interface Ring {
  readonly name: string;
  readonly total: number;
  readonly counts: MemberCounts;
  /** Members whose rotation was under way already. */
  readonly joined: number;
  /** Failures that an operator has resumed after: they do not halt again. */
  readonly forgiven: number;
  /** When the last member had reached what the campaign waits for. */
  readonly endedAt?: number;
  /** When its members were looked at once more, after the bake. */
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
  /** Accounts that match and were left out, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** When published members were last looked at, while the campaign waits for their completion. */
  readonly lookedAt?: number;
  /** When to look at it again; absent when there is nothing to do until somebody resumes it. */
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
  /** The account's rotation id before; a higher one is the rotation of this campaign. */
  readonly from?: RotationId;
  /** True when a rotation was under way already and counts as this campaign's. */
  readonly joined?: true;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Why it has failed. */
  readonly reason?: string;
}

/** From one state to the next; without `was` a member is added, without `now` it is taken out. */
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

/** The request of every member: one id per campaign, so that an account can be asked once only. */
export function requestIdOf(id: CampaignId): RequestId {
  return `campaign-${id}` as RequestId;
}

const MARK = 'campaign:';

/** Stands in the place of an account's id in the row of a campaign that is due. */
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

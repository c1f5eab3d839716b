// The store of campaigns, as a port. A write may have happened even if its promise is rejected: always read again.
import type { ETag } from '../../rotation/model.ts';
import type { FleetParts } from '../ports.ts';
import type { Campaign, CampaignId, Member, MemberMove, MemberState } from './rules/model.ts';

export interface StoredCampaign {
  readonly etag: ETag;
  readonly campaign: Campaign;
}

/** Rows of one transaction besides the campaign's own two: members that move (two rows each), or that are added. */
export const MOVES_PER_WRITE = 49;
export const ADDITIONS_PER_WRITE = 98;

export interface MemberQuery {
  readonly state: MemberState;
  /** Absent: of all rings. */
  readonly ring?: number;
  /** Only together with `ring`. */
  readonly subscription?: string;
  readonly limit?: number;
}

export interface CampaignList {
  /** Newest first. */
  readonly stored: readonly StoredCampaign[];
  /** Ids of campaigns that cannot be understood, in order. */
  readonly unreadable: readonly string[];
}

/** Campaigns and their members (Azure Tables). */
export interface CampaignsPort {
  /** Newest first. Leaves out campaigns that cannot be understood. */
  list(): Promise<readonly StoredCampaign[]>;
  listAll(): Promise<CampaignList>;
  /** Throws `RecordUnreadable` if it cannot be understood. */
  read(id: CampaignId): Promise<StoredCampaign | undefined>;
  /** Inserts once; returns false if one with this id exists already. */
  insert(campaign: Campaign): Promise<boolean>;
  /**
   * Compare-and-swap of the campaign together with its members' moves: all or nothing. Throws `LostRace` if the ETag no
   * longer matches, or if a member is not in the state that the move starts from.
   */
  write(campaign: Campaign, expected: ETag, moves: readonly MemberMove[]): Promise<ETag>;
  /**
   * Removes campaigns that were over before `before` (milliseconds since the epoch), with their members, as far as one
   * call gets. The next call continues. Returns how many were removed.
   */
  forget(before: number): Promise<number>;
  /** In a fixed order. */
  listMembers(id: CampaignId, query: MemberQuery): Promise<readonly Member[]>;
}

/** The parts that campaigns need. */
export interface CampaignParts extends FleetParts {
  readonly campaigns: CampaignsPort;
  /** How many rotations may begin in a subscription now, within its limit in Azure Resource Manager. */
  room(): Promise<(subscriptionId: string) => number>;
}

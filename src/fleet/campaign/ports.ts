// What a campaign asks of its store. It may have written even if a promise is rejected: read again, always.
import type { ETag } from '../../rotation/model.ts';
import type { FleetParts } from '../ports.ts';
import type { Campaign, CampaignId, Member, MemberMove, MemberState } from './rules/model.ts';

export interface StoredCampaign {
  readonly etag: ETag;
  readonly campaign: Campaign;
}

/** What one transaction holds of rows besides the campaign's own two; a move from state to state is two. */
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
  /** Ids of those that cannot be understood, in their order. */
  readonly unreadable: readonly string[];
}

/** Campaigns and their members (Azure Tables). */
export interface CampaignsPort {
  /** Newest first. One that cannot be understood is left out. */
  list(): Promise<readonly StoredCampaign[]>;
  listAll(): Promise<CampaignList>;
  /** Throws `RecordUnreadable` for one that cannot be understood. */
  read(id: CampaignId): Promise<StoredCampaign | undefined>;
  /** Inserts once; answers false when there is one with this id. */
  insert(campaign: Campaign): Promise<boolean>;
  /**
   * Compare-and-swap of the campaign together with its members' moves: all or nothing. Throws `LostRace` when the ETag no
   * longer matches, or when a member is not where the move takes it from.
   */
  write(campaign: Campaign, expected: ETag, moves: readonly MemberMove[]): Promise<ETag>;
  /**
   * Removes campaigns that have been over since before `before` (milliseconds since the epoch) with their members, as far
   * as one call gets; what is left is for the next one. Answers how many are gone.
   */
  forget(before: number): Promise<number>;
  /** In a fixed order. */
  listMembers(id: CampaignId, query: MemberQuery): Promise<readonly Member[]>;
}

/** What campaigns are made of. */
export interface CampaignParts extends FleetParts {
  readonly campaigns: CampaignsPort;
  /** How many rotations may begin in a subscription now, by what its limit in Azure Resource Manager has left. */
  room(): Promise<(subscriptionId: string) => number>;
}

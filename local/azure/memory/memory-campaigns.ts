// The campaign store without a network: one map of rows, compare-and-swap by ETag, all or nothing.
// It must not interpret its contents or be kinder than a table: a move from a place without the member loses the race.

import type { CampaignList, CampaignsPort, MemberQuery, StoredCampaign } from '../../../src/fleet/campaign/ports.ts';
import type { Campaign, CampaignId, Member, MemberMove } from '../../../src/fleet/campaign/rules/model.ts';
import { RotationError } from '../../../src/rotation/errors.ts';
import type { ETag } from '../../../src/rotation/model.ts';
import { jsonOf } from './memory-json.ts';
import { requireCampaignFits } from './memory-limits.ts';

export class MemoryCampaigns implements CampaignsPort {
  readonly rows = new Map<CampaignId, StoredCampaign>();
  /** By state, ring, subscription and account, as the rows of the table. */
  readonly members = new Map<string, Member>();
  /** Keys of members, grouped by all parts but the account. Sorted on demand: a large fleet is read bit by bit. */
  readonly #groups = new Map<string, { keys: string[]; isSorted: boolean }>();
  #writes = 0;

  list(): Promise<readonly StoredCampaign[]> {
    return Promise.resolve([...this.rows.values()].sort((a, b) => b.campaign.at - a.campaign.at));
  }

  async listAll(): Promise<CampaignList> {
    return { stored: await this.list(), unreadable: [] };
  }

  forget(before: number): Promise<number> {
    const old = [...this.rows.values()].filter(
      ({ campaign }) => ['completed', 'aborted'].includes(campaign.state) && campaign.changed.at < before,
    );
    for (const { campaign } of old) {
      this.rows.delete(campaign.id);
      for (const key of [...this.members.keys()]) if (key.startsWith(`${campaign.id}|`)) this.members.delete(key);
    }
    return Promise.resolve(old.length);
  }

  read(id: CampaignId): Promise<StoredCampaign | undefined> {
    return Promise.resolve(this.rows.get(id));
  }

  insert(campaign: Campaign): Promise<boolean> {
    const refusal = refusalOf('insertCampaign', campaign, []);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.rows.has(campaign.id)) return Promise.resolve(false);
    this.#put(campaign);
    return Promise.resolve(true);
  }

  write(campaign: Campaign, expected: ETag, moves: readonly MemberMove[]): Promise<ETag> {
    const refusal = refusalOf('write', campaign, moves);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.rows.get(campaign.id)?.etag !== expected) return Promise.reject(lostRace());
    const changes = new Map<string, Member | undefined>();
    const isThere = (key: string): boolean =>
      changes.has(key) ? changes.get(key) !== undefined : this.members.has(key);
    for (const { was, now } of moves) {
      const from = was === undefined ? undefined : keyOf(campaign.id, was);
      const to = now === undefined ? undefined : keyOf(campaign.id, now);
      if (from !== undefined && !isThere(from)) return Promise.reject(lostRace());
      if (from !== undefined) changes.set(from, undefined);
      if (to === undefined || now === undefined) continue;
      if (isThere(to)) return Promise.reject(lostRace());
      changes.set(to, now);
    }
    for (const [key, member] of changes) this.#change(key, member);
    return Promise.resolve(this.#put(campaign));
  }

  listMembers(id: CampaignId, { state, ring, subscription, limit }: MemberQuery): Promise<readonly Member[]> {
    const parts = [id, state, ...(ring === undefined ? [] : [pad(ring)]), ...(subscription ? [subscription] : [])];
    const prefix = `${parts.join('|')}|`;
    const found: Member[] = [];
    const groups = [...this.#groups.keys()].filter((group) => group.startsWith(prefix)).sort();
    for (const key of groups.flatMap((group) => this.#keysOf(group))) {
      const member = this.members.get(key);
      if (member !== undefined) found.push(member);
      if (found.length === limit) break;
    }
    return Promise.resolve(found);
  }

  #change(key: string, member: Member | undefined): void {
    if (member === undefined) {
      this.members.delete(key);
      return;
    }
    this.members.set(key, member);
    const name = key.slice(0, key.lastIndexOf('|') + 1);
    const group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, { keys: [key], isSorted: true });
    else {
      group.keys.push(key);
      group.isSorted = false;
    }
  }

  /** In order, without duplicates. Drops the keys of members that have left. */
  #keysOf(name: string): readonly string[] {
    const group = this.#groups.get(name);
    if (group === undefined) return [];
    if (!group.isSorted) {
      group.keys = [...new Set(group.keys.filter((key) => this.members.has(key)))].sort();
      group.isSorted = true;
    }
    return group.keys;
  }

  #put(campaign: Campaign): ETag {
    const etag = `"${++this.#writes}"` as ETag;
    this.rows.set(campaign.id, { campaign: jsonOf('campaign', campaign), etag });
    return etag;
  }
}

function pad(ring: number): string {
  return String(ring).padStart(3, '0');
}

function keyOf(id: CampaignId, { state, ring, subscription, accountId }: Member): string {
  return `${id}|${state}|${pad(ring)}|${subscription}|${accountId}`;
}

/** Azure's refusal of such a write, if any. */
function refusalOf(operation: string, campaign: Campaign, moves: readonly MemberMove[]): RotationError | undefined {
  try {
    requireCampaignFits(operation, campaign, moves);
    return undefined;
  } catch (error) {
    if (error instanceof RotationError) return error;
    throw error;
  }
}

function lostRace(): RotationError {
  return new RotationError({
    code: 'LostRace',
    service: 'table',
    operation: 'write',
    message: 'The campaign was changed by another turn.',
  });
}

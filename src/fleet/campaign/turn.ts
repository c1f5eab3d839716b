// One turn at a campaign: its parts, how it looks at members, and how it writes their new states.
// It must not decide: `rules/` does. Every write holds the campaign's ETag, so of two concurrent turns one ends.

import { isDeepStrictEqual } from 'node:util';
import { forEachInLanes } from '../../base/lanes.ts';
import type { Log } from '../../base/log.ts';
import { errorFields } from '../../rotation/errors.ts';
import type { Account, Request } from '../../rotation/model.ts';
import { historyEntry } from '../../rotation/pass/record.ts';
import type { Clock, RecordsPort, StoredAccount } from '../../rotation/ports.ts';
import { CurrentAccounts } from '../current-accounts.ts';
import type { FleetRecords } from '../ports.ts';
import { type CampaignsPort, MOVES_PER_WRITE, type StoredCampaign } from './ports.ts';
import { type Judgement, judge, type MemberSighting } from './rules/judge.ts';
import { type Campaign, type Member, type MemberMove, requestIdOf } from './rules/model.ts';
import { applyMoves, settle } from './rules/progress.ts';

/** The parts that campaigns need. */
export interface CampaignWork {
  /** The accounts as configured now. */
  accounts(): Promise<readonly Account[]>;
  readonly campaigns: CampaignsPort;
  readonly records: Pick<RecordsPort & FleetRecords, 'read' | 'listStatus' | 'insertRequest'>;
  readonly clock: Clock;
  /** Passes over an account that was asked, so that it need not wait for the timer. Never throws. */
  pass(account: Account): Promise<void>;
  /** How many rotations may begin in a subscription now, within the limits of Azure. */
  startsAllowed(subscription: string): number;
  sleep(ms: number): Promise<void>;
  /** Accounts at once. */
  readonly concurrency: number;
  readonly log: Log;
}

function isAtRest({ record }: StoredAccount, { from }: Member): boolean {
  return record.state === 'present' && record.record.phase === 'idle' && record.record.rotationId === from;
}

const NEVER = Number.POSITIVE_INFINITY;

/** A member in flight as it was seen, and when to look at its account again. */
export interface Seen extends Judgement {
  readonly lookAt: number;
}

/** More members than this are read by one query for the fleet instead of one by one. */
const LOOKS_ONE_BY_ONE = 20;

export class Turn {
  readonly work: CampaignWork;
  readonly #accounts: CurrentAccounts;
  #stored: StoredCampaign;

  constructor(work: CampaignWork, stored: StoredCampaign, accounts: readonly Account[]) {
    this.work = work;
    this.#stored = stored;
    this.#accounts = new CurrentAccounts(work, accounts);
  }

  /** Throws if they cannot be read: no member starts on a configuration that may have changed. */
  async renewAccounts(): Promise<void> {
    await this.#accounts.renew();
  }

  get campaign(): Campaign {
    return this.#stored.campaign;
  }

  now(): number {
    return this.work.clock.now();
  }

  accountOf({ accountId }: Member): Account | undefined {
    return this.#accounts.get(accountId);
  }

  /** Writes the moves in as many transactions as they need, with the campaign that results from them. */
  async write(moves: readonly MemberMove[], change: (campaign: Campaign) => Campaign = (same) => same): Promise<void> {
    for (let start = 0; start < moves.length; start += MOVES_PER_WRITE) {
      await this.#write(moves.slice(start, start + MOVES_PER_WRITE), (same) => same);
    }
    await this.#write([], change);
  }

  async #write(moves: readonly MemberMove[], change: (campaign: Campaign) => Campaign): Promise<void> {
    const { campaign: before, etag } = this.#stored;
    const next = settle(change(applyMoves(before, moves)), this.now());
    if (moves.length === 0 && isDeepStrictEqual(next, before)) return;
    const campaign = { ...next, revision: before.revision + 1 };
    this.#stored = { campaign, etag: await this.work.campaigns.write(campaign, etag, moves) };
    this.#logChange(before);
  }

  #logChange(before: Campaign): void {
    const { campaign, work } = this;
    const ring = campaign.rings[campaign.current]?.name;
    const fields = { campaign: campaign.id, state: campaign.state, reason: campaign.changed.reason, ring };
    if (campaign.state === 'halted' && before.state !== 'halted') work.log('warn', 'campaignHalted', fields);
    else if (campaign.state !== before.state) work.log('info', 'campaign', fields);
    else if (campaign.current !== before.current) work.log('info', 'campaignRing', fields);
  }

  /** One read for the account. Throws when it cannot be read. */
  async sight(member: Member): Promise<(MemberSighting & { readonly nextObservationAt: number }) | undefined> {
    const account = this.accountOf(member);
    if (account === undefined) return undefined;
    const { record, entity, requests } = await this.work.records.read(account);
    const id = requestIdOf(this.campaign.id);
    const isAsked = requests.some((request) => request.id === id && request.closedAt === undefined);
    const { lastPass, nextObservationAt } = entity;
    return { account, record, lastPass, isAsked, nextObservationAt };
  }

  /** For members that were asked long ago: one query reads many of them. */
  async sightMany(members: readonly Member[]): Promise<ReadonlyMap<Member, MemberSighting | undefined>> {
    const seen = new Map<Member, MemberSighting | undefined>();
    if (members.length <= LOOKS_ONE_BY_ONE) {
      await this.forEach(members, async (member) => void seen.set(member, await this.sight(member)));
      return seen;
    }
    const rows = new Map((await this.work.records.listStatus()).map((row) => [row.accountId, row]));
    for (const member of members) {
      const account = this.accountOf(member);
      const row = rows.get(member.accountId);
      const record = row?.record ?? { state: 'absent' as const };
      const sighting = { record, lastPass: row?.lastPass, isAsked: true };
      seen.set(member, account === undefined ? undefined : { account, ...sighting });
    }
    return seen;
  }

  /** The state of a member in flight now. A member that cannot be read stays as it is, and does not stop the others. */
  async judge(member: Member): Promise<Seen> {
    try {
      const sighting = await this.sight(member);
      const judged = judge(this.campaign, member, sighting, this.now());
      return { ...judged, lookAt: sighting?.nextObservationAt ?? NEVER };
    } catch (error) {
      const about = { campaign: this.campaign.id, account: member.alias };
      this.work.log('warn', 'campaignMemberNotRead', { ...about, ...errorFields(error) });
      return { member, isToBeAsked: false, lookAt: NEVER };
    }
  }

  judgeSeen(member: Member, sighting: MemberSighting | undefined): Judgement {
    return judge(this.campaign, member, sighting, this.now());
  }

  /** Stores a request for the member's rotation, once however often it is called. Throws if it cannot be stored. */
  async ask(member: Member): Promise<void> {
    const account = this.accountOf(member);
    if (account === undefined) return;
    const { campaign, work } = this;
    const stored = await work.records.read(account);
    // A rotation that has begun since then counts. A request during it would begin a second one right after it.
    if (!isAtRest(stored, member)) return;
    const by = `${campaign.by} (campaign ${campaign.id})`;
    const { reason } = campaign.wish;
    const at = this.now();
    const request: Request = { id: requestIdOf(campaign.id), kind: 'rotate', reason, by, at };
    const line = { kind: 'Requested', reason: `rotate: ${reason}`, requestId: request.id, by } as const;
    await work.records.insertRequest(account, request, [historyEntry(stored, line, at)]);
  }

  /** Acts on a few at a time, until all are done or `until` has come. The first error ends it. */
  async forEach<T>(
    items: readonly T[],
    act: (item: T) => Promise<void>,
    until = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    await forEachInLanes(items, this.work.concurrency, act, () => this.now() < until);
  }
}

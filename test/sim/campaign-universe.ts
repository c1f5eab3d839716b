// A small fleet under a campaign: the shipped driver and core over stores in memory, with rotations that only pretend.
// The accounts behave as their record says they may; how a rotation is done safely is for the other simulation.
import { MemoryCampaigns } from '../../local/azure/memory/memory-campaigns.ts';
import { MemoryRecords } from '../../local/azure/memory/memory-records.ts';
import type { CampaignId, CampaignWish } from '../../src/fleet/campaign/rules/model.ts';
import { requestIdOf } from '../../src/fleet/campaign/rules/model.ts';
import type {
  Account,
  AccountAlias,
  AccountId,
  ETag,
  Fingerprint,
  IdleRecord,
  PreparingRecord,
  PropagatingRecord,
  RotationId,
  RotationRecord,
  SecretVersion,
} from '../../src/rotation/model.ts';
import { ACCOUNT, SIM_POLICY } from './sim-account.ts';

export const MINUTE = 60_000;
const OVERLAP_MS = 6 * MINUTE;
export const CAMPAIGN = 'c1' as CampaignId;
export const REQUEST = requestIdOf(CAMPAIGN);

/** What becomes of a rotation of this account. */
export type Behaviour =
  | 'rotates'
  /** Blocked as soon as it is asked. */
  | 'blocks'
  /** Blocked for a reason of its own, two minutes after the beginning, once it is a member. */
  | 'turnsBlocked'
  /** Rolled back by its consumers three minutes into the overlap. */
  | 'isRolledBack'
  /** In the overlap of another rotation when the campaign begins. */
  | 'isBusy'
  /** Leaves the fleet two minutes after the beginning. */
  | 'leaves';

export interface Seed {
  readonly subscription: string;
  readonly vault: string;
  readonly behaviour: Behaviour;
}

export interface Scenario {
  readonly name: string;
  readonly seeds: readonly Seed[];
  readonly wish: Omit<CampaignWish, 'reason' | 'filter' | 'overdueAfterMs'>;
  /** What an operator does, by minute. */
  readonly words: Readonly<Record<number, 'pause' | 'resume' | 'abort'>>;
  /** How it must end when the faults have ended. */
  readonly ends: 'completed' | 'halted' | 'aborted';
  /** Two instances advance it at once. */
  readonly isTwin?: true;
}

export class CampaignUniverse {
  readonly records: MemoryRecords;
  readonly campaigns = new MemoryCampaigns();
  readonly scenario: Scenario;
  readonly all: readonly Account[];
  /** Rotations begun by account since the campaign. */
  readonly begun = new Map<AccountId, number>();
  /** Requests of the campaign that were stored, in order. */
  readonly asked: AccountId[] = [];
  now = 0;
  #etags = 0;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.records = new MemoryRecords(() => `"${++this.#etags}"`);
    this.all = scenario.seeds.map((seed, index) => accountOf(seed, index));
    for (const [index, account] of this.all.entries()) {
      const rows = this.records.rowsOf(account.id);
      rows.etag = `"${++this.#etags}"` as ETag;
      const record = scenario.seeds[index]?.behaviour === 'isBusy' ? propagating(idle(4), 5, -MINUTE) : idle(4);
      // Passes are the timer's here; that the campaign looks again by itself only makes it faster.
      rows.entity = { ...rows.entity, record, revision: 1, nextObservationAt: Number.POSITIVE_INFINITY };
    }
  }

  /** The accounts as configured now. */
  accounts(): readonly Account[] {
    return this.all.filter((account) => this.behaviourOf(account) !== 'leaves' || this.now < 2 * MINUTE);
  }

  behaviourOf(account: Account): Behaviour {
    return this.scenario.seeds[this.all.indexOf(account)]?.behaviour ?? 'rotates';
  }

  recordOf(account: Account): RotationRecord {
    const { record } = this.records.rowsOf(account.id).entity;
    if (record === undefined) throw new Error(`${account.alias} has no record.`);
    return record;
  }

  isAsked(account: Account): boolean {
    return this.records
      .rowsOf(account.id)
      .requests.some(({ id, closedAt }) => id === REQUEST && closedAt === undefined);
  }

  isBlocked(account: Account): boolean {
    return this.records.rowsOf(account.id).entity.lastPass?.isBlocked === true;
  }

  /** What a pass would do; the key that one pass has made is published by the next one. */
  pass(account: Account): void {
    const rows = this.records.rowsOf(account.id);
    const record = this.recordOf(account);
    const behaviour = this.behaviourOf(account);
    if (record.phase === 'idle' && this.isAsked(account)) {
      if (behaviour === 'blocks') {
        this.#block(account);
        return;
      }
      rows.requests = rows.requests.map((request) => ({ ...request, closedAt: this.now }));
      rows.entity = { ...rows.entity, record: preparing(record, this.now) };
      this.begun.set(account.id, (this.begun.get(account.id) ?? 0) + 1);
      return;
    }
    if (record.phase === 'preparing' && this.now > record.attemptAt) {
      rows.entity = { ...rows.entity, record: propagating(record, record.rotationId, this.now) };
    }
    if (record.phase !== 'propagating') return;
    const age = this.now - record.since;
    if (behaviour === 'isRolledBack' && !record.rolledBack && age >= 3 * MINUTE) {
      rows.entity = { ...rows.entity, record: { ...record, rolledBack: true } };
    } else if (age >= OVERLAP_MS) {
      const outcome = record.rolledBack ? 'rolledBack' : 'completed';
      const last = { rotationId: record.rotationId, outcome } as const;
      rows.entity = { ...rows.entity, record: { ...idle(record.rotationId), last } };
    }
  }

  #block(account: Account): void {
    const rows = this.records.rowsOf(account.id);
    const lastPass = { at: this.now, reason: 'PublishedKeyNotAccepted', isBlocked: true, since: this.now, failures: 0 };
    rows.entity = { ...rows.entity, lastPass };
  }

  /** The timer: every account that has something to do, independent of the campaign. */
  tick(): void {
    for (const account of this.accounts()) {
      const isMember = (this.campaigns.rows.get(CAMPAIGN)?.campaign.rings.length ?? 0) > 0;
      const isTurned = this.behaviourOf(account) === 'turnsBlocked' && this.now >= 2 * MINUTE;
      if (isTurned && isMember) this.#block(account);
      this.pass(account);
    }
  }
}

function accountOf({ subscription, vault }: Seed, index: number): Account {
  const alias = `account-${index}` as AccountAlias;
  const id = `/subscriptions/${subscription}/accounts/${alias}` as AccountId;
  const policy = { ...SIM_POLICY, overlapMaximumMs: OVERLAP_MS };
  return { ...ACCOUNT, policy, id, alias, subscriptionId: subscription, vaultUrl: vault };
}

const VERSION = { slot: 'key1', version: 'v' as SecretVersion, fingerprint: 'f' as Fingerprint } as const;

function idle(rotationId: number): IdleRecord {
  return { phase: 'idle', rotationId: rotationId as RotationId, published: VERSION, rotatedAt: 0, jitterMs: 0 };
}

function preparing({ published, rotationId }: IdleRecord, now: number): PreparingRecord {
  return {
    phase: 'preparing',
    rotationId: (rotationId + 1) as RotationId,
    published,
    reason: 'RotationRequested',
    requestId: REQUEST,
    before: published.fingerprint,
    attemptAt: now,
    attempts: 1,
  };
}

function propagating({ published }: RotationRecord, rotationId: number, since: number): PropagatingRecord {
  const superseded = { ...published };
  return {
    phase: 'propagating',
    rotationId: rotationId as RotationId,
    published,
    superseded,
    since,
    rolledBack: false,
    versions: [],
  };
}

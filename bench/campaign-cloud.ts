// The cloud that a campaign is measured in: the in-memory ports of local Azure behind the limits of local Azure, each call
// answered after a while of virtual time. It must not schedule or decide anything; it counts what it is asked.

import { randomUUID } from 'node:crypto';
import type { LocalService } from '../local/azure/local-azure.ts';
import { interceptAllPorts } from '../local/azure/memory/intercept-records.ts';
import { MemoryCampaigns } from '../local/azure/memory/memory-campaigns.ts';
import { createMemoryPorts, type MemoryPorts } from '../local/azure/memory/memory-ports.ts';
import { Query } from '../local/azure/servers/http.ts';
import { type Admission, Limits } from '../local/azure/world/limits.ts';
import { createRealNature } from '../local/azure/world/real-nature.ts';
import { World } from '../local/azure/world/world.ts';
import type { Governor } from '../src/azure/arm/governor.ts';
import type { CampaignsPort } from '../src/fleet/campaign/ports.ts';
import type { FleetRecords } from '../src/fleet/ports.ts';
import type { OperatorPorts } from '../src/operators/ports.ts';
import { RotationError, type ServiceName } from '../src/rotation/errors.ts';
import type { Account, AccountId, OwnerId } from '../src/rotation/model.ts';
import { reconcile } from '../src/rotation/pass/reconcile.ts';
import type { KeysCall, KeysPort } from '../src/rotation/ports.ts';
import { buildAccount, buildPolicy } from '../test/support/account.ts';
import type { VirtualTime } from './virtual-time.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ROWS_PER_PAGE = 1_000;
/** As long as all rotations of a fleet in one subscription begin within, so that no subscription does both halves at once. */
export const OVERLAP_MS = 2 * HOUR;

/** How long each service takes to answer, in milliseconds. Assumed, not measured in Azure. */
export type Latencies = Readonly<Record<Exclude<ServiceName, 'core'>, number>>;

export interface CloudOptions {
  readonly accounts: number;
  readonly subscriptions: number;
  readonly latencies: Latencies;
  /** How long the data plane refuses a new key. */
  readonly activationDelayMs?: number;
  /** How long a new key waits until it is asked about; as the policy has it when absent. */
  readonly activeAfterMs?: number;
  /** Whose limits are kept. */
  readonly limited: readonly ('arm' | 'keyVault' | 'appConfiguration')[];
}

export interface ArmCall {
  readonly at: number;
  readonly account: Account;
  readonly call: KeysCall;
}

type Counted = ServiceName & LocalService;

export class CampaignCloud {
  readonly accounts: readonly Account[];
  readonly campaigns: MemoryCampaigns = new MemoryCampaigns();
  /** Served writes of ARM, in order. */
  readonly armCalls: ArmCall[] = [];
  /** Calls that were answered 429, by service. */
  readonly refused = new Map<ServiceName, number>();
  readonly #time: VirtualTime;
  readonly #options: CloudOptions;
  readonly #limits: Limits;
  readonly #plain: MemoryPorts;

  private constructor(time: VirtualTime, options: CloudOptions) {
    this.#time = time;
    this.#options = options;
    this.#limits = new Limits(time.now, true);
    const world = new World({ ...createRealNature(), now: time.now });
    this.#plain = createMemoryPorts(world);
    this.accounts = Array.from({ length: options.accounts }, (_, index) => addAccount(world, index, options));
  }

  get records(): MemoryPorts['records'] {
    return this.#plain.records;
  }

  /** All accounts adopted and at rest, their looks for drift spread as those of a fleet that has run for long. */
  static async open(time: VirtualTime, options: CloudOptions): Promise<CampaignCloud> {
    const cloud = new CampaignCloud(time, options);
    const clock = { now: () => time.now() - DAY };
    for (const [index, account] of cloud.accounts.entries()) {
      const owner = randomUUID() as OwnerId;
      const { outcome } = await reconcile(
        { account, ports: cloud.#plain, clock, owner },
        { until: Number.POSITIVE_INFINITY },
      );
      if (outcome.kind !== 'waiting' || outcome.wait.isBlocked) throw new Error('An account was not adopted.');
      const rows = cloud.records.rowsOf(account.id);
      const share = (index + 1) / options.accounts;
      rows.entity = { ...rows.entity, nextObservationAt: time.now() + share * account.policy.observeEveryMs };
    }
    return cloud;
  }

  /** What one process sees, with a governor of its own. */
  portsUnder(governor: Governor): OperatorPorts {
    const { latencies } = this.#options;
    const holdOffs = new Map<ServiceName, number>();
    const records = this.#recordsWithCampaigns();
    const ports = interceptAllPorts(
      { ...this.#plain, keys: this.#keysUnder(governor), records },
      async ({ service, operation }, proceed) => {
        const pages = operation === 'listStatus' ? Math.ceil(this.accounts.length / ROWS_PER_PAGE) : 1;
        const ms = service === 'core' ? 0 : latencies[service] * pages;
        await this.#time.sleep(ms / 2);
        if (service === 'keyVault' || service === 'appConfiguration') {
          this.#requireServed(service, operation, holdOffs);
        }
        const answer = await proceed();
        await this.#time.sleep(ms / 2);
        return answer;
      },
    );
    return ports;
  }

  campaignsPort(): CampaignsPort {
    const { campaigns } = this;
    const late = async <T>(call: () => Promise<T>): Promise<T> => {
      await this.#time.sleep(this.#options.latencies.table);
      return call();
    };
    return {
      list: () => late(() => campaigns.list()),
      listAll: () => late(() => campaigns.listAll()),
      read: (id) => late(() => campaigns.read(id)),
      insert: (campaign) => late(() => campaigns.insert(campaign)),
      write: (campaign, etag, moves) => late(() => campaigns.write(campaign, etag, moves)),
      listMembers: (id, query) => late(() => campaigns.listMembers(id, query)),
      forget: (before) => late(() => campaigns.forget(before)),
    };
  }

  /** As the table's query, which finds campaigns that are due as well. */
  #recordsWithCampaigns(): MemoryPorts['records'] {
    const { records } = this.#plain;
    const listDue: FleetRecords['listDue'] = async (now) => {
      const due = (await this.campaigns.list()).filter(({ campaign }) => (campaign.nextAdvanceAt ?? now + 1) <= now);
      return { ...(await records.listDue(now)), campaigns: due.map(({ campaign }) => campaign.id) };
    };
    return new Proxy(records, {
      get: (target, name) => {
        if (name === 'listDue') return listDue;
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
  }

  /** As the adapter: asks the governor, and tells it what ARM says. */
  #keysUnder(governor: Governor): KeysPort {
    const { keys } = this.#plain;
    const counted = async <T>(account: Account, call: KeysCall, proceed: () => Promise<T>): Promise<T> => {
      const admission = this.#take('arm', account);
      if (!admission.isAdmitted) {
        const retryAfterMs = (admission.retryAfterSeconds ?? 0) * 1_000;
        governor.close(account.subscriptionId, retryAfterMs);
        throw this.#refusal('arm', call, retryAfterMs);
      }
      const remaining = Number(admission.headers['x-ms-ratelimit-remaining-subscription-writes']);
      if (Number.isFinite(remaining)) governor.learn(account.subscriptionId, remaining);
      this.armCalls.push({ at: this.#time.now(), account, call });
      return proceed();
    };
    return {
      admit: ({ subscriptionId }, call, urgency) =>
        new Promise((resolve) => {
          governor.admit(subscriptionId, call, urgency);
          resolve();
        }),
      list: (account) => counted(account, 'list', () => keys.list(account)),
      regenerate: (account, slot) => counted(account, 'regenerate', () => keys.regenerate(account, slot)),
    };
  }

  /** As the adapters: after a refusal nothing is sent from the process until the service is ready again. */
  #requireServed(service: Counted, operation: string, holdOffs: Map<ServiceName, number>): void {
    const leftMs = Math.ceil((holdOffs.get(service) ?? 0) - this.#time.now());
    if (leftMs > 0) {
      const message = 'Not sent: the service has asked to wait.';
      throw new RotationError({
        code: 'Throttled',
        service,
        operation,
        message,
        retryAfterMs: leftMs,
        isUnsent: true,
      });
    }
    const admission = this.#take(service);
    if (admission.isAdmitted) return;
    const retryAfterMs = (admission.retryAfterSeconds ?? 1) * 1_000;
    holdOffs.set(service, this.#time.now() + retryAfterMs);
    throw this.#refusal(service, operation, retryAfterMs);
  }

  #take(service: Counted, account?: Account): Admission {
    if (!this.#options.limited.some((name) => name === service)) return { isAdmitted: true, headers: {} };
    const path = `/subscriptions/${account?.subscriptionId ?? ''}`;
    const segments = path.slice(1).split('/');
    const call = { method: 'POST', target: path, path, segments, query: NO_QUERY, headers: {}, rawHeaders: [] };
    return this.#limits.take(service, { ...call, body: NO_BODY, address: '', connection: this });
  }

  #refusal(service: ServiceName, operation: string, retryAfterMs: number): RotationError {
    this.refused.set(service, (this.refused.get(service) ?? 0) + 1);
    const said = 'The limit of the service is used up.';
    return new RotationError({ code: 'Throttled', service, operation, message: said, retryAfterMs, status: 429 });
  }
}

const NO_QUERY = new Query('');
const NO_BODY = Buffer.alloc(0);

function addAccount(world: World, index: number, options: CloudOptions): Account {
  const { accounts, subscriptions, activationDelayMs = 0, activeAfterMs } = options;
  const name = `account-${String(index).padStart(5, '0')}`;
  const subscriptionId = `00000000-0000-0000-0000-${String(index % subscriptions).padStart(12, '0')}`;
  const resourceGroup = 'rg';
  const seed = { subscriptionId, resourceGroup, name, kind: 'TextAnalytics', location: 'westeurope' } as const;
  const { id, keys, knobs } = world.addAccount({ ...seed, keyShape: 'hex32' });
  knobs.nodes = [{ acceptsNewAfterMs: activationDelayMs, acceptsOldForMs: 0 }];
  const policy = buildPolicy({
    overlapMinimumMs: OVERLAP_MS,
    overlapMaximumMs: OVERLAP_MS,
    observeEveryMs: (4.5 + (1.5 * index) / accounts) * HOUR,
    ...(activeAfterMs === undefined ? {} : { settleMs: 0, activationForMs: activeAfterMs }),
  });
  const account = buildAccount(name, { id: id.toLowerCase() as AccountId, subscriptionId, resourceGroup, policy });
  world.vault.set(account.secretName, { value: keys.key1.value });
  return account;
}

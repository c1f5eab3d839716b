// A fleet that lives for years in virtual time: the functions of the app over the in-memory Azure, with the adapters on
// the table in memory. Accounts, consumers, requests and campaigns come and go; the rows stay to be counted.
import { InvocationContext } from '@azure/functions';
import { createMemoryPorts } from '../../local/azure/memory/memory-ports.ts';
import { MemoryTable } from '../../local/azure/memory/memory-table.ts';
import { createRealNature } from '../../local/azure/world/real-nature.ts';
import { type AccountState, World } from '../../local/azure/world/world.ts';
import { createTableCampaigns } from '../../src/azure/table/campaigns.ts';
import { createCheckStore } from '../../src/azure/table/checks.ts';
import { createDiscoveryStore } from '../../src/azure/table/discovery.ts';
import { createTableNotifications } from '../../src/azure/table/notifications.ts';
import { createTableRecords } from '../../src/azure/table/records.ts';
import { type App, composeApp } from '../../src/compose.ts';
import type { FoundAccount } from '../../src/config/accounts/discovered-account.ts';
import { readFleet } from '../../src/config/fleet.ts';
import { createCampaign } from '../../src/fleet/campaign/campaigns.ts';
import type { AccountSearch } from '../../src/fleet/discovery/ports.ts';
import { acknowledge } from '../../src/operators/requests/acknowledgements.ts';
import { ask, setPaused } from '../../src/operators/requests/ask.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import type { Account, AccountId, OwnerId, SecretVersion } from '../../src/rotation/model.ts';
import { runDelivery } from '../../src/triggers/delivery.ts';
import { runDiscovery } from '../../src/triggers/discovery.ts';
import { runTick } from '../../src/triggers/tick.ts';
import { TEST_RESOURCE_GROUP, TEST_SUBSCRIPTION } from '../support/account.ts';
import { familyOf } from '../support/row-families.ts';

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const START = Date.UTC(2027, 0, 4, 8);
const TAGS = { 'key-rotation': 'enabled' };
const SETTINGS = {
  KEY_VAULT_URL: 'https://vault.test',
  APP_CONFIGURATION_ENDPOINT: 'https://store.test',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  NOTIFICATION_URL: 'https://hooks.example.org/',
  NOTIFICATION_SECRET: '0123456789abcdefghijklmnopqrstuv',
};
const NOTHING = () => undefined;

export class YearsStage {
  now = START;
  readonly table = new MemoryTable();
  readonly app: App;
  /** Messages that ticks have put on the queue. */
  queued = 0;
  readonly said = new Map<string, number>();
  readonly #world: World;
  readonly #documents = new Map<string, object>();
  readonly #most = new Map<string, number>();
  /** The next search of the subscription fails. */
  isSearchFailing = false;
  #owners = 0;

  constructor() {
    this.#world = new World({ ...createRealNature(), now: () => this.now, chooseNode: () => 0 });
    const { table } = this;
    const composed = composeApp(SETTINGS);
    const discovered = createDiscoveryStore({ table });
    const settings = composed.settings.ok ? composed.settings.settings : undefined;
    if (settings === undefined) throw new Error('The settings of this stage are wrong.');
    const fleetWith: App['fleetWith'] = (found) => {
      const keyValues = [...this.#documents].map(([key, value]) => ({ key, value: JSON.stringify(value) }));
      return readFleet(keyValues, settings, found);
    };
    this.app = {
      ...composed,
      ports: { ...createMemoryPorts(this.#world), records: createTableRecords({ table, isNotifying: true }) },
      campaigns: createTableCampaigns({ table }),
      checks: createCheckStore({ table }),
      outbox: createTableNotifications({ table }),
      // Tells of no end of a rotation: each is refused until it is given up.
      receiver: {
        send: ({ type }) => Promise.resolve(type.endsWith('RotationCompleted') ? REFUSED : { kind: 'taken' }),
      },
      kinds: { obstacleTo: () => Promise.resolve(undefined) },
      room: () => Promise.resolve(() => Number.POSITIVE_INFINITY),
      discovered,
      accountSearch: this.#search(),
      fleetWith,
      fleet: async () => fleetWith(await discovered.read()),
      clock: { now: () => this.now },
      // Everything in memory has been answered by then: only what waits for nothing else sleeps to the end.
      sleep: async (ms) => {
        await new Promise(setImmediate);
        this.now += ms;
      },
      newOwner: () => `owner-${++this.#owners}` as OwnerId,
    };
  }

  configure(key: string, document: object | undefined): void {
    if (document === undefined) this.#documents.delete(`KeyRotation:${key}`);
    else this.#documents.set(`KeyRotation:${key}`, document);
  }

  /** A tagged account; its alias follows from its id. */
  tag(name: string): AccountState {
    return this.#add(name, TAGS);
  }

  list(name: string): AccountState {
    const state = this.#add(name, {});
    this.configure(`Accounts:${name}`, { resourceId: state.id });
    return state;
  }

  delete(name: string): void {
    for (const [id, { seed }] of this.#world.accounts) if (seed.name === name) this.#world.accounts.delete(id);
  }

  async account(name: string): Promise<Account | undefined> {
    return (await this.app.fleet()).accounts.find((account) => account.name === name.toLowerCase());
  }

  /** One run of each function that a timer starts, at a full hour: then the delivery looks for old dead ones. */
  async runAll(): Promise<void> {
    this.now = Math.ceil(this.now / HOUR) * HOUR;
    this.#note();
    await runDiscovery(this.app, this.#context('discover-accounts'));
    this.queued += (await runTick(this.app, this.#context('reconcile-on-schedule'))).length;
    await runDelivery(this.app, this.#context('deliver-notifications'));
    this.#note();
  }

  /** What people and applications do with an account in a month. */
  async live(name: string, month: number): Promise<void> {
    const account = await this.account(name);
    if (account === undefined) return;
    const asking = { account, by: 'operator' };
    const key = `${name}-${month}`;
    await ask(this.app, { ...asking, wish: { kind: 'rotate', reason: 'monthly' }, key }).catch(NOTHING);
    if (month % 3 === 0) {
      const wish = { kind: 'compromised', named: 'key2', reason: 'leaked' } as const;
      await ask(this.app, { ...asking, wish, key: `leak-${key}` });
    }
    await setPaused(this.app, asking, 'maintenance', true);
    await setPaused(this.app, asking, 'maintenance', false);
    for (const consumer of account.policy.consumers) {
      await acknowledge(this.app, account, { consumer, version: '0'.repeat(32) as SecretVersion }, NOTHING);
    }
    await this.app.checks.keep(account, CHECK);
    await this.app.checks.beginSearch(`https://vault-${month}.test`, this.now, DAY);
  }

  async campaign(): Promise<void> {
    const wish = { reason: 'quarterly', filter: {}, rings: [], bakeMs: 0, overdueAfterMs: 7 * DAY };
    const caps = { maxFailures: 100, perSubscription: 100, perVault: 100, waitFor: 'published' } as const;
    await createCampaign(this.app, { wish: { ...wish, ...caps }, by: 'operator' }, NOTHING);
  }

  /** The most rows of each kind that there were since the last call. */
  most(): ReadonlyMap<string, number> {
    const most = new Map(this.#most);
    this.#most.clear();
    return most;
  }

  #note(): void {
    const counts = new Map<string, number>();
    for (const key of this.table.rows.keys()) {
      const family = familyOf(key);
      counts.set(family, (counts.get(family) ?? 0) + 1);
    }
    for (const [family, count] of counts) this.#most.set(family, Math.max(count, this.#most.get(family) ?? 0));
  }

  #add(name: string, tags: Readonly<Record<string, string>>): AccountState {
    const place = { subscriptionId: TEST_SUBSCRIPTION, resourceGroup: TEST_RESOURCE_GROUP, location: 'westeurope' };
    return this.#world.addAccount({ ...place, name, kind: 'TextAnalytics', keyShape: 'hex32', tags });
  }

  #search(): AccountSearch {
    return {
      list: () =>
        this.isSearchFailing
          ? Promise.reject(new RotationError(NO_ANSWER))
          : Promise.resolve([...this.#world.accounts.values()].map(foundOf)),
      nameOf: (id) => Promise.resolve(`Subscription ${id}`),
      lookFor: (id) => Promise.resolve(this.#world.accounts.has(id) ? 'exists' : 'gone'),
    };
  }

  #context(functionName: string): InvocationContext {
    const logHandler = (_level: string, ...args: unknown[]): void => {
      const { event } = JSON.parse(String(args[0])) as { event: string };
      this.said.set(event, (this.said.get(event) ?? 0) + 1);
    };
    return new InvocationContext({ functionName, logHandler });
  }
}

const NO_ANSWER = { code: 'Unavailable', service: 'arm', operation: 'listAccounts', message: 'No answer.' } as const;
const REFUSED = { kind: 'refused', detail: 'The receiver answered 400.' } as const;
const CHECK = {
  at: START,
  by: 'operator',
  isVaultSearched: true,
  isHealthy: true,
  isReadyForKeyless: false,
  findings: [],
} as const;

function foundOf({ id, tags, createdAt }: AccountState): FoundAccount {
  return {
    id: id.toLowerCase() as AccountId,
    resourceId: id,
    isTagged: tags['key-rotation'] === 'enabled',
    createdAt: new Date(createdAt).toISOString(),
    provisioningState: 'Succeeded',
    isKeyAccessOff: false,
  };
}

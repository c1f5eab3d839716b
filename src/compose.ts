// Wires the service once per process. Parses the settings, or lists all their problems at once.
// The only file that knows both the core and the adapters. It must not decide. Loading it does nothing: the first call
// that needs an adapter imports it, with its SDK.

import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import type { AccountDetailsSource, KeptDetails } from './azure/arm/account-details.ts';
import type { Management } from './azure/arm/account-keys.ts';
import { ownHosts } from './azure/arm/own-hosts.ts';
import { monotonicClock } from './azure/client/monotonic-clock.ts';
import type { Table } from './azure/table/client.ts';
import { lazyPort, once } from './base/lazy.ts';
import { steadyClock } from './base/steady-clock.ts';
import type { Discovered } from './config/accounts/discovered-account.ts';
import { DISCOVERY_KEY } from './config/accounts/discovery.ts';
import { type Fleet, proposeFleet, readFleet } from './config/fleet.ts';
import type { ConfigurationSource, RawKeyValue } from './config/raw-key-value.ts';
import { type Environment, parseSettings, type Settings } from './config/settings.ts';
import type { DiscoveryParts, DiscoveryStore } from './fleet/discovery/ports.ts';
import { createInventories } from './holders/inventories.ts';
import { HOLDER_KINDS } from './holders/model.ts';
import type { HolderParts, HolderRecords } from './holders/ports.ts';
import type { HttpParts } from './http/call.ts';
import type { OperatorPorts } from './operators/ports.ts';
import { RotationError } from './rotation/errors.ts';
import type { OwnerId } from './rotation/model.ts';
import type { Clock } from './rotation/ports.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import type { NotificationParts } from './triggers/delivery.ts';
import type { QueueParts } from './triggers/queue.ts';
import type { TickParts } from './triggers/tick.ts';

/** The parts of all rooms. Each room declares the parts that it needs. */
export type App = HttpParts & DiscoveryParts & TickParts & QueueParts & NotificationParts;

/** Wires an app on the given environment. Never throws: wrong settings show in `settings` and in each call. */
export function composeApp(environment: Environment): App {
  const settings = parseSettings(environment);
  const clock: Clock = { now: () => Date.now() };
  const needed = (): Settings => {
    if (settings.ok) return settings.settings;
    throw settingsWrong(settings.problems.map((problem) => problem.setting));
  };
  const credential = once(async () => {
    const { createCredential } = await import('./azure/client/credential.ts');
    const { clientId, cloud } = needed();
    return createCredential({ clientId, cloud, environment });
  });
  const source = once(() => createSource(needed(), credential));
  const management = once(async () => {
    const { createGovernor, createManagement } = await import('./azure/arm/index.ts');
    return createManagement({ credential: await credential(), cloud: needed().cloud, governor: createGovernor() });
  });
  const kept: KeptDetails = new Map();
  const details = once(async () => {
    const { createAccountDetails } = await import('./azure/arm/index.ts');
    return createAccountDetails({ ...(await management()), clock, kept });
  });
  const table = once(() => connectTable(needed(), credential));
  const discovered = lazyPort(async () => {
    const { createDiscoveryStore } = await import('./azure/table/index.ts');
    return createDiscoveryStore({ table: await table() });
  });
  return {
    settings,
    clock,
    ports: createPorts(needed, credential, { table, management, details, kept }),
    kinds: lazyPort(async () => {
      const { createKinds } = await import('./azure/arm/index.ts');
      return createKinds(await details());
    }),
    discovered,
    campaigns: lazyPort(async () => {
      const { createTableCampaigns } = await import('./azure/table/index.ts');
      return createTableCampaigns({ table: await table() });
    }),
    freeze: lazyPort(async () => {
      const { createFreeze } = await import('./azure/app-configuration/index.ts');
      const { appConfigurationEndpoint: endpoint, cloud } = needed();
      return createFreeze({ endpoint, credential: await credential(), cloud });
    }),
    checks: lazyPort(async () => {
      const { createCheckStore } = await import('./azure/table/index.ts');
      return createCheckStore({ table: await table() });
    }),
    room: async () => {
      const { governor } = await management();
      return (subscriptionId) => governor.room(subscriptionId);
    },
    ...createInspection(needed, credential, management),
    ...createNotification(needed, table, clock),
    ...(settings.ok ? createHolders(settings.settings, credential, { table, details }) : {}),
    site: { name: environment['WEBSITE_SITE_NAME'] },
    ...fleetReader(needed, source, discovered),
    telemetry: createTelemetry(environment),
    newOwner: () => randomUUID() as OwnerId,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

/**
 * The app for one invocation. Its clock is never set back and never behind the time of day: no wait, bound or lease of
 * the invocation becomes longer when the machine's clock is set back meanwhile.
 */
export function forInvocation(app: App): App {
  return { ...app, clock: steadyClock(app.clock, monotonicClock) };
}

function settingsWrong(settings: readonly string[]): RotationError {
  return new RotationError({
    code: 'Misconfigured',
    service: 'core',
    operation: 'readSettings',
    message: `The app settings are not complete (${settings.join(', ')}): see the problems in the answer of GET accounts.`,
  });
}

async function createSource(
  settings: Settings,
  credential: () => Promise<TokenCredential>,
): Promise<ConfigurationSource> {
  const { createConfigurationSource } = await import('./azure/app-configuration/index.ts');
  const { appConfigurationEndpoint: endpoint, cloud } = settings;
  return createConfigurationSource({ endpoint, credential: await credential(), cloud });
}

const NOTHING_DISCOVERED: Discovered = { accounts: [], failures: [] };

interface Parsed {
  readonly keyValues: readonly RawKeyValue[];
  readonly discovered: Discovered;
  readonly fleet: Promise<Fleet>;
}

/** Reads and parses again only if something has changed. */
function fleetReader(
  needed: () => Settings,
  source: () => Promise<ConfigurationSource>,
  store: DiscoveryStore,
): Pick<App, 'fleet' | 'fleetWith' | 'fleetWithDocuments'> {
  let parsed: Parsed | undefined;
  let kept: { readonly revision: string | undefined; readonly discovered: Discovered } = {
    revision: undefined,
    discovered: NOTHING_DISCOVERED,
  };
  return {
    async fleet(mark) {
      const keyValues = await (await source()).read();
      // Without a search, now or before, the table is not read. After the document is deleted, accounts may still be
      // leaving: every process that has seen a tick knows them.
      const isSearched = kept.revision !== undefined || keyValues.some(({ key }) => key === DISCOVERY_KEY);
      const known = mark ?? { discovery: isSearched ? await store.readRevision() : undefined };
      const revision = known.discovery;
      const isKept = revision === kept.revision;
      if (!isKept) kept = { revision, discovered: revision === undefined ? NOTHING_DISCOVERED : await store.read() };
      const { discovered } = kept;
      if (parsed?.keyValues !== keyValues || parsed.discovered !== discovered) {
        parsed = { keyValues, discovered, fleet: readFleet(keyValues, needed(), discovered) };
      }
      const { fleet } = parsed;
      try {
        return await fleet;
      } catch (error) {
        parsed = undefined;
        throw error;
      }
    },
    fleetWith: async (discovered) => readFleet(await (await source()).read(), needed(), discovered),
    fleetWithDocuments: async (documents) => proposeFleet(await (await source()).read(), documents, needed()),
  };
}

type ManagementOnce = () => Promise<Management>;
type Details = () => Promise<AccountDetailsSource>;

/** What several adapters share. */
interface Shared {
  readonly table: () => Promise<Table>;
  readonly management: ManagementOnce;
  readonly details: Details;
  readonly kept: KeptDetails;
}

/** The ports that only checks and the search for accounts use. */
function createInspection(
  needed: () => Settings,
  credential: () => Promise<TokenCredential>,
  management: ManagementOnce,
): Pick<App, 'posture' | 'vaultSearch' | 'accountSearch'> {
  return {
    accountSearch: lazyPort(async () => {
      const { createAccountSearch } = await import('./azure/arm/index.ts');
      return createAccountSearch(await management());
    }),
    posture: lazyPort(async () => {
      const { createPosture } = await import('./azure/arm/index.ts');
      const { cloud, probeVersions: versions } = needed();
      return createPosture({ ...(await management()), credential: await credential(), cloud, versions });
    }),
    vaultSearch: lazyPort(async () => {
      const { createVaultSearch } = await import('./azure/key-vault/index.ts');
      return createVaultSearch({ credential: await credential(), cloud: needed().cloud });
    }),
  };
}

function createPorts(
  needed: () => Settings,
  credential: () => Promise<TokenCredential>,
  { table, management, details, kept }: Shared,
): OperatorPorts {
  return {
    keys: lazyPort(async () => {
      const { createAccountKeys } = await import('./azure/arm/index.ts');
      return createAccountKeys(await management());
    }),
    secrets: lazyPort(async () => {
      const { createSecrets } = await import('./azure/key-vault/index.ts');
      const { cloud, installation } = needed();
      return createSecrets({ credential: await credential(), cloud, installation });
    }),
    announcements: lazyPort(async () => {
      const { createAnnouncements } = await import('./azure/app-configuration/index.ts');
      const { appConfigurationEndpoint: endpoint, cloud } = needed();
      return createAnnouncements({ endpoint, credential: await credential(), cloud });
    }),
    probes: lazyPort(async () => {
      const { createProbes } = await import('./azure/arm/index.ts');
      const { cloud, probeVersions: versions } = needed();
      return createProbes({ details: await details(), cloud, versions });
    }),
    records: lazyPort(async () => {
      const { createTableRecords } = await import('./azure/table/index.ts');
      const isNotifying = needed().notifications !== undefined;
      return createTableRecords({ table: await table(), isNotifying, details: kept });
    }),
  };
}

async function connectTable({ records }: Settings, credential: () => Promise<TokenCredential>): Promise<Table> {
  const { createTable } = await import('./azure/table/index.ts');
  const { tableName } = records;
  if (records.kind === 'connectionString') {
    return createTable({ connectionString: records.connectionString }, tableName);
  }
  return createTable({ endpoint: records.endpoint, credential: await credential() }, tableName);
}

function createNotification(
  needed: () => Settings,
  table: () => Promise<Table>,
  clock: Clock,
): Pick<App, 'outbox' | 'receiver'> {
  return {
    outbox: lazyPort(async () => {
      const { createTableNotifications } = await import('./azure/table/index.ts');
      return createTableNotifications({ table: await table() });
    }),
    receiver: lazyPort(async () => {
      const { createWebhook } = await import('./azure/webhook.ts');
      const { notifications } = needed();
      if (notifications?.state !== 'ready') throw settingsWrong(['NOTIFICATION_URL', 'NOTIFICATION_SECRET']);
      return createWebhook({ ...notifications, clock });
    }),
  };
}

/** Absent while no kind of holder is searched. */
function createHolders(
  { holders: scopes, cloud }: Settings,
  credential: () => Promise<TokenCredential>,
  { table, details }: Pick<Shared, 'table' | 'details'>,
): Pick<App, 'holders'> {
  if (Object.keys(scopes).length === 0) return {};
  const adapters = lazyAdapters(async () => {
    const { createHolderAdapters } = await import('./azure/holders/index.ts');
    return createHolderAdapters({ credential: await credential(), cloud });
  });
  const records: HolderRecords = lazyPort(async () => {
    const { createHolderRecords } = await import('./azure/table/index.ts');
    return createHolderRecords({ table: await table() });
  });
  return {
    holders: {
      scopes,
      adapters,
      records,
      inventories: createInventories(adapters, scopes, monotonicClock),
      hostsOf: async (account) => ownHosts(await (await details()).get(account)),
    },
  };
}

function lazyAdapters(load: () => Promise<HolderParts['adapters']>): HolderParts['adapters'] {
  const loaded = once(load);
  const adapters = HOLDER_KINDS.map((kind) => [kind, lazyPort(async () => (await loaded())[kind])] as const);
  return Object.fromEntries(adapters) as HolderParts['adapters'];
}

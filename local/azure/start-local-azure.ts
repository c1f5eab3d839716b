// Starts a local Azure: the world, a server for each service, Azurite, and the settings that a client needs.
// It must not know the answers of any service.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { sparedFromProxy } from '../../scripts/no-proxy.mjs';
import { openTemporaryFolder } from '../../scripts/temporary-folder.mjs';
import { publicEndpoint, type Reachable, searchEndpoint } from './data-plane-names.ts';
import { EventGrid } from './events/event-grid.ts';
import { connectEventSources } from './events/event-sources.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { Holders } from './holders/holders.ts';
import { Sites } from './holders/sites.ts';
import { AccessControl } from './identity/access.ts';
import { type Certificate, createCertificate } from './identity/certificate.ts';
import { Directory } from './identity/directory.ts';
import { ManagedIdentities } from './identity/managed-identities.ts';
import { TokenIssuer } from './identity/tokens.ts';
import type { LocalAzure, LocalAzureOptions, LocalEndpoints } from './local-azure.ts';
import { Places } from './places.ts';
import { portRow } from './ports.ts';
import { CERTIFICATE_NAMES, publicOrigins } from './public-names.ts';
import { RequestLog } from './request-log.ts';
import { SyncTokens } from './servers/app-configuration/answers.ts';
import { createAppConfiguration } from './servers/app-configuration/server.ts';
import { createDataPlane } from './servers/data-plane/server.ts';
import { createEntra } from './servers/entra.ts';
import { type FrontOptions, startFront } from './servers/front.ts';
import { createGraph } from './servers/graph.ts';
import type { WireService } from './servers/http.ts';
import { createKeyVaultServer } from './servers/key-vault/server.ts';
import { createManagedIdentity, managedIdentityPath } from './servers/managed-identity.ts';
import { createResourceManager } from './servers/resource-manager/server.ts';
import { createSearch } from './servers/search.ts';
import { startStorage } from './storage/start-storage.ts';
import { FaultRules } from './world/faults.ts';
import { KeyValueHistory } from './world/key-value-history.ts';
import { Limits } from './world/limits.ts';
import type { Nature } from './world/nature.ts';
import { createRealNature } from './world/real-nature.ts';
import { type AccountState, isSearchService, World } from './world/world.ts';

/** Of the resource group that is there from the start. */
const LOCATION = 'westeurope';
const TENANT_ID = '66666666-7777-4888-8999-aaaaaaaaaaaa';
const SERVICE_PRINCIPAL = {
  clientId: 'bbbbbbbb-1111-4222-8333-444444444444',
  objectId: 'bbbbbbbb-5555-4666-8777-888888888888',
};
const MANAGED_IDENTITY = {
  clientId: 'cccccccc-1111-4222-8333-444444444444',
  objectId: 'cccccccc-5555-4666-8777-888888888888',
};

type Close = () => Promise<void>;

interface Starting {
  readonly options: LocalAzureOptions;
  readonly world: World;
  readonly holders: Holders;
  readonly tokens: TokenIssuer;
  readonly access: AccessControl;
  readonly places: Places;
  readonly front: FrontOptions;
  readonly certificate: Certificate;
  readonly directory: Directory;
  readonly identities: ManagedIdentities;
  readonly folder: string;
  /** Undefined when services are reached at `localhost`. */
  readonly gateway: Gateway | undefined;
  readonly nextPort: () => number;
  /** The parts started so far, to be ended in reverse. */
  readonly started: Close[];
}

async function listen(starting: Starting, service: WireService, isPlain = false, port?: number): Promise<number> {
  const tls = isPlain ? undefined : starting.certificate;
  const listening = await startFront(service, port ?? starting.nextPort(), starting.front, tls);
  starting.started.push(listening.close);
  return listening.port;
}

/** Starts Azurite and the servers before it. */
function startStorageOf(starting: Starting): ReturnType<typeof startStorage> {
  const { options, folder, nextPort, started, gateway, tokens, access, places } = starting;
  const serve = (service: 'table' | 'queue' | 'blob', port: number): void => void gateway?.ports.set(service, port);
  return startStorage({
    folder,
    isOwnFolder: options.folder === undefined,
    nextPort,
    listen: (service, isPlain, port) => listen(starting, service, isPlain, port),
    keep: (end) => started.push(end),
    ...(gateway === undefined ? {} : { named: { tokens, access, places, serve } }),
  });
}

function reachable({ seed, knobs }: AccountState): Reachable {
  const { name, kind, location, cloud = 'public' } = seed;
  return { name, kind, location, cloud, hasCustomSubdomain: knobs.hasCustomSubdomain };
}

interface Servers {
  readonly sites: Sites;
  readonly endpoints: LocalEndpoints;
  readonly dataPlaneEndpoint: (account: AccountState) => string;
}

/** Starts every server. A server reads another's address from `origins` at each request, when all have started. */
async function startServers(starting: Starting): Promise<Servers> {
  const { world, holders, tokens, access, places, options, directory, identities, gateway } = starting;
  const data = { keyVault: '', appConfiguration: '', dataPlane: '', search: '' };
  const local = { resourceManager: '', authority: '', graph: '', ...data };
  const origins = gateway === undefined ? local : publicOrigins(places);
  const resources = (): readonly string[] => [origins.appConfiguration];
  const serve = async (name: keyof typeof local, service: WireService): Promise<void> => {
    const port = await listen(starting, service);
    local[name] = `https://localhost:${port}`;
    gateway?.ports.set(name, port);
  };
  const endpointOfSearch = ({ seed: { name, cloud = 'public' } }: AccountState): string =>
    gateway === undefined ? `${local.search}/${name}/` : searchEndpoint(name, cloud);
  const endpointOfAccount = (account: AccountState): string =>
    gateway === undefined
      ? `${local.dataPlane}/${account.seed.name}/${account.knobs.endpointPath}`
      : `${publicEndpoint(reachable(account))}${account.knobs.endpointPath}`;
  const dataPlaneEndpoint = (account: AccountState): string =>
    isSearchService(account.seed) ? endpointOfSearch(account) : endpointOfAccount(account);

  const { subscriptionId } = options;
  const common = { tokens, access, places };
  const origin = (): string => origins.resourceManager;
  const vaultUrl = (): string => origins.keyVault;
  const sites = new Sites({ world, access, places, vaultUrl });
  const isPrincipal = (id: string): boolean =>
    directory.byPrincipal(id) !== undefined || identities.has(id) || sites.hasIdentity(id);
  const urls = { dataPlaneEndpoint, vaultUrl };
  const control = { ...common, ...urls, world, holders, subscriptionId, isPrincipal, sites };
  await serve('resourceManager', createResourceManager({ ...control, origin }));
  const { vault: secrets, vaults } = world;
  const vault = { ...common, vault: secrets, vaults, origin: vaultUrl, authority: () => origins.authority };
  await serve('keyVault', createKeyVaultServer(vault));
  const syncTokens = new SyncTokens();
  const store = { ...common, store: world.store, syncTokens, origin: () => origins.appConfiguration };
  await serve('appConfiguration', createAppConfiguration(store));
  await serve('dataPlane', createDataPlane({ world, tokens, access }));
  await serve('authority', createEntra({ directory, tokens, origin: () => origins.authority, resources }));
  const header = randomUUID();
  const { now } = starting.front;
  const identity = createManagedIdentity({ identities, header, tokens, now, resources });
  const identityPort = await listen(starting, identity, true);
  const storage =
    options.withStorage === false
      ? { storageConnectionString: undefined, tableEndpoint: undefined }
      : await startStorageOf(starting);
  await serve('graph', createGraph({ directory, tokens }));
  await serve('search', createSearch({ world, holders, tokens, access }));
  const endpoints = {
    graph: origins.graph,
    resourceManager: origins.resourceManager,
    // Getters, because a deployment renames these two.
    get keyVault() {
      return origins.keyVault;
    },
    get appConfiguration() {
      return origins.appConfiguration;
    },
    authority: origins.authority,
    managedIdentity: `http://127.0.0.1:${identityPort}/${managedIdentityPath}`,
    managedIdentityHeader: header,
    ...storage,
  };
  return { endpoints, dataPlaneEndpoint, sites };
}

function networkOf(caFile: string, gateway: Gateway | undefined) {
  return {
    NODE_EXTRA_CA_CERTS: caFile,
    // The gateway takes the place of any other proxy, with all its exceptions.
    ...sparedFromProxy(gateway === undefined ? process.env : {}),
    ...(gateway === undefined ? {} : { HTTPS_PROXY: gateway.url, NODE_USE_ENV_PROXY: '1' }),
  };
}

function identityOf({ managedIdentity, managedIdentityHeader }: LocalEndpoints) {
  return { IDENTITY_ENDPOINT: managedIdentity, IDENTITY_HEADER: managedIdentityHeader };
}

function environmentOf(endpoints: LocalEndpoints, gateway: Gateway | undefined): Readonly<Record<string, string>> {
  const storage = endpoints.storageConnectionString;
  const { resourceManager: resourceManagerEndpoint, authority: authorityHost } = endpoints;
  return {
    ...identityOf(endpoints),
    KEY_VAULT_URL: endpoints.keyVault,
    APP_CONFIGURATION_ENDPOINT: endpoints.appConfiguration,
    RECORD_TABLE_NAME: 'KeyRotation',
    ...(storage === undefined ? {} : { AzureWebJobsStorage: storage }),
    AZURE_CLOUD: gateway === undefined ? JSON.stringify({ resourceManagerEndpoint, authorityHost }) : 'public',
  };
}

/** Ends every started part, last first, and every wait. A second call returns the first call's promise. */
function closeOnce(started: readonly Close[], abort: AbortController, removeFolder: Close | undefined): Close {
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    abort.abort();
    await Promise.all(started.toReversed().map((end) => end()));
    await removeFolder?.();
  };
  return () => (closing ??= close());
}

function createWorld(options: LocalAzureOptions, nature: Nature): World {
  const world = new World(nature);
  world.store.history = new KeyValueHistory();
  world.addGroup(options.subscriptionId, options.resourceGroup, LOCATION);
  for (const seed of options.accounts) world.addAccount(seed);
  return world;
}

/** Starts a local Azure with these accounts. Rejects with one sentence if a port is taken or Azurite does not start. */
export async function startLocalAzure(options: LocalAzureOptions): Promise<LocalAzure> {
  const own = options.folder === undefined ? await openTemporaryFolder('local-azure') : undefined;
  const folder = own?.path ?? options.folder ?? '';
  await mkdir(folder, { recursive: true });
  const real = createRealNature();
  const nature = { ...real, now: () => options.now?.() ?? real.now() };
  const world = createWorld(options, nature);
  const holders = new Holders(nature, world);
  const faults = new FaultRules();
  const limits = new Limits(() => nature.now(), options.areLimitsEnforced ?? false);
  const log = new RequestLog();
  const abort = new AbortController();
  const started: Close[] = [];
  const close = closeOnce(started, abort, own?.remove);
  const { subscriptionId, resourceGroup, hasPublicNames = false, attribute, latencyMs = 0 } = options;
  const clientSecret = randomBytes(24).toString('base64url');
  const servicePrincipal = { ...SERVICE_PRINCIPAL, tenantId: TENANT_ID, clientSecret };
  try {
    const certificate = await createCertificate(folder, hasPublicNames ? CERTIFICATE_NAMES : []);
    const now = (): number => nature.now();
    const front = { faults, limits, log, latencyMs, attribute, now, signal: abort.signal };
    const tokens = new TokenIssuer(TENANT_ID, now);
    const access = new AccessControl(tokens);
    const places = new Places(subscriptionId, resourceGroup);
    const nextPort = portRow(options.portBase);
    const gateway = hasPublicNames ? await startGateway(0, places) : undefined;
    if (gateway !== undefined) started.push(() => gateway.close());
    const identities = new ManagedIdentities(MANAGED_IDENTITY);
    const directory = new Directory(servicePrincipal);
    const shared = { options, world, holders, tokens, access, places, front, certificate, directory, identities };
    const servers = await startServers({ ...shared, folder, gateway, nextPort, started });
    const { endpoints, dataPlaneEndpoint, sites } = servers;
    const events = new EventGrid(now);
    started.push(() => {
      events.close();
      return Promise.resolve();
    });
    const urls = { vaultUrl: () => endpoints.keyVault, storeUrl: () => endpoints.appConfiguration };
    connectEventSources({ world, grid: events, subscriptionId, places, ...urls });
    return {
      world,
      endpoints,
      dataPlaneEndpoint: (name) => dataPlaneEndpoint(world.accountNamed(name)),
      folder,
      caFile: certificate.caFile,
      certificate,
      servicePrincipal,
      identities,
      access,
      places,
      sites,
      holders,
      gateway,
      requests: log.requests,
      onRequest: (listener) => log.onRequest(listener),
      faults,
      limits,
      events,
      network: () => networkOf(certificate.caFile, gateway),
      identity: () => identityOf(endpoints),
      environment: () => ({ ...networkOf(certificate.caFile, gateway), ...environmentOf(endpoints, gateway) }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

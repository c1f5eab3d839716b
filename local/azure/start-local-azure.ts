// Starts a local Azure: the world, a server for each service, Azurite, and what a client needs to know of them.
// It must not know what any service answers.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAzurite } from './azurite.ts';
import { type Certificate, createCertificate } from './certificate.ts';
import { EventGrid } from './event-grid.ts';
import { connectEventSources } from './event-sources.ts';
import { FaultRules } from './faults.ts';
import { Limits } from './limits.ts';
import type { LocalAzure, LocalAzureOptions, LocalEndpoints, LocalIdentity } from './local-azure.ts';
import { portRow } from './ports.ts';
import { createRealNature } from './real-nature.ts';
import { RequestLog } from './request-log.ts';
import { createAppConfiguration } from './servers/app-configuration.ts';
import { SyncTokens } from './servers/app-configuration-answers.ts';
import { createDataPlane } from './servers/data-plane.ts';
import { createEntra } from './servers/entra.ts';
import { type FrontOptions, startFront } from './servers/front.ts';
import type { WireService } from './servers/http.ts';
import { createKeyVaultServer } from './servers/key-vault.ts';
import { createManagedIdentity, managedIdentityPath } from './servers/managed-identity.ts';
import { createResourceManager } from './servers/resource-manager.ts';
import { createTableProxy } from './servers/table-proxy.ts';
import { TokenIssuer } from './tokens.ts';
import { World } from './world/world.ts';

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
  readonly tokens: TokenIssuer;
  readonly front: FrontOptions;
  readonly certificate: Certificate;
  readonly servicePrincipal: LocalIdentity;
  readonly folder: string;
  readonly nextPort: () => number;
  /** What was started so far, to be ended in reverse. */
  readonly started: Close[];
}

async function listen(starting: Starting, service: WireService, isPlain = false): Promise<number> {
  const tls = isPlain ? undefined : starting.certificate;
  const { port, close } = await startFront(service, starting.nextPort(), starting.front, tls);
  starting.started.push(close);
  return port;
}

async function startStorage(
  starting: Starting,
): Promise<Pick<LocalEndpoints, 'storageConnectionString' | 'tableEndpoint'>> {
  const { nextPort, folder, started } = starting;
  if (starting.options.withStorage === false) return { storageConnectionString: undefined, tableEndpoint: undefined };
  const proxyPort = nextPort();
  const ports = { blob: nextPort(), queue: nextPort(), table: nextPort() };
  const azuriteFolder = join(folder, 'azurite');
  await mkdir(azuriteFolder, { recursive: true });
  const own = starting.options.folder === undefined ? { removeWithParent: folder } : {};
  const azurite = await startAzurite({ folder: azuriteFolder, ports, ...own });
  started.push(() => azurite.close());
  const proxy = await startFront(createTableProxy({ port: azurite.tablePort }), proxyPort, starting.front);
  started.push(proxy.close);
  const tableEndpoint = `http://127.0.0.1:${proxy.port}/${azurite.accountName}`;
  const storageConnectionString =
    `DefaultEndpointsProtocol=http;AccountName=${azurite.accountName};AccountKey=${azurite.accountKey};` +
    `BlobEndpoint=${azurite.blobEndpoint};QueueEndpoint=${azurite.queueEndpoint};TableEndpoint=${tableEndpoint};`;
  return { storageConnectionString, tableEndpoint };
}

/** Starts every server; what one tells about another is read from `endpoints` when asked, for by then all are there. */
async function startServers(starting: Starting): Promise<LocalEndpoints & { readonly dataPlane: string }> {
  const { world, tokens, options, servicePrincipal } = starting;
  const origins = { resourceManager: '', keyVault: '', appConfiguration: '', dataPlane: '', authority: '' };
  const resources = (): readonly string[] => [origins.appConfiguration];
  const at = async (service: WireService): Promise<string> => `https://localhost:${await listen(starting, service)}`;

  origins.resourceManager = await at(
    createResourceManager({
      world,
      tokens,
      origin: () => origins.resourceManager,
      dataPlaneEndpoint: (name) => `${origins.dataPlane}/${name}/`,
      subscriptionId: options.subscriptionId,
      resourceGroup: options.resourceGroup,
    }),
  );
  origins.keyVault = await at(
    createKeyVaultServer({
      vault: world.vault,
      tokens,
      origin: () => origins.keyVault,
      authority: () => origins.authority,
    }),
  );
  origins.appConfiguration = await at(
    createAppConfiguration({
      store: world.store,
      tokens,
      syncTokens: new SyncTokens(),
      origin: () => origins.appConfiguration,
    }),
  );
  origins.dataPlane = await at(createDataPlane({ world, tokens }));
  const { objectId } = SERVICE_PRINCIPAL;
  const authority = { servicePrincipal, objectId, tokens, origin: () => origins.authority, resources };
  origins.authority = await at(createEntra(authority));
  const header = randomUUID();
  const { now } = starting.front;
  const identity = createManagedIdentity({ ...MANAGED_IDENTITY, header, tokens, now, resources });
  const identityPort = await listen(starting, identity, true);
  const storage = await startStorage(starting);
  return {
    ...origins,
    managedIdentity: `http://127.0.0.1:${identityPort}/${managedIdentityPath}`,
    managedIdentityHeader: header,
    ...storage,
  };
}

function environmentOf(endpoints: LocalEndpoints, caFile: string): Readonly<Record<string, string>> {
  const storage = endpoints.storageConnectionString;
  return {
    KEY_VAULT_URL: endpoints.keyVault,
    APP_CONFIGURATION_ENDPOINT: endpoints.appConfiguration,
    RECORD_TABLE_NAME: 'KeyRotation',
    ...(storage === undefined ? {} : { AzureWebJobsStorage: storage }),
    IDENTITY_ENDPOINT: endpoints.managedIdentity,
    IDENTITY_HEADER: endpoints.managedIdentityHeader,
    NODE_EXTRA_CA_CERTS: caFile,
    AZURE_CLOUD: JSON.stringify({
      resourceManagerEndpoint: endpoints.resourceManager,
      authorityHost: endpoints.authority,
    }),
  };
}

/** Ends what was started, last first, and every wait; a second call gets the first one's promise. */
function closeOnce(started: readonly Close[], abort: AbortController, folder: string, isOwn: boolean): Close {
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    abort.abort();
    await Promise.all(started.toReversed().map((end) => end()));
    if (isOwn) await rm(folder, { recursive: true, force: true });
  };
  return () => (closing ??= close());
}

/** Starts a local Azure with these accounts. Rejects with one sentence when a port is taken or Azurite does not start. */
export async function startLocalAzure(options: LocalAzureOptions): Promise<LocalAzure> {
  const isOwnFolder = options.folder === undefined;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'local-azure-')));
  await mkdir(folder, { recursive: true });
  const real = createRealNature();
  const nature = { ...real, now: () => options.now?.() ?? real.now() };
  const world = new World(nature);
  for (const seed of options.accounts) world.addAccount(seed);
  const faults = new FaultRules();
  const limits = new Limits(() => nature.now(), options.areLimitsEnforced ?? false);
  const log = new RequestLog();
  const abort = new AbortController();
  const started: Close[] = [];
  const close = closeOnce(started, abort, folder, isOwnFolder);
  const servicePrincipal = {
    tenantId: TENANT_ID,
    clientId: SERVICE_PRINCIPAL.clientId,
    clientSecret: randomBytes(24).toString('base64url'),
  };
  try {
    const certificate = await createCertificate(folder);
    const now = (): number => nature.now();
    const { attribute, latencyMs = 0 } = options;
    const front = { faults, limits, log, latencyMs, attribute, now, signal: abort.signal };
    const tokens = new TokenIssuer(TENANT_ID, now);
    const nextPort = portRow(options.portBase);
    const starting = { options, world, tokens, front, certificate, servicePrincipal, folder, nextPort, started };
    const { dataPlane, ...endpoints } = await startServers(starting);
    const events = new EventGrid(now);
    started.push(() => {
      events.close();
      return Promise.resolve();
    });
    const { subscriptionId, resourceGroup } = options;
    const { keyVault: vaultUrl, appConfiguration: storeUrl } = endpoints;
    connectEventSources({ world, grid: events, subscriptionId, resourceGroup, vaultUrl, storeUrl });
    return {
      world,
      endpoints,
      dataPlaneEndpoint: (accountName) => `${dataPlane}/${accountName}/`,
      caFile: certificate.caFile,
      servicePrincipal,
      requests: log.requests,
      onRequest: (listener) => log.onRequest(listener),
      faults,
      limits,
      events,
      environment: () => environmentOf(endpoints, certificate.caFile),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

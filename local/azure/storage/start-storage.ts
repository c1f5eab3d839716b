// Storage of a local Azure: Azurite, the proxies before it, and, under Azure's own names, the fronts that take tokens.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  generateAccountSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-queue';
import type { AccessControl } from '../identity/access.ts';
import type { TokenIssuer } from '../identity/tokens.ts';
import type { LocalEndpoints } from '../local-azure.ts';
import type { Places } from '../places.ts';
import type { NamedService } from '../public-names.ts';
import { createBlobProxy, createQueueProxy, createTableProxy } from '../servers/azurite-proxies.ts';
import type { WireService } from '../servers/http.ts';
import { createStorageFront } from '../servers/storage-front.ts';
import { type Azurite, startAzurite } from './azurite.ts';

export interface StorageOptions {
  /** Folder of this local Azure. */
  readonly folder: string;
  readonly isOwnFolder: boolean;
  readonly nextPort: () => number;
  /** Starts a server; returns its port. Default port: the next one. */
  listen(service: WireService, isPlain: boolean, port?: number): Promise<number>;
  /** Takes a function that ends a started part. */
  keep(end: () => Promise<void>): void;
  /** Present: storage is also served under Azure's names, to clients with a token. */
  readonly named?: {
    readonly tokens: TokenIssuer;
    readonly access: AccessControl;
    readonly places: Places;
    serve(service: NamedService, port: number): void;
  };
}

const SIGNATURE_LIFETIME_MS = 24 * 3_600_000;

/** A shared access signature for everything in the account, for a day. */
function signatureFor({ accountName, accountKey }: Azurite): string {
  const values = {
    services: AccountSASServices.parse('bqt').toString(),
    resourceTypes: AccountSASResourceTypes.parse('sco').toString(),
    permissions: AccountSASPermissions.parse('rwdlacup'),
    expiresOn: new Date(Date.now() + SIGNATURE_LIFETIME_MS),
  };
  return generateAccountSASQueryParameters(values, new StorageSharedKeyCredential(accountName, accountKey)).toString();
}

/** Starts Azurite and the servers before it. */
export async function startStorage(
  options: StorageOptions,
): Promise<Pick<LocalEndpoints, 'storageConnectionString' | 'tableEndpoint'>> {
  const { folder, nextPort, named } = options;
  const proxyPort = nextPort();
  const ports = { blob: nextPort(), queue: nextPort(), table: nextPort() };
  const azuriteFolder = join(folder, 'azurite');
  await mkdir(azuriteFolder, { recursive: true });
  const own = options.isOwnFolder ? { removeWithParent: folder } : {};
  const azurite = await startAzurite({ folder: azuriteFolder, ports, ...own });
  options.keep(() => azurite.close());
  const tables = createTableProxy({ port: azurite.tablePort });
  const { accountName, accountKey } = azurite;
  const plain = async (service: WireService, port?: number): Promise<string> =>
    `http://127.0.0.1:${await options.listen(service, true, port)}/${accountName}`;
  const queues = createQueueProxy({ port: azurite.queuePort });
  const blobs = createBlobProxy({ port: azurite.blobPort });
  const tableEndpoint = await plain(tables, proxyPort);
  const [queueEndpoint, blobEndpoint] = [await plain(queues), await plain(blobs)];
  if (named !== undefined) {
    const front = { ...named, accountName, signature: signatureFor(azurite) };
    named.serve('table', await options.listen(createStorageFront({ ...front, inner: tables }), false));
    named.serve('queue', await options.listen(createStorageFront({ ...front, inner: queues }), false));
    named.serve('blob', await options.listen(createStorageFront({ ...front, inner: blobs }), false));
  }
  const storageConnectionString =
    `DefaultEndpointsProtocol=http;AccountName=${accountName};AccountKey=${accountKey};` +
    `BlobEndpoint=${blobEndpoint};QueueEndpoint=${queueEndpoint};TableEndpoint=${tableEndpoint};`;
  return { storageConnectionString, tableEndpoint };
}

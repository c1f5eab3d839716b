// Leases on blobs, in the container where the real host keeps them: who holds one runs a timer. Plain requests, because
// three of them need no library. It must not decide what a failure means.
import type { Settings } from './settings.ts';

export interface Leases {
  /** Id of the lease, or undefined while another holds it. Makes the blob when it is not there. */
  acquire(name: string, seconds: number): Promise<string | undefined>;
  renew(name: string, leaseId: string): Promise<void>;
  release(name: string, leaseId: string): Promise<void>;
}

/** Without storage every host has every lease, as in the real host. */
export const NO_LEASES: Leases = {
  acquire: () => Promise.resolve('none'),
  renew: () => Promise.resolve(),
  release: () => Promise.resolve(),
};

const CONTAINER = 'azure-webjobs-hosts';
const VERSION = '2021-12-02';
const TIMEOUT_MS = 10_000;
const SCOPE = 'https://storage.azure.com/.default';
const SIGNATURE_LIFETIME_MS = 365 * 24 * 3_600_000;

/** Base URL without a slash at the end, and how a request is signed. */
interface BlobAccount {
  readonly url: string;
  /** Signature in the query, empty with an identity. */
  readonly query: string;
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
}

async function accountOfConnection(connectionString: string): Promise<BlobAccount> {
  const { AccountSASPermissions, QueueServiceClient } = await import('@azure/storage-queue');
  const client = QueueServiceClient.fromConnectionString(connectionString);
  const url =
    /(?:^|;)BlobEndpoint=([^;]+)/i.exec(connectionString)?.[1] ??
    client.url.replace('.queue.', '.blob.').replace(':10001/', ':10000/');
  const expiresOn = new Date(Date.now() + SIGNATURE_LIFETIME_MS);
  // The client signs for its own service unless it is told another, which its types do not show.
  const forBlobs = { services: 'b', version: VERSION };
  const signed = client.generateAccountSasUrl(expiresOn, AccountSASPermissions.parse('rwdlac'), 'sco', forBlobs);
  return { url: url.replace(/\/$/, ''), query: new URL(signed).search.slice(1), headers: () => Promise.resolve({}) };
}

async function accountOfIdentity(serviceUri: string, clientId: string | undefined): Promise<BlobAccount> {
  const { ManagedIdentityCredential } = await import('@azure/identity');
  const credential = new ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
  return {
    url: serviceUri.replace(/\/$/, ''),
    query: '',
    headers: async () => ({ authorization: `Bearer ${(await credential.getToken(SCOPE)).token}` }),
  };
}

/** The host's own storage, or undefined when the settings name none. */
export async function openLeases(settings: Settings, hostId: string): Promise<Leases | undefined> {
  const connectionString = settings['AzureWebJobsStorage'] ?? '';
  const serviceUri = settings['AzureWebJobsStorage__blobServiceUri'] ?? '';
  if (connectionString !== '') return new BlobLeases(await accountOfConnection(connectionString), hostId);
  if (serviceUri === '') return undefined;
  return new BlobLeases(await accountOfIdentity(serviceUri, settings['AzureWebJobsStorage__clientId']), hostId);
}

class BlobLeases implements Leases {
  readonly #account: BlobAccount;
  readonly #hostId: string;

  constructor(account: BlobAccount, hostId: string) {
    this.#account = account;
    this.#hostId = hostId;
  }

  async acquire(name: string, seconds: number): Promise<string | undefined> {
    const action = { 'x-ms-lease-action': 'acquire', 'x-ms-lease-duration': String(seconds) };
    let response = await this.#put(this.#pathOf(name), 'comp=lease', action);
    if (response.status === 404) {
      await this.#make(name);
      response = await this.#put(this.#pathOf(name), 'comp=lease', action);
    }
    if (response.status === 409) return undefined;
    check(response, 201);
    return response.headers.get('x-ms-lease-id') ?? undefined;
  }

  async renew(name: string, leaseId: string): Promise<void> {
    const headers = { 'x-ms-lease-action': 'renew', 'x-ms-lease-id': leaseId };
    check(await this.#put(this.#pathOf(name), 'comp=lease', headers), 200);
  }

  async release(name: string, leaseId: string): Promise<void> {
    const headers = { 'x-ms-lease-action': 'release', 'x-ms-lease-id': leaseId };
    check(await this.#put(this.#pathOf(name), 'comp=lease', headers), 200);
  }

  /** Another host may make both at the same time. */
  async #make(name: string): Promise<void> {
    check(await this.#put(`/${CONTAINER}`, 'restype=container', {}), 201, 409);
    check(await this.#put(this.#pathOf(name), '', { 'x-ms-blob-type': 'BlockBlob' }), 201, 409, 412);
  }

  #pathOf(name: string): string {
    return `/${CONTAINER}/locks/${this.#hostId}/${encodeURIComponent(name)}.Listener`;
  }

  async #put(path: string, query: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const { url, query: signature, headers: identity } = this.#account;
    const target = `${url}${path}?${[query, signature].filter((part) => part !== '').join('&')}`;
    const response = await fetch(target, {
      method: 'PUT',
      headers: { 'x-ms-version': VERSION, ...headers, ...(await identity()) },
      body: '',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return response;
  }
}

/** Throws an error with the status when it is none of `expected`. */
function check({ status, headers }: Response, ...expected: readonly number[]): void {
  if (expected.includes(status)) return;
  const code = headers.get('x-ms-error-code') ?? 'no code';
  throw Object.assign(new Error(`Blobs answered ${status} (${code}).`), { statusCode: status });
}

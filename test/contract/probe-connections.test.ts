// Which connections the probes use: a connection stays on one node of the gateway, so each probe needs one of its own.
// Counted at the server, directly and through a proxy. The environment is read once in a process, so it is set here before
// the first request.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createProxy, type Server as PlainServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCertificate } from '../../local/azure/identity/certificate.ts';
import { trustLocalAzure } from '../../local/azure/identity/trust.ts';

let folder: string;
let server: Server;
let proxy: PlainServer;
const met: { readonly socket: TLSSocket; readonly isSessionReused: boolean }[] = [];
const tunnels: Socket[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'probe-connections-'));
  const certificate = await createCertificate(folder);
  trustLocalAzure(certificate);
  server = createServer(certificate, (request, response) => {
    // Only the end of the client's wish closes a connection here.
    if (request.url !== '/silent') response.setHeader('connection', 'keep-alive').end('{}');
  });
  server.keepAliveTimeout = 0;
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => undefined);
    met.push({ socket, isSessionReused: socket.isSessionReused() });
  });
  proxy = createProxy();
  proxy.on('connect', (_, client: Socket) => {
    tunnels.push(client);
    const upstream = connect(portOf(server), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => undefined).once('close', () => other.destroy());
    }
  });
  for (const each of [server, proxy]) await once(each.listen(0, '127.0.0.1'), 'listening');
  process.env['HTTPS_PROXY'] = `http://127.0.0.1:${portOf(proxy)}`;
  process.env['NO_PROXY'] = '127.0.0.1';
});
afterAll(async () => {
  delete process.env['HTTPS_PROXY'];
  delete process.env['NO_PROXY'];
  for (const each of [server, proxy]) {
    each.close();
    each.closeAllConnections();
  }
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  met.length = 0;
  tunnels.length = 0;
});

function portOf(listening: PlainServer | Server): number {
  return (listening.address() as AddressInfo).port;
}

async function call(host: string, path = '/', signal = new AbortController().signal): Promise<number> {
  const { sendCalls } = await import('../../src/azure/data-plane/call.ts');
  const url = `https://${host}:${portOf(server)}${path}`;
  const probe = { method: 'GET', url, keyHeader: 'api-key', takesEntra: true } as const;
  const { status } = await sendCalls([probe], {}, { abortSignal: signal });
  return status;
}

/** Resolves when the socket is closed, with or without an error. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });

/** Resolves when no connection is left, neither at the server nor at the proxy. */
const allClosed = (): Promise<unknown> => Promise.all([...met.map(({ socket }) => socket), ...tunnels].map(closed));

describe.each([
  ['directly', '127.0.0.1', 0],
  ['through a proxy', 'localhost', 3],
] as const)('calls %s', (_, host, tunnelCount) => {
  test('each have a connection of their own, with a handshake of its own, and leave none behind', async () => {
    for (let round = 1; round <= 3; round++) expect(await call(host)).toBe(200);
    expect([met.length, tunnels.length]).toEqual([3, tunnelCount]);
    expect(met.map(({ isSessionReused }) => isSessionReused)).toEqual([false, false, false]);
    await allClosed();
  });

  test('leave no connection behind when there is no answer', async () => {
    const abort = new AbortController();
    server.once('request', () => abort.abort());
    await expect(call(host, '/silent', abort.signal)).rejects.toThrow();
    expect(met).toHaveLength(1);
    await allClosed();
  });
});

// The requests that no SDK client makes: which way they take. The environment is read once in a process, so it is set here
// before the first of them.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPipelineRequest, type PipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** Knows no way to any name, and notes who is asked for. */
const asked: string[] = [];
const proxy: Server = createServer();
proxy.on('connect', ({ url = '' }: { readonly url?: string }, socket: { end(text: string): void }) => {
  asked.push(url);
  socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
});
/** Sends whoever comes to another place. */
const direct: Server = createServer((request, response) => {
  response.writeHead(307, { location: '/elsewhere', 'x-path': request.url }).end();
});

let send: (request: PipelineRequest) => Promise<PipelineResponse>;
let directPort: number;

beforeAll(async () => {
  for (const server of [proxy, direct]) await once(server.listen(0, '127.0.0.1'), 'listening');
  directPort = (direct.address() as AddressInfo).port;
  process.env['HTTPS_PROXY'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  process.env['NO_PROXY'] = '127.0.0.1,.example.org';
  ({ send } = await import('../../src/azure/client/send.ts'));
});
afterAll(() => {
  delete process.env['HTTPS_PROXY'];
  delete process.env['NO_PROXY'];
  for (const server of [proxy, direct]) {
    server.close();
    server.closeAllConnections();
  }
});

it('goes through the proxy of the environment', async () => {
  const request = createPipelineRequest({ url: 'https://account.cognitiveservices.azure.com/', timeout: 5_000 });
  // What a proxy says instead of opening the way is the answer.
  expect((await send(request)).status).toBe(502);
  expect(asked).toEqual(['account.cognitiveservices.azure.com:443']);
});

it('goes past it to names that are excepted, and follows no redirect', async () => {
  const url = `http://127.0.0.1:${directPort}/here`;
  const { status, headers } = await send(createPipelineRequest({ url, allowInsecureConnection: true }));
  expect([status, headers.get('x-path')]).toEqual([307, '/here']);
});

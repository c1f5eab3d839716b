// The shared client of Azure Resource Manager for calls without an SDK: where its token and its bodies may go, and
// which requests are sent twice. How it lists and waits: `arm-rest.test.ts`.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { deadlineIn } from '../../src/azure/client/client-options.ts';
import { GROUP, holdersAzure, SUBSCRIPTION } from './holders-azure.ts';

const { azure, rest, asked } = holdersAzure();
const PATH = `${SUBSCRIPTION}/providers/Microsoft.ApiManagement/service?api-version=2024-05-01`;
const item = z.object({ id: z.string() });
const deadline = () => deadlineIn(5_000);

/** A host to which an answer points. It must never be asked. */
const visits: string[] = [];
const stranger = createServer((request, response) => {
  visits.push(`${request.method ?? ''} ${request.url ?? ''}`);
  response.end('{"value":[]}');
});
let elsewhere = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    stranger.listen(0, '127.0.0.1', resolve);
  });
  elsewhere = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`;
});
afterAll(() => stranger.close());

describe('the client', () => {
  it('follows no redirect, neither to another host nor to its own: an effect would be sent twice', async () => {
    for (const location of [elsewhere, `${azure().endpoints.resourceManager}${PATH}`]) {
      azure().faults.add({ service: 'arm', fault: { kind: 'answer', status: 307, headers: { location } } });
      const request = { method: 'PATCH', path: PATH, body: { properties: { value: 'a key' } } } as const;
      await expect(rest().send('write', request, z.unknown(), deadline())).rejects.toMatchObject({ status: 307 });
      await expect(rest().get('read', PATH, item, deadline())).rejects.toMatchObject({ status: 307 });
      azure().faults.clear();
    }
    expect([visits, asked().length]).toEqual([[], 4]);
  });

  it('asks no other host for the next page', async () => {
    const fault = { kind: 'answer', status: 200, body: { value: [], nextLink: elsewhere } } as const;
    azure().faults.add({ service: 'arm', operation: 'listApiServices', fault });
    const listed = rest().list('listApiServices', PATH, item, { deadline: deadline(), maximum: 10 });
    await expect(listed).rejects.toMatchObject({ code: 'Unavailable' });
    expect(visits).toEqual([]);
  });

  it('ends a list that goes round in circles', async () => {
    const nextLink = `${azure().endpoints.resourceManager}${PATH}`;
    const fault = { kind: 'answer', status: 200, body: { value: [], nextLink } } as const;
    azure().faults.add({ service: 'arm', operation: 'listApiServices', fault });
    const listed = await rest().list('listApiServices', PATH, item, { deadline: deadline(), maximum: 10 });
    expect([listed, asked().length]).toEqual([{ items: [], isComplete: false }, 200]);
  });

  it('stops at the maximum, and says so', async () => {
    const { apiManagement } = azure().holders;
    const ids = ['a', 'b', 'c'].map((name) => `${GROUP}/providers/Microsoft.ApiManagement/service/${name}`);
    for (const id of ids) apiManagement.addService(id);
    azure().holders.pageSize = 1;
    const list = (maximum: number) => rest().list('listApiServices', PATH, item, { deadline: deadline(), maximum });
    expect(await list(2)).toEqual({ items: ids.slice(0, 2).map((id) => ({ id })), isComplete: false });
    expect(await list(3)).toEqual({ items: ids.map((id) => ({ id })), isComplete: true });
  });

  it('reads again after a cut connection, and sends an effect once', async () => {
    azure().faults.add({ service: 'arm', fault: { kind: 'refuse' } });
    for (const path of [`${GROUP}/listValue`, `${GROUP}/listSecrets`, `${GROUP}/refreshSecret`]) {
      const request = { method: 'POST', path: `${path}?api-version=2024-05-01` } as const;
      const sent = rest().send('call', request, z.unknown(), deadline());
      await expect(sent).rejects.toMatchObject({ code: 'Unavailable' });
    }
    const sent = azure().requests.filter(({ service }) => service === 'arm');
    expect(sent.slice(-5).map(({ path }) => path.slice(path.lastIndexOf('/') + 1))).toEqual([
      'listValue',
      'listValue',
      'listSecrets',
      'listSecrets',
      'refreshSecret',
    ]);
  });

  it('sends nothing while the service asks to wait', async () => {
    azure().faults.add({ service: 'arm', times: 1, fault: { kind: 'throttle', retryAfterSeconds: 60 } });
    const client = rest();
    const read = () => client.get('read', PATH, z.unknown(), deadline());
    await expect(read()).rejects.toMatchObject({ code: 'Throttled', isUnsent: false });
    await expect(read()).rejects.toMatchObject({ code: 'Throttled', isUnsent: true });
  });
});

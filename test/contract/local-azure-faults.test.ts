// The faults of the local Azure: each kind, what it does to the request, and that the real clients see it as such.

import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { resourceGroup } from '../../local/azure/demo-accounts.ts';
import type { FaultRule } from '../../local/azure/local-azure.ts';
import {
  bearer,
  failureOf,
  type LocalAzureUnderTest,
  send,
  startAzureUnderTest,
  tableClient,
} from './local-azure-clients.ts';

let under: LocalAzureUnderTest;
const language = 'demo-language-1';

beforeAll(async () => {
  under = await startAzureUnderTest({ withStorage: true });
  // The token, so that the tests see their own requests only.
  await under.arm.accounts.listKeys(resourceGroup, language);
  await under.secrets.setSecret('warm', 'up');
});
afterAll(() => under.azure.close());
afterEach(() => under.azure.faults.clear());

const add = (rule: FaultRule) => under.azure.faults.add(rule);
const keyOf = (name: 'key1' | 'key2'): string => {
  const account = [...under.azure.world.accounts.values()].find(({ seed }) => seed.name === language);
  return account?.keys[name].value ?? '';
};
const regenerate = () => under.arm.accounts.regenerateKey(resourceGroup, language, 'Key1');
const lastStatus = () => under.azure.requests.at(-1)?.status;

describe('on ARM', () => {
  test('refuse: the connection is cut and nothing happened', async () => {
    add({ service: 'arm', operation: 'regenerateKey', times: 1, fault: { kind: 'refuse' } });
    const before = keyOf('key1');
    const failure = await failureOf(regenerate());
    expect([failure.status, keyOf('key1') === before, lastStatus()]).toEqual([undefined, true, 0]);
    await regenerate();
    expect(keyOf('key1') === before).toBe(false);
  });

  test('applyThenCut: the connection is cut and it happened once', async () => {
    add({ service: 'arm', operation: 'regenerateKey', times: 1, fault: { kind: 'applyThenCut' } });
    const before = keyOf('key1');
    const failure = await failureOf(regenerate());
    expect([failure.status, keyOf('key1') === before, lastStatus()]).toEqual([undefined, false, 0]);
  });

  test('landLate: the connection is cut at once and it happens later', async () => {
    add({ service: 'arm', operation: 'regenerateKey', times: 1, fault: { kind: 'landLate', ms: 150 } });
    const before = keyOf('key1');
    expect((await failureOf(regenerate())).status).toBe(undefined);
    expect(keyOf('key1') === before).toBe(true);
    await vi.waitFor(() => expect(keyOf('key1') === before).toBe(false), { timeout: 5_000, interval: 10 });
  });

  test('throttle and serverError answer without effect', async () => {
    const before = keyOf('key1');
    add({ service: 'arm', operation: 'regenerateKey', times: 1, fault: { kind: 'throttle', retryAfterSeconds: 7 } });
    expect(await failureOf(regenerate())).toMatchObject({ status: 429, code: 'TooManyRequests' });
    add({ service: 'arm', times: 1, fault: { kind: 'serverError', status: 503 } });
    expect(await failureOf(regenerate())).toMatchObject({ status: 503 });
    expect(keyOf('key1') === before).toBe(true);
  });

  test('delay: the effect is at once, the answer after this long', async () => {
    add({ service: 'arm', operation: 'regenerateKey', times: 1, fault: { kind: 'delay', ms: 200 } });
    const before = keyOf('key1');
    const startedAt = performance.now();
    const pending = regenerate();
    await vi.waitFor(() => expect(keyOf('key1') === before).toBe(false), { timeout: 5_000, interval: 5 });
    await pending;
    expect(performance.now() - startedAt).toBeGreaterThan(190);
  });

  test('a rule hits its account and its operation only, and until it is removed', async () => {
    const remove = add({
      service: 'arm',
      operation: 'listKeys',
      account: 'Demo-Language-1',
      fault: { kind: 'serverError', status: 500 },
    });
    await under.arm.accounts.listKeys(resourceGroup, 'demo-openai-2');
    await under.arm.accounts.get(resourceGroup, language);
    const list = () => under.arm.accounts.listKeys(resourceGroup, language);
    expect(await failureOf(list())).toMatchObject({ status: 500 });
    expect(await failureOf(list())).toMatchObject({ status: 500 });
    remove();
    await list();
  });
});

describe('on the other services', () => {
  test('a vault write that was applied and cut is one version', async () => {
    add({ service: 'keyVault', operation: 'setSecret', times: 1, fault: { kind: 'applyThenCut' } });
    expect((await failureOf(under.secrets.setSecret('cut', 'x'))).status).toBe(undefined);
    expect(under.azure.world.vault.versions('cut')).toHaveLength(1);
  });

  test('faults spare the challenge of a cold client and hit the write behind it', async () => {
    add({ service: 'keyVault', operation: 'setSecret', times: 1, fault: { kind: 'throttle' } });
    const url = `${under.azure.endpoints.keyVault}/secrets/spared?api-version=7.6`;
    expect((await send(url, { method: 'PUT' })).status).toBe(401);
    expect(await failureOf(under.secrets.setSecret('spared', 'x'))).toMatchObject({
      status: 429,
      code: 'Throttled',
      message:
        'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
    });
  });

  test('App Configuration throttles with retry-after-ms', async () => {
    add({ service: 'appConfiguration', operation: 'getKeyValue', fault: { kind: 'throttle', retryAfterSeconds: 2 } });
    const authorization = await bearer(under.credential, 'https://appconfig.azure.com/.default');
    const url = `${under.azure.endpoints.appConfiguration}/kv/any?api-version=2023-11-01`;
    const answer = await send(url, { headers: { authorization } });
    expect([answer.status, answer.headers.get('retry-after-ms')]).toEqual([429, '2000']);
    expect(answer.text).toBe(
      '{"type":"https://azconfig.io/errors/too-many-requests","title":"Resource utilization has surpassed the assigned quota",' +
        '"policy":"Total Requests","status":429}',
    );
  });

  test('answer: any status with a body, a content type and headers, without effect', async () => {
    const problem = {
      type: 'https://azconfig.io/errors/ip-address-rejected',
      title: 'IP address rejected',
      status: 403,
    };
    add({
      service: 'appConfiguration',
      operation: 'setKeyValue',
      times: 1,
      fault: {
        kind: 'answer',
        status: 403,
        body: problem,
        contentType: 'application/problem+json; charset=utf-8',
        headers: { 'x-ms-request-id': 'r-1' },
      },
    });
    const authorization = await bearer(under.credential, 'https://appconfig.azure.com/.default');
    const url = `${under.azure.endpoints.appConfiguration}/kv/refused?api-version=2023-11-01`;
    const answer = await send(url, { method: 'PUT', headers: { authorization }, body: '{"value":"x"}' });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([403, problem]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.get('x-ms-request-id')).toBe('r-1');
    expect(under.azure.world.store.get('refused', null)).toBeUndefined();
  });

  test('the data plane throttles with Retry-After, the token endpoint fails', async () => {
    add({ service: 'dataPlane', account: language, fault: { kind: 'throttle', retryAfterSeconds: 3 } });
    const answer = await send(`${under.azure.dataPlaneEndpoint(language)}language/:analyze-text`, { method: 'POST' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '3']);
    add({ service: 'token', operation: 'managedIdentity', fault: { kind: 'serverError', status: 500 } });
    expect((await send(under.azure.endpoints.managedIdentity)).status).toBe(500);
  });
});

describe('on tables', () => {
  test('requests pass through, are named, and a transaction is one request', async () => {
    const table = tableClient(under.azure, 'Passing');
    const before = under.azure.requests.length;
    await table.createTable();
    const { etag = '' } = await table.createEntity({ partitionKey: 'p q', rowKey: 'r-1', count: 1 });
    const entity = await table.getEntity('p q', 'r-1');
    expect(entity['count']).toBe(1);
    await table.updateEntity({ partitionKey: 'p q', rowKey: 'r-1', count: 2 }, 'Replace', { etag });
    const stale = table.updateEntity({ partitionKey: 'p q', rowKey: 'r-1', count: 3 }, 'Replace', { etag });
    expect(await failureOf(stale)).toMatchObject({ status: 412 });
    await table.submitTransaction([
      ['create', { partitionKey: 'p q', rowKey: 'a' }],
      ['create', { partitionKey: 'p q', rowKey: 'b' }],
    ]);
    const rows: string[] = [];
    for await (const { rowKey } of table.listEntities()) rows.push(rowKey ?? '');
    expect(rows).toEqual(['a', 'b', 'r-1']);
    const seen = under.azure.requests
      .slice(before)
      .map(({ service, operation, status }) => [service, operation, status]);
    expect(seen).toEqual([
      ['table', 'createTable', 201],
      ['table', 'insertEntity', 204],
      ['table', 'getEntity', 200],
      ['table', 'updateEntity', 204],
      ['table', 'updateEntity', 412],
      ['table', 'transaction', 202],
      ['table', 'queryEntities', 200],
    ]);
  });

  test('a transaction that was applied and cut is there all the same', async () => {
    const table = tableClient(under.azure, 'Cutting');
    await table.createTable();
    add({ service: 'table', operation: 'transaction', times: 1, fault: { kind: 'applyThenCut' } });
    const write = table.submitTransaction([['create', { partitionKey: 'p', rowKey: 'r' }]]);
    expect((await failureOf(write)).status).toBe(undefined);
    expect((await table.getEntity('p', 'r')).rowKey).toBe('r');
    add({ service: 'table', operation: 'insertEntity', times: 1, fault: { kind: 'refuse' } });
    expect((await failureOf(table.createEntity({ partitionKey: 'p', rowKey: 's' }))).status).toBe(undefined);
    expect(await failureOf(table.getEntity('p', 's'))).toMatchObject({ status: 404 });
  });
});

describe('on the wire', () => {
  test('a POST without a stated length is 411', async () => {
    const { port } = new URL(under.azure.endpoints.resourceManager);
    const socket = connect({ host: 'localhost', port: Number(port), ca: readFileSync(under.azure.caFile) });
    socket.write('POST /subscriptions/x/listKeys HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 411 Length Required\r\n/);
  });

  test('latency is added to every answer', async () => {
    const slow = await startAzureUnderTest({ latencyMs: 60 });
    try {
      const startedAt = performance.now();
      await send(`${slow.azure.endpoints.keyVault}/secrets`);
      expect(performance.now() - startedAt).toBeGreaterThan(58);
    } finally {
      await slow.azure.close();
    }
  });

  test('closing ends waiting requests and late landings, and may be done twice', async () => {
    const other = await startAzureUnderTest();
    other.azure.faults.add({ service: 'token', operation: 'managedIdentity', fault: { kind: 'delay', ms: 60_000 } });
    const cut = new Promise<string>((resolve) => {
      request(other.azure.endpoints.managedIdentity, { method: 'GET' })
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
        .end();
    });
    // Long enough for the request to arrive; that it waits there cannot be seen from outside.
    await sleep(50);
    await other.azure.close();
    await other.azure.close();
    expect(await cut).toBe('ECONNRESET');
    expect((await failureOf(fetch(other.azure.endpoints.keyVault))).message).toBe('fetch failed');
  });
});

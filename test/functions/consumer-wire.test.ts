// The consumer library against a local Azure over the wire: the real SDKs, and what each source reads.
import { ClientSecretCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { acknowledgeOverHttp, createTokenExchange, createVaultSource } from '../../packages/consumer/src/index.ts';
import { type ConsumerStage, HOUR, REFERENCE, REFERENCE_KEY, SECRET, startConsumerStage } from './consumer-stage.ts';

let stage: ConsumerStage;
beforeAll(async () => {
  stage = await startConsumerStage();
});
afterAll(() => stage.wire.close());
afterEach(() => {
  stage.clear();
  vi.useRealTimers();
});

it('a reference that names a version is followed only when it is announced', async () => {
  const first = stage.publish('key1');
  stage.announce(first.uri);
  const consumer = stage.consume({ source: stage.referenceSource(), pollEveryMs: HOUR });
  const second = stage.publish('key2');
  expect((await consumer.refresh()).version).toBe(first.version);
  stage.announce(second.uri);
  expect((await consumer.refresh()).version).toBe(second.version);
});

it.each([
  ['is no JSON', 'a-key-that-somebody-put-here'],
  ['names no secret', JSON.stringify({ uri: 'https://localhost/keys/x' })],
  ['names another vault', JSON.stringify({ uri: `https://other.vault.azure.net/secrets/${SECRET}` })],
])('a reference that %s is refused without telling what it says', async (_, value) => {
  stage.wire.azure.world.store.set(REFERENCE_KEY, null, { value, contentType: REFERENCE });
  const consumer = stage.consume({ source: stage.referenceSource(), pollEveryMs: HOUR });
  const error = await consumer.current().catch((thrown: unknown) => thrown);
  expect(String(error)).toMatch(/^Error: The key-value demo-language-1:Key (is no Key Vault reference|names another)/);
  expect(String(error)).not.toContain('a-key-that');
});

it('an application does not wait for a vault that does not answer while it has a key', async () => {
  const { version } = stage.publish('key1');
  const source = stage.vaultSource();
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let doesAnswer = true;
  const read = async (signal: AbortSignal) => {
    if (!doesAnswer) await released;
    return source.read(signal);
  };
  const consumer = stage.consume({ source: { ...source, read }, pollEveryMs: HOUR });
  await consumer.current();
  doesAnswer = false;
  let isRefreshed = false;
  const refreshing = consumer.refresh().then(() => {
    isRefreshed = true;
  });
  expect((await consumer.withKey(stage.call)).status).toBe(200);
  expect((await consumer.current()).version).toBe(version);
  expect(isRefreshed).toBe(false);
  release();
  await refreshing;
});

it('a vault that fails leaves the present key in use, and its error is reported', async () => {
  const { version } = stage.publish('key1');
  const consumer = stage.consume({ source: stage.vaultSource(), pollEveryMs: HOUR });
  await consumer.current();
  stage.opened.push(stage.wire.azure.faults.add({ service: 'keyVault', fault: { kind: 'throttle' } }));
  await expect(consumer.refresh()).rejects.toMatchObject({ statusCode: 429 });
  expect((await consumer.withKey(stage.call)).status).toBe(200);
  expect((await consumer.current()).version).toBe(version);
});

it('a service principal may read the key as well', async () => {
  stage.publish('key1');
  const { tenantId, clientId, clientSecret } = stage.wire.azure.servicePrincipal;
  const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, {
    authorityHost: stage.wire.azure.endpoints.authority,
    disableInstanceDiscovery: true,
  });
  const vault = new SecretClient(stage.wire.azure.endpoints.keyVault, credential, {
    disableChallengeResourceVerification: true,
  });
  const source = createVaultSource({ vault, secretName: SECRET });
  expect((await stage.consume({ source }).withKey(stage.call)).status).toBe(200);
});

it('a version in use is acknowledged over HTTP, again after a refusal', async () => {
  // The wait before the second attempt passes on the test's clock.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { version } = stage.publish('key1');
  const heard: unknown[] = [];
  let hear: () => void = () => undefined;
  const heardTwice = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const address = await stage.serve((request, response) => {
    request.setEncoding('utf8').on('data', (body: string) => {
      heard.push([request.method, request.headers['x-functions-key'], JSON.parse(body)]);
      response.writeHead(heard.length === 1 ? 503 : 200).end('{}');
      if (heard.length === 2) hear();
    });
  });
  const acknowledge = acknowledgeOverHttp({
    url: `${address}api/accounts/a/acknowledgements`,
    consumer: 'orders-api',
    authorise: () => ({ 'x-functions-key': 'for-orders' }),
  });
  const refused = new Promise((resolve) => {
    stage.consume({ source: stage.vaultSource(), acknowledge, onError: resolve }).current().catch(resolve);
  });
  expect(String(await refused)).toBe('Error: The acknowledgement was not taken: status 503.');
  expect(heard).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(500);
  await heardTwice;
  expect(heard).toEqual(Array.from({ length: 2 }, () => ['POST', 'for-orders', { consumer: 'orders-api', version }]));
});

it('a token of the exchange opens the account, and one is had with the new key after a rotation', async () => {
  const { world } = stage.wire.azure;
  const secret = 'demo-speech-3-key';
  world.vault.set(secret, { value: stage.keysOf(stage.speech).key1.value });
  const consumer = stage.consume({ source: stage.vaultSource(secret), pollEveryMs: HOUR });
  const endpoint = stage.wire.azure.dataPlaneEndpoint('demo-speech-3');
  const exchange = createTokenExchange({ consumer, endpoint });
  const issued = () => stage.wire.azure.requests.filter(({ operation }) => operation === 'issueToken').length;
  const voices = async () => {
    const headers = { Authorization: `Bearer ${await exchange.token()}` };
    return (await fetch(`${endpoint}cognitiveservices/voices/list`, { headers })).status;
  };
  expect([await voices(), await voices()]).toEqual([200, 200]);
  expect(issued()).toBe(1);
  world.vault.set(secret, { value: stage.keysOf(stage.speech).key2.value });
  world.regenerateKey(stage.speech, 'key1');
  await consumer.refresh();
  expect(await voices()).toBe(200);
  expect(issued()).toBe(2);
});

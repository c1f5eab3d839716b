// The consumer library against a local Azure over the wire: the real SDKs, real events, and keys that really die.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClientSecretCredential } from '@azure/identity';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import type { EventSchema } from '../../local/azure/local-azure.ts';
import {
  acknowledgeOverHttp,
  createKeyConsumer,
  createReferenceSource,
  createTokenExchange,
  createVaultSource,
  type KeyConsumer,
  type KeyConsumerOptions,
} from '../../src/consumer/index.ts';
import { startWire, type Wire } from '../contract/wire.ts';
import { eventually } from '../e2e/http-client.ts';

const HOUR = 3_600_000;
const REFERENCE = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';
const SECRET = 'demo-language-1-key';
const REFERENCE_KEY = 'demo-language-1:Key';
const CREATED = ['Microsoft.KeyVault.SecretNewVersionCreated'];

let wire: Wire;
let language: string;
let speech: string;
const opened: (() => void)[] = [];

beforeAll(async () => {
  wire = await startWire();
  const [languageSeed, , speechSeed] = demoAccounts(3);
  if (languageSeed === undefined || speechSeed === undefined) throw new Error('There are no such demo accounts.');
  language = wire.azure.world.addAccount(languageSeed).id;
  speech = wire.azure.world.addAccount(speechSeed).id;
});
afterAll(() => wire.close());
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

const keysOf = (id: string) => wire.azure.world.account(id).keys;
const publish = (slot: 'key1' | 'key2') => {
  const { world, endpoints } = wire.azure;
  const { version } = world.vault.set(SECRET, { value: keysOf(language)[slot].value });
  return { version, uri: `${endpoints.keyVault}/secrets/${SECRET}/${version}` };
};
const announce = (uri: string) =>
  wire.azure.world.store.set(REFERENCE_KEY, null, { value: JSON.stringify({ uri }), contentType: REFERENCE });

const vaultSource = (secretName = SECRET) =>
  createVaultSource({
    vaultUrl: wire.azure.endpoints.keyVault,
    secretName,
    credential: wire.credential,
    isChallengeResourceVerified: false,
  });
const referenceSource = () =>
  createReferenceSource({
    vaultUrl: wire.azure.endpoints.keyVault,
    appConfigurationEndpoint: wire.azure.endpoints.appConfiguration,
    referenceKey: REFERENCE_KEY,
    credential: wire.credential,
    isChallengeResourceVerified: false,
  });

function consume(options: KeyConsumerOptions): KeyConsumer {
  const consumer = createKeyConsumer(options);
  opened.push(() => consumer.close());
  return consumer;
}

/** A webhook as an application has one; answers each event with 200 once it was handed on. */
async function listen(take: (event: unknown) => Promise<void>): Promise<string> {
  const server: Server = createServer((request, response) => {
    const answer = async () => {
      if (request.method === 'OPTIONS') return response.setHeader('WebHook-Allowed-Origin', '*').end();
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as unknown;
      const events = Array.isArray(body) ? (body as { data?: { validationCode?: string } }[]) : [body];
      if (request.headers['aeg-event-type'] === 'SubscriptionValidation') {
        const [event] = events as { data?: { validationCode?: string } }[];
        return response.end(JSON.stringify({ validationResponse: event?.data?.validationCode }));
      }
      for (const event of events) await take(event);
      return response.end();
    };
    answer().catch(() => response.writeHead(500).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function subscribe(consumer: KeyConsumer, types: readonly string[], schema: EventSchema): Promise<void> {
  const endpoint = await listen((event) => consumer.notify(event));
  opened.push(await wire.azure.events.subscribe({ endpoint, schema, types }));
}

const call = (key: { reveal(): string }) =>
  fetch(`${wire.azure.dataPlaneEndpoint('demo-language-1')}language/:analyze-text?api-version=2023-04-01`, {
    method: 'POST',
    headers: { 'Ocp-Apim-Subscription-Key': key.reveal(), 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind: 'LanguageDetection', analysisInput: { documents: [{ id: '1', text: 'Guten Tag' }] } }),
  });

/** Statuses of the data plane, as the wire saw them, from now until the function that is answered is called. */
function watch(): () => number[] {
  const statuses: number[] = [];
  const end = wire.azure.onRequest(({ service, status }) => service === 'dataPlane' && statuses.push(status));
  return () => {
    end();
    return statuses;
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** As the service does it: standby, publish, announce, overlap, retire. */
async function rotate(overlapMs: number): Promise<void> {
  const { world } = wire.azure;
  const standby = world.vault.get(SECRET).value === keysOf(language).key1.value ? 'key2' : 'key1';
  world.regenerateKey(language, standby);
  announce(publish(standby).uri);
  await pause(overlapMs);
  world.regenerateKey(language, standby === 'key1' ? 'key2' : 'key1');
}

/** Calls without a break, four at a time, through five rotations; no call is repeated. */
async function rotateUnderLoad(consumer: KeyConsumer, overlapMs: number): Promise<number[]> {
  const seen = watch();
  let isOver = false;
  const worker = async () => {
    while (!isOver) await (await call((await consumer.current()).key)).arrayBuffer();
  };
  const load = Promise.all([worker(), worker(), worker(), worker()]);
  for (let rotation = 0; rotation < 5; rotation++) await rotate(overlapMs);
  isOver = true;
  await load;
  return seen();
}

const failed = (statuses: readonly number[]) => statuses.filter((status) => status !== 200);

it.each(['eventGrid', 'cloudEvents'] as const)(
  'an application that only hears events fails no call through rotations: %s',
  async (schema) => {
    publish('key1');
    const consumer = consume({ source: vaultSource(), pollEveryMs: HOUR });
    await consumer.current();
    await subscribe(consumer, CREATED, schema);
    const statuses = await rotateUnderLoad(consumer, 400);
    expect(statuses.length).toBeGreaterThan(100);
    expect(failed(statuses)).toEqual([]);
  },
);

it('an application that only polls fails no call through rotations whose overlap is longer than its poll', async () => {
  publish('key1');
  const consumer = consume({ source: vaultSource(), pollEveryMs: 100 });
  const statuses = await rotateUnderLoad(consumer, 500);
  expect(statuses.length).toBeGreaterThan(100);
  expect(failed(statuses)).toEqual([]);
});

it('an application that reads through App Configuration hears its events', async () => {
  announce(publish('key1').uri);
  const consumer = consume({ source: referenceSource(), pollEveryMs: HOUR });
  await consumer.current();
  await subscribe(consumer, ['Microsoft.AppConfiguration.KeyValueModified'], 'eventGrid');
  const statuses = await rotateUnderLoad(consumer, 400);
  expect(statuses.length).toBeGreaterThan(100);
  expect(failed(statuses)).toEqual([]);
});

it('an application that neither polls nor hears anything recovers within the call that was refused', async () => {
  publish('key1');
  const consumer = consume({ source: vaultSource(), pollEveryMs: HOUR });
  await consumer.current();
  await rotate(0);
  const seen = watch();
  expect((await consumer.withKey(call)).status).toBe(200);
  expect((await consumer.withKey(call)).status).toBe(200);
  expect(seen()).toEqual([401, 200, 200]);
});

it('a reference that names a version is followed only when it is announced', async () => {
  const first = publish('key1');
  announce(first.uri);
  const consumer = consume({ source: referenceSource(), pollEveryMs: HOUR });
  const second = publish('key2');
  expect((await consumer.refresh()).version).toBe(first.version);
  announce(second.uri);
  expect((await consumer.refresh()).version).toBe(second.version);
});

it.each([
  ['is no JSON', 'a-key-that-somebody-put-here'],
  ['names no secret', JSON.stringify({ uri: 'https://localhost/keys/x' })],
  ['names another vault', JSON.stringify({ uri: `https://other.vault.azure.net/secrets/${SECRET}` })],
])('a reference that %s is refused without telling what it says', async (_, value) => {
  wire.azure.world.store.set(REFERENCE_KEY, null, { value, contentType: REFERENCE });
  const consumer = consume({ source: referenceSource(), pollEveryMs: HOUR });
  const error = await consumer.current().catch((thrown: unknown) => thrown);
  expect(String(error)).toMatch(/^Error: The key-value demo-language-1:Key (is no Key Vault reference|names another)/);
  expect(String(error)).not.toContain('a-key-that');
});

it('an application does not wait for a vault that does not answer while it has a key', async () => {
  const { version } = publish('key1');
  const consumer = consume({ source: vaultSource(), pollEveryMs: HOUR });
  await consumer.current();
  const restore = wire.azure.faults.add({ service: 'keyVault', fault: { kind: 'serverError', status: 500 } });
  opened.push(restore);
  let isRefreshed = false;
  const refreshing = consumer.refresh().then(() => {
    isRefreshed = true;
  });
  expect((await consumer.withKey(call)).status).toBe(200);
  expect((await consumer.current()).version).toBe(version);
  expect(isRefreshed).toBe(false);
  restore();
  await refreshing;
});

it('a service principal may read the key as well', async () => {
  publish('key1');
  const { tenantId, clientId, clientSecret } = wire.azure.servicePrincipal;
  const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, {
    authorityHost: wire.azure.endpoints.authority,
    disableInstanceDiscovery: true,
  });
  const vaultUrl = wire.azure.endpoints.keyVault;
  const source = createVaultSource({ vaultUrl, secretName: SECRET, credential, isChallengeResourceVerified: false });
  expect((await consume({ source }).withKey(call)).status).toBe(200);
});

it('a version in use is acknowledged over HTTP, again after a refusal', async () => {
  const { version } = publish('key1');
  const heard: unknown[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (body: string) => {
      heard.push([request.method, request.headers['x-functions-key'], JSON.parse(body)]);
      response.writeHead(heard.length === 1 ? 503 : 200).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(() => server.close());
  const errors: unknown[] = [];
  const acknowledge = acknowledgeOverHttp({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/accounts/a/acknowledgements`,
    consumer: 'orders-api',
    authorise: () => ({ 'x-functions-key': 'for-orders' }),
  });
  await consume({ source: vaultSource(), acknowledge, onError: (error) => errors.push(String(error)) }).current();
  await eventually(
    async () => heard.length,
    (count) => count === 2,
    5_000,
  );
  expect(heard).toEqual(Array.from({ length: 2 }, () => ['POST', 'for-orders', { consumer: 'orders-api', version }]));
  expect(errors).toEqual(['Error: The acknowledgement was not taken: status 503.']);
});

it('a token of the exchange opens the account, and one is had with the new key after a rotation', async () => {
  const { world } = wire.azure;
  const secret = 'demo-speech-3-key';
  world.vault.set(secret, { value: keysOf(speech).key1.value });
  const consumer = consume({ source: vaultSource(secret), pollEveryMs: HOUR });
  const endpoint = wire.azure.dataPlaneEndpoint('demo-speech-3');
  const exchange = createTokenExchange({ consumer, endpoint });
  const issued = () => wire.azure.requests.filter(({ operation }) => operation === 'issueToken').length;
  const voices = async () => {
    const headers = { Authorization: `Bearer ${await exchange.token()}` };
    return (await fetch(`${endpoint}cognitiveservices/voices/list`, { headers })).status;
  };
  expect([await voices(), await voices()]).toEqual([200, 200]);
  expect(issued()).toBe(1);
  world.vault.set(secret, { value: keysOf(speech).key2.value });
  world.regenerateKey(speech, 'key1');
  await consumer.refresh();
  expect(await voices()).toBe(200);
  expect(issued()).toBe(2);
});

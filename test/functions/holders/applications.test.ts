// Applications of one account that get its key in seven ways call over the wire through twenty rotations, a roll back
// and an emergency: an app with nothing but a reference, the consumer library in each style, App Configuration's
// provider, a named value and a connection. All clocks are one here, and move only between two calls: so evidence ends
// the overlap after its minimum of an hour. The clients in C# and Python run in test/e2e/client-programs.test.ts.

import { load } from '@azure/app-configuration-provider';
import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { AccountState } from '../../../local/azure/world/world.ts';
import { createKeyConsumer, createKeyFetch, createVaultSource } from '../../../packages/consumer/src/index.ts';
import { DAY, HOUR, type HttpStage, startHttpStage } from '../http/stage.ts';

const MINUTE = 60_000;
const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const SCOPE = `/subscriptions/${SUBSCRIPTION}`;
const GROUP = `${SCOPE}/resourceGroups/rg-test`;
const APIM = `${GROUP}/providers/Microsoft.ApiManagement/service/gateway`;
const HUB = `${GROUP}/providers/Microsoft.CognitiveServices/accounts/hub`;
const HOLDERS = ['appServiceReference', 'namedValue', 'foundryConnection'].map((kind) => `${kind}=${SCOPE}`).join(',');
/** The holders are all applications that the policy waits for; the others look more often than once an hour. */
const POLICY = { consumers: ['holders'], standbyIsFree: true, overlapMinimum: 'PT1H' };
const ROTATIONS = 20;
const ROLLED_BACK = 11;
const STEP_MS = 20 * MINUTE;
const STEPS_MAXIMUM = 20;
/** The provider does not see a refusal: it goes on with its key until its next look. */
const FAILURES_OF_PROVIDER_MAXIMUM = 1;

let stage: HttpStage;
let account: AccountState;
let now = Date.now();
/** Resolves to the status of one call. */
const applications = new Map<string, () => Promise<number>>();
/** What an application does by itself from time to time. */
const polls: (() => Promise<unknown>)[] = [];
const closing: (() => void)[] = [];
let failures: string[] = [];

function advance(ms: number): void {
  now += ms;
  vi.setSystemTime(now);
  stage.advance(ms);
}

const models = (): string => `${stage.azure.dataPlaneEndpoint('shop')}openai/models?api-version=2024-10-21`;
const callWith = async (key: string): Promise<Response> => {
  const response = await fetch(models(), { headers: { 'api-key': key } });
  await response.arrayBuffer();
  return response;
};
const status = async () => (await stage.get('accounts/shop')).body;

async function callAll(): Promise<void> {
  for (const [name, call] of applications) if ((await call()) !== 200) failures.push(name);
}

/** A tick of the service, with calls before and after it. */
async function step(ms: number): Promise<void> {
  advance(ms);
  await Promise.all(polls.map((poll) => poll()));
  await callAll();
  await stage.tick();
  await callAll();
}

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now });
  stage = await startHttpStage({ HOLDERS });
  const seed = { subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-test', location: 'westeurope' };
  stage.azure.world.addAccount({ ...seed, name: 'hub', kind: 'AIServices', keyShape: 'hex32' });
  account = stage.addAccount('shop', POLICY, {}, 'OpenAI');
  await stage.tick();
  addHolders();
  await addLibraries();
  await addProvider();
});
afterAll(async () => {
  for (const close of closing) close();
  vi.useRealTimers();
  await stage.close();
});

function addHolders(): void {
  const { azure } = stage;
  const secret = `${azure.endpoints.keyVault}/secrets/shop-key`;
  const settings = { KEY: `@Microsoft.KeyVault(SecretUri=${secret})` };
  const { id } = azure.sites.put({ subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-test', name: 'web', settings });
  azure.holders.apiManagement.addService(APIM);
  // A refresh that is carried out later is for the simulator.
  azure.holders.apiManagement.refreshLagMs = 0;
  azure.holders.apiManagement.put(APIM, 'shop', { secretIdentifier: secret });
  azure.holders.foundry.put(HUB, 'own', {
    authType: 'ApiKey',
    category: 'AIServices',
    target: 'https://westeurope.api.cognitive.microsoft.com/',
    key: account.keys.key1.value,
  });
  const held: Readonly<Record<string, () => string | undefined>> = {
    'App Service reference': () => azure.sites.environmentOf(id, 'KEY'),
    'named value': () => azure.holders.apiManagement.find(APIM, 'shop')?.value,
    'Foundry connection': () => azure.holders.foundry.find(HUB, 'own')?.key,
  };
  for (const [name, key] of Object.entries(held))
    applications.set(name, async () => (await callWith(key() ?? '')).status);
}

function vaultClient(): SecretClient {
  // The local vault is not under the domain that its challenge names.
  const options = { disableChallengeResourceVerification: true };
  return new SecretClient(stage.azure.endpoints.keyVault, new ManagedIdentityCredential(), options);
}

async function addLibraries(): Promise<void> {
  const source = createVaultSource({ vault: vaultClient(), secretName: 'shop-key' });
  const consumer = createKeyConsumer({ source, pollEveryMs: HOUR });
  // As the credential of an SDK client: packages/consumer/test/ready.test.ts has the real one.
  const credential = { key: 'not read yet' };
  const updating = createKeyConsumer({
    source,
    pollEveryMs: HOUR,
    keepFormerForMs: 0,
    onKey: (key) => {
      credential.key = key.reveal();
    },
  });
  for (const each of [consumer, updating]) {
    await each.current();
    polls.push(() => each.refresh());
    closing.push(() => each.close());
  }
  applications.set('withKey', async () => (await consumer.withKey((key) => callWith(key.reveal()))).status);
  const keyFetch = createKeyFetch({ consumer, header: 'api-key' });
  applications.set('fetch', async () => {
    const response = await keyFetch(models());
    await response.arrayBuffer();
    return response.status;
  });
  applications.set('credential', async () => (await updating.withKey(() => callWith(credential.key))).status);
}

async function addProvider(): Promise<void> {
  const configuration = await load(stage.azure.endpoints.appConfiguration, new ManagedIdentityCredential(), {
    selectors: [{ keyFilter: 'shop:*' }],
    replicaDiscoveryEnabled: false,
    loadBalancingEnabled: false,
    keyVaultOptions: { secretClients: [vaultClient()] },
    refreshOptions: {
      enabled: true,
      refreshIntervalInMs: MINUTE,
      watchedSettings: [{ key: '.appconfig.featureflag/shop-uses-key2' }],
    },
  });
  polls.push(() => configuration.refresh());
  applications.set('provider', async () => (await callWith(configuration.get<string>('shop:Key') ?? '')).status);
}

interface Rotated {
  readonly rotation: unknown;
  readonly overlapMs: number;
}

/** Steps until the account is at rest again. `inOverlap` is called once. */
async function rotate(inOverlap: () => Promise<void> = () => Promise.resolve()): Promise<Rotated> {
  await step(30 * DAY);
  let since: number | undefined;
  let until: number | undefined;
  for (let steps = 0; steps < STEPS_MAXIMUM; steps++) {
    await step(STEP_MS);
    const { phase, rotationId } = await status();
    if (phase === 'propagating' && since === undefined) {
      since = now;
      await inOverlap();
    }
    if (phase !== 'propagating' && since !== undefined) until ??= now;
    if (phase === 'idle' && since !== undefined) return { rotation: rotationId, overlapMs: (until ?? now) - since };
  }
  throw new Error(`The rotation did not end: ${JSON.stringify(await status())}`);
}

it('twenty rotations and a roll back make no call fail, and each overlap is an hour', {
  timeout: 240_000,
}, async () => {
  await stage.adopt();
  vi.setSystemTime((now += 3 * DAY));
  await step(MINUTE);
  const overlaps: number[] = [];
  for (let rotation = 1; rotation <= ROTATIONS; rotation++) {
    const isRolledBack = rotation === ROLLED_BACK;
    const rotated = await rotate(async () => {
      if (isRolledBack) await stage.post('accounts/shop/rollback', { reason: 'test' });
    });
    expect(rotated.rotation).toBe(rotation);
    if (!isRolledBack) overlaps.push(rotated.overlapMs);
  }
  expect(failures).toEqual([]);
  for (const overlap of overlaps) {
    expect(overlap).toBeGreaterThanOrEqual(HOUR);
    expect(overlap).toBeLessThanOrEqual(HOUR + STEP_MS);
  }
});

it('an emergency costs calls only where a client sees no refusal, until its next look', async () => {
  const leaked = stage.azure.world.vault.find('shop-key').value;
  const { status: answered } = await stage.post('accounts/shop/rotate', { reason: 'leak', compromised: 'published' });
  expect(answered).toBe(202);
  expect(stage.azure.world.acceptsKey(account.id, leaked)).toBe(false);
  failures = [];
  await callAll();
  expect(failures.filter((name) => name !== 'provider')).toEqual([]);
  expect(failures.length).toBeLessThanOrEqual(FAILURES_OF_PROVIDER_MAXIMUM);
  failures = [];
  await step(2 * MINUTE);
  expect(failures).toEqual([]);
});

it('no answer and no log line holds a key', () => {
  const said = stage.said.join('\n');
  for (const key of stage.everyKey()) expect(said.includes(key)).toBe(false);
});

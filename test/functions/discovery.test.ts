// Accounts that enrol by tag, over the wire: search, enrolment, refusal, leave, and accounts made again.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { discover } from '../../src/fleet/discovery/search.ts';
import { DAY, HOUR, type HttpStage, startHttpStage } from './http/stage.ts';

const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const OTHER = '22222222-2222-3333-4444-555555555555';
const ENABLED = { 'Key-Rotation': 'Enabled', 'key-rotation-policy': 'tagged' };
const SEED = { resourceGroup: 'rg-test', kind: 'TextAnalytics', location: 'westeurope', keyShape: 'hex32' } as const;
/** Derived from the ids: the hash is part of the contract. */
const ALPHA = 'alpha-7a19b6';

let stage: HttpStage;
let said: Record<string, unknown>[] = [];
beforeAll(async () => {
  stage = await startHttpStage();
  stage.configure('KeyRotation:Policies:tagged', {
    overlapMinimum: 'PT1H',
    overlapMaximum: 'P2D',
    standbyIsFree: true,
    onMissing: 'proceed',
  });
  stage.configure('KeyRotation:Discovery', { subscriptions: [SUBSCRIPTION, OTHER.toUpperCase()] });
  add('alpha', SUBSCRIPTION);
  add('beta', OTHER);
});
afterAll(() => stage.close());
afterEach(() => {
  said = [];
  stage.azure.faults.clear();
});

function add(name: string, subscriptionId: string, tags: Readonly<Record<string, string>> = ENABLED) {
  return stage.azure.world.addAccount({ ...SEED, subscriptionId, name, tags });
}
async function search(): Promise<void> {
  stage.advance(HOUR);
  await discover(stage.app, (_level, event, fields) => said.push({ event, ...fields }));
}
const accounts = async () =>
  ((await stage.get('accounts')).body['accounts'] as { account: string; phase: string }[]).map(
    ({ account, phase }) => `${account.replace(/-[0-9a-f]{6}$/, '')} ${phase}`,
  );
const problems = async () =>
  ((await stage.get('accounts')).body['problems'] as { expected: string }[]).map(({ expected }) => expected);
const aliasOf = async (name: string) =>
  (await stage.app.fleet()).accounts.find(({ name: each }) => each === name)?.alias ?? '';

describe('tagged accounts', () => {
  it('of all subscriptions are enrolled by a search and adopted by the next tick, nothing regenerated', async () => {
    const before = stage.azure.world.account([...stage.azure.world.accounts.keys()][0] ?? '').keys.key1.value;
    await search();
    expect(await accounts()).toEqual(['alpha notAdopted', 'beta notAdopted']);
    await stage.tick();
    expect(await accounts()).toEqual(['alpha idle', 'beta idle']);
    expect(await aliasOf('alpha')).toBe(ALPHA);
    expect(stage.azure.world.vault.get(`${ALPHA}-key`).value).toBe(before);
    expect((await stage.get(`accounts/${ALPHA}`)).status).toBe(200);
    expect((await stage.app.fleet()).accounts[0]?.policy.overlapMinimumMs).toBe(HOUR);
  });
  it('are searched again without a write when nothing has changed', async () => {
    const { requests } = stage.azure;
    const from = requests.length;
    await search();
    const calls = requests.slice(from).filter(({ service }) => service !== 'token');
    // For each subscription one page of each type, and its name.
    expect(
      calls
        .filter(({ service }) => service === 'arm')
        .map(({ operation }) => operation)
        .toSorted(),
    ).toEqual([
      'getSubscription',
      'getSubscription',
      'listAccounts',
      'listAccounts',
      'listSearchServices',
      'listSearchServices',
    ]);
    expect(calls.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(said.at(-1)).toMatchObject({ event: 'discovery', subscriptions: 2, failed: 0, enrolled: 2, changed: 0 });
  });
  it('are searched in a subscription that has never used Azure AI Search', async () => {
    const error = { code: 'MissingSubscriptionRegistration', message: 'The subscription is not registered.' };
    const fault = { kind: 'answer', status: 409, body: { error } } as const;
    stage.azure.faults.add({ service: 'arm', operation: 'listSearchServices', fault });
    await search();
    expect(said.at(-1)).toMatchObject({ event: 'discovery', failed: 0, enrolled: 2 });
  });
  it('come in pages', async () => {
    for (let index = 0; index < 101; index++) add(`many-${index}`, SUBSCRIPTION, {});
    add('zeta', SUBSCRIPTION, { 'key-rotation': 'enabled' });
    await search();
    expect(await accounts()).toEqual(['alpha idle', 'beta idle', 'zeta notAdopted']);
  });
  it('without the right value, with keys off or not ready are not worked on, the latter with a reason', async () => {
    add('unwanted', SUBSCRIPTION, { 'key-rotation': 'disabled' });
    add('keyless', SUBSCRIPTION).knobs.isLocalAuthDisabled = true;
    add('raw', SUBSCRIPTION).knobs.provisioningState = 'Creating';
    await search();
    expect(await accounts()).toHaveLength(3);
    expect((await problems()).toSorted()).toEqual([
      'An account in provisioning state `Succeeded`: this one is in another (NotSucceeded).',
      'An account with keys: `disableLocalAuth` is set on this one (KeysSwitchedOff).',
    ]);
  });
  it('that are listed one by one keep the alias of the list', async () => {
    const id = add('listed', SUBSCRIPTION).id;
    stage.configure('KeyRotation:Accounts:by-hand', { resourceId: id });
    await search();
    expect(
      (await stage.app.fleet()).accounts.filter(({ name }) => name === 'listed').map(({ alias }) => alias),
    ).toEqual(['by-hand']);
  });
});

describe('a subscription that cannot be searched', () => {
  it('stops no other, keeps its accounts, and is shown', async () => {
    stage.configure('KeyRotation:Discovery', {
      subscriptions: [SUBSCRIPTION, OTHER, SUBSCRIPTION.replaceAll('1', '3')],
    });
    add('eta', SUBSCRIPTION);
    await search();
    expect(await accounts()).toContain('eta notAdopted');
    expect((await problems()).filter((each) => each.includes('can be searched (NotFound)'))).toHaveLength(1);
    stage.configure('KeyRotation:Discovery', { subscriptions: [SUBSCRIPTION, OTHER] });
  });
  it('because it is throttled is searched again after the wait that it asked for', async () => {
    const fault = { kind: 'throttle', retryAfterSeconds: 7 } as const;
    stage.azure.faults.add({ service: 'arm', operation: 'listAccounts', times: 2, fault });
    const from = stage.app.clock.now();
    await search();
    expect(said.at(-1)).toMatchObject({ event: 'discovery', failed: 0 });
    expect(stage.app.clock.now() - from).toBeGreaterThanOrEqual(HOUR + 7_000);
  });
  it('loses none of its accounts while it fails', async () => {
    stage.azure.faults.add({ service: 'arm', operation: 'listAccounts', fault: { kind: 'serverError', status: 503 } });
    const before = await accounts();
    await search();
    expect(await accounts()).toEqual(before);
    expect(said.at(-1)).toMatchObject({ failed: 2, changed: 0 });
  });
});

describe('an account that loses its tag', () => {
  it('in mid-rotation is let go when the rotation is over, not before', async () => {
    stage.advance(3 * DAY);
    await stage.post(`accounts/${ALPHA}/rotate`, { reason: 'test' });
    await stage.activate();
    expect(await accounts()).toContain('alpha propagating');
    await stage.post(`accounts/${ALPHA}/check`, {});
    Object.assign(world('alpha'), { tags: {} });
    await search();
    expect(said).toContainEqual(
      expect.objectContaining({ event: 'accountDiscovered', account: ALPHA, state: 'leaving' }),
    );
    for (let hours = 0; hours < 60; hours += 6) {
      stage.advance(6 * HOUR);
      await stage.tick();
    }
    expect(await accounts()).toContain('alpha idle');
    await search();
    expect((await accounts()).some((each) => each.startsWith('alpha'))).toBe(false);
    expect(await problems()).toContain('An account with the tag: this one has lost it (TagRemoved).');
  });
  it('comes back with its tag, and with all that is known of it', async () => {
    Object.assign(world('alpha'), { tags: ENABLED });
    await search();
    expect(await accounts()).toContain('alpha idle');
    expect((await stage.get(`accounts/${ALPHA}`)).body).toMatchObject({
      rotationId: 1,
      lastCheck: { by: 'function key' },
    });
  });
});

describe('a change of the configuration', () => {
  const freeze = (value: string) => stage.azure.world.store.set('KeyRotation:Freeze', null, { value });
  it('is not lost when the table cannot be read just then', async () => {
    await stage.app.fleet();
    freeze('true');
    stage.azure.faults.add({ service: 'table', fault: { kind: 'serverError', status: 503 } });
    await expect(stage.app.fleet()).rejects.toMatchObject({ service: 'table' });
    stage.azure.faults.clear();
    expect((await stage.app.fleet()).isFrozen).toBe(true);
    freeze('false');
    expect((await stage.app.fleet()).isFrozen).toBe(false);
  });
  it('while nothing has changed the fleet is the same, not one that is equal', async () => {
    expect(await stage.app.fleet()).toBe(await stage.app.fleet());
  });
});

describe('an account that is deleted and made again under its name', () => {
  it('is adopted like a new one, without rotation, its live key published', async () => {
    const id = world('alpha').id.toLowerCase();
    const alias = await aliasOf('alpha');
    await stage.post(`accounts/${alias}/check`, {});
    expect((await stage.get(`accounts/${alias}`)).body).toHaveProperty('lastCheck');
    stage.azure.world.accounts.delete(id);
    const again = add('alpha', SUBSCRIPTION);
    Object.assign(again, { createdAt: again.createdAt + DAY });
    const keys = { ...again.keys };
    await search();
    expect(said).toContainEqual(expect.objectContaining({ event: 'accountMadeAnew', account: alias, isDone: true }));
    stage.advance(40 * DAY);
    await stage.tick();
    expect(await accounts()).toContain('alpha idle');
    expect(again.keys).toEqual(keys);
    expect([keys.key1.value, keys.key2.value]).toContain(stage.azure.world.vault.get(`${alias}-key`).value);
    const { body } = await stage.get(`accounts/${alias}`);
    expect(body).toMatchObject({ rotationId: 0 });
    expect(body).not.toHaveProperty('lastCheck');
  });
});

describe('an account that a search does not list any more', () => {
  it('is asked for by itself, and let go when two calls for it, half an hour apart, find nothing', async () => {
    const id = add('theta', SUBSCRIPTION).id.toLowerCase();
    await search();
    const alias = await aliasOf('theta');
    stage.azure.world.accounts.delete(id);
    await search();
    expect(said).toContainEqual({ event: 'accountNotListed', account: alias, resourceId: id, state: 'gone' });
    expect(await aliasOf('theta')).toBe(alias);
    await search();
    expect(await aliasOf('theta')).toBe('');
    expect(await problems()).toContain('An account that exists: this one has been deleted (AccountGone).');
  });
});

describe('two hundred and forty subscriptions that cannot be searched', () => {
  it('are all shown', async () => {
    const subscriptions = Array.from({ length: 240 }, (_, index) =>
      OTHER.replace(/.{12}$/, String(index).padStart(12, '0')),
    );
    stage.configure('KeyRotation:Discovery', { subscriptions });
    await search();
    expect(said.at(-1)).toMatchObject({ event: 'discovery', failed: 240 });
    expect((await problems()).filter((each) => each.includes('can be searched'))).toHaveLength(240);
  });
});

function world(name: string) {
  const state = [...stage.azure.world.accounts.values()].find(({ seed }) => seed.name === name);
  if (state === undefined) throw new Error(`There is no account ${name}.`);
  return state;
}

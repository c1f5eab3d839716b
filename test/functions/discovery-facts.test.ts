// What a search learns besides: kind, region and owner of each account, and the names of the subscriptions.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { discover } from '../../src/fleet/discovery/search.ts';
import { HOUR, type HttpStage, startHttpStage } from './http/stage.ts';

const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const OTHER = '22222222-2222-3333-4444-555555555555';
const SEED = { resourceGroup: 'rg-test', kind: 'OpenAI', location: 'swedencentral', keyShape: 'hex32' } as const;

let stage: HttpStage;
let said: Record<string, unknown>[] = [];
beforeAll(async () => {
  stage = await startHttpStage();
  stage.configure('KeyRotation:Discovery', { subscriptions: [SUBSCRIPTION, OTHER] });
  stage.azure.world.nameSubscription(SUBSCRIPTION, 'Shop, production');
  add('alpha', SUBSCRIPTION, { Owner: ' team-orders@example.com ' });
  add('beta', OTHER);
  await search();
});
afterAll(() => stage.close());
afterEach(() => {
  said = [];
  stage.azure.faults.clear();
});

function add(name: string, subscriptionId: string, tags: Readonly<Record<string, string>> = {}) {
  return stage.azure.world.addAccount({ ...SEED, subscriptionId, name, tags: { 'key-rotation': 'enabled', ...tags } });
}
async function search(): Promise<void> {
  stage.advance(HOUR);
  await discover(stage.app, (_level, event, fields) => said.push({ event, ...fields }));
}
async function shown(name: string): Promise<Record<string, unknown>> {
  const { body } = await stage.get('accounts');
  const accounts = body['accounts'] as { account: string }[];
  return { ...accounts.find(({ account }) => account.startsWith(`${name}-`)) };
}
const world = (name: string) => {
  const found = [...stage.azure.world.accounts.values()].find(({ seed }) => seed.name === name);
  if (found === undefined) throw new Error(`There is no account ${name}.`);
  return found;
};

describe('GET accounts, after a search and before any pass', () => {
  it('has kind, region, owner and the name of the subscription, and leaves out what is not known', async () => {
    expect(await shown('alpha')).toMatchObject({
      kind: 'OpenAI',
      location: 'swedencentral',
      owner: 'team-orders@example.com',
      subscriptionName: 'Shop, production',
    });
    const beta = await shown('beta');
    expect(beta).toMatchObject({ kind: 'OpenAI', subscriptionName: OTHER });
    expect(beta).not.toHaveProperty('owner');
  });

  it('has them in a process that has just started, and in the answer of one account', async () => {
    stage.restart();
    expect(await shown('alpha')).toMatchObject({ owner: 'team-orders@example.com' });
    const alias = String((await shown('alpha'))['account']);
    expect((await stage.get(`accounts/${alias}`)).body).toMatchObject({
      owner: 'team-orders@example.com',
      subscriptionName: 'Shop, production',
    });
  });

  it('has them of accounts that are listed one by one, too', async () => {
    const { id } = add('listed', SUBSCRIPTION, { owner: 'team-search' });
    stage.configure('KeyRotation:Accounts:listed-shop', { resourceId: id });
    await search();
    expect(await shown('listed')).toMatchObject({ account: 'listed-shop', owner: 'team-search' });
  });
});

describe('the owner', () => {
  it('follows its tag, and the name of the tag is configured', async () => {
    Object.assign(world('alpha'), { tags: { 'key-rotation': 'enabled', 'cost-center': '4711', owner: 'another' } });
    await search();
    expect(await shown('alpha')).toMatchObject({ owner: 'another' });
    stage.configure('KeyRotation:Discovery', { subscriptions: [SUBSCRIPTION, OTHER], ownerTag: 'Cost-Center' });
    await search();
    expect(await shown('alpha')).toMatchObject({ owner: '4711' });
    stage.configure('KeyRotation:Discovery', { subscriptions: [SUBSCRIPTION, OTHER] });
  });

  it('is not shown if it may be a key, and is cut if it is long', async () => {
    const key = world('beta').keys.key1.value;
    Object.assign(world('beta'), { tags: { 'key-rotation': 'enabled', owner: key } });
    Object.assign(world('alpha'), { tags: { 'key-rotation': 'enabled', owner: 'a team '.repeat(30) } });
    await search();
    expect(await shown('beta')).not.toHaveProperty('owner');
    expect(String((await shown('alpha'))['owner'])).toHaveLength(100);
  });
});

describe('the name of a subscription', () => {
  it('that the identity may not read, or that does not answer, is not known; the search goes on', async () => {
    const fault = { kind: 'serverError', status: 503 } as const;
    stage.azure.faults.add({ service: 'arm', operation: 'getSubscription', fault });
    stage.azure.world.nameSubscription(OTHER, 'Renamed');
    await search();
    expect(said.at(-1)).toMatchObject({ event: 'discovery', failed: 0 });
    // What was known stays: a fault says nothing about a name.
    expect(await shown('alpha')).toMatchObject({ subscriptionName: 'Shop, production' });
    stage.azure.faults.clear();
    await search();
    expect(await shown('beta')).toMatchObject({ subscriptionName: 'Renamed' });
  });

  it('costs one call for each subscription that is searched, and none for an account', async () => {
    const from = stage.azure.requests.length;
    await search();
    const calls = stage.azure.requests.slice(from).filter(({ service }) => service === 'arm');
    expect(calls.map(({ operation }) => operation).toSorted()).toEqual([
      'getSubscription',
      'getSubscription',
      'listAccounts',
      'listAccounts',
      'listSearchServices',
      'listSearchServices',
    ]);
    expect(said.at(-1)).toMatchObject({ changed: 0 });
  });
});

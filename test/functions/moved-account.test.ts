// A tagged account is moved to another resource group, over the wire: its applications go on reading the former secret.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { discover } from '../../src/fleet/discovery/search.ts';
import { DAY, HOUR, type HttpStage, startHttpStage } from './http/stage.ts';

const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const SEED = {
  subscriptionId: SUBSCRIPTION,
  name: 'nomad',
  kind: 'TextAnalytics',
  location: 'westeurope',
  keyShape: 'hex32',
  tags: { 'key-rotation': 'enabled', 'key-rotation-policy': 'tagged' },
} as const;

let stage: HttpStage;
const movesFrom = async (alias: string): Promise<unknown> => (await stage.get(`accounts/${alias}`)).body['movesFrom'];
beforeAll(async () => {
  stage = await startHttpStage();
  stage.configure('KeyRotation:Policies:tagged', {
    rotationInterval: 'P30D',
    overlapMinimum: 'PT1H',
    overlapMaximum: 'P2D',
    standbyIsFree: true,
    onMissing: 'proceed',
  });
  stage.configure('KeyRotation:Discovery', { subscriptions: [SUBSCRIPTION] });
});
afterAll(() => stage.close());

const search = () => discover(stage.app, () => undefined);
const secretOf = (alias: string) => stage.azure.world.vault.find(`${alias}-key`);
async function aliases(): Promise<readonly string[]> {
  return (await stage.app.fleet()).accounts.map(({ alias }) => alias);
}
async function days(count: number): Promise<void> {
  for (let hours = 0; hours < count * 24; hours += 6) {
    stage.advance(6 * HOUR);
    await stage.tick();
  }
}

it('the account goes on with the key that its applications hold, and both secrets follow its next rotation', async () => {
  const { world } = stage.azure;
  const account = world.addAccount({ ...SEED, resourceGroup: 'rg-before' });
  await search();
  await stage.tick();
  const [before = ''] = await aliases();
  stage.advance(40 * DAY);
  await stage.tick();
  await days(4);
  expect(await movesFrom(before)).toBeUndefined();
  const inUse = secretOf(before).value;
  expect(inUse).toBe(account.keys.key2.value);

  const moved = world.moveAccount(account.id, 'rg-after');
  await search();
  stage.advance(HOUR);
  await search();
  await stage.tick();
  const [after = ''] = await aliases();
  expect(after).not.toBe(before);
  expect(secretOf(after).value).toBe(inUse);
  const { entries } = (await stage.get(`accounts/${after}/history`)).body as { entries: { at: string }[] };
  expect(await movesFrom(after)).toEqual({
    secretName: `${before}-key`,
    vaultUrl: stage.azure.endpoints.keyVault,
    until: new Date(Date.parse(entries[0]?.at ?? '') + 2 * DAY).toISOString(),
  });
  expect(entries).toMatchObject([{ kind: 'MoveAnnounced' }, { kind: 'MoveBegan' }, { kind: 'Adopted' }]);

  await stage.post(`accounts/${after}/rotate`, { reason: 'leak', compromised: 'published' });
  expect(moved.keys.key2.value).not.toBe(inUse);
  expect(secretOf(before).value).toBe(moved.keys.key1.value);
  expect(secretOf(after).value).toBe(moved.keys.key1.value);

  await days(5);
  expect(await movesFrom(after)).toBeUndefined();
});

it('a move whose new place cannot be announced shows no end', async () => {
  const account = stage.addAccount('renamed');
  await stage.tick();
  stage.configure('KeyRotation:Accounts:renamed', {
    resourceId: account.id,
    policy: 'renamed',
    secretName: 'new-name',
  });
  const fault = { kind: 'serverError', status: 503 } as const;
  const remove = stage.azure.faults.add({ service: 'appConfiguration', operation: 'setKeyValue', fault });
  stage.advance(DAY);
  await stage.tick();
  remove();
  expect(secretOf('renamed').value).toBe(account.keys.key1.value);
  expect(await movesFrom('renamed')).toEqual({
    secretName: 'renamed-key',
    vaultUrl: stage.azure.endpoints.keyVault,
  });
});

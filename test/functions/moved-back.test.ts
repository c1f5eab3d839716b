// A tagged account is moved, and later moved back to its former resource group in mid-rotation.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { discover } from '../../src/fleet/discovery/search.ts';
import { RotationError } from '../../src/rotation/errors.ts';
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
beforeEach(async () => {
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
afterEach(() => stage.close());

const search = () => discover(stage.app, () => undefined);
const secretOf = (alias: string) => stage.azure.world.vault.find(`${alias}-key`);
async function aliases(): Promise<readonly string[]> {
  return (await stage.app.fleet()).accounts.map(({ alias }) => alias);
}
async function hours(count: number, step = 6): Promise<void> {
  for (let hour = 0; hour < count; hour += step) {
    stage.advance(step * HOUR);
    await stage.tick();
  }
}
/** Azure moves the account, two searches notice it, and a tick adopts it. Returns its new alias. */
async function move(id: string, group: string) {
  const before = new Set(await aliases());
  const moved = stage.azure.world.moveAccount(id, group);
  await search();
  stage.advance(HOUR);
  await search();
  await stage.tick();
  const alias = (await aliases()).find((each) => !before.has(each)) ?? '';
  return { moved, alias };
}
const phaseOf = async (alias: string) => ((await stage.get(`accounts/${alias}`)).body as { phase?: string }).phase;

/** Two moves: adopted in `rg-a`, moved to `rg-b`, and there its next rotation has just published key2. */
async function movedAndInOverlap() {
  const account = stage.azure.world.addAccount({ ...SEED, resourceGroup: 'rg-a' });
  await search();
  await stage.tick();
  const [first = ''] = await aliases();
  expect(secretOf(first).value).toBe(account.keys.key1.value);
  const { moved, alias: second } = await move(account.id, 'rg-b');
  await hours(72);
  expect((await stage.get(`accounts/${second}/history`)).body['entries']).toMatchObject([
    { kind: 'MoveEnded' },
    {},
    {},
    {},
  ]);
  stage.advance(27 * DAY + 6 * HOUR);
  await stage.tick();
  await hours(6, 3);
  expect(await phaseOf(second)).toBe('propagating');
  const inUse = secretOf(second).value;
  expect(inUse).toBe(moved.keys.key2.value);
  return { first, second, moved, inUse };
}

it('moved back: the key that its applications read at its second id is not regenerated', async () => {
  const { first, second, moved, inUse } = await movedAndInOverlap();
  const { moved: back, alias } = await move(moved.id, 'rg-a');
  expect(alias).toBe(first);
  await hours(24);
  expect(back.keys.key2.value).toBe(inUse);
  expect([back.keys.key1.value, back.keys.key2.value]).toContain(secretOf(second).value);
});

it('moved on to a third group in mid-rotation: the key in use is published there', async () => {
  const { moved, inUse } = await movedAndInOverlap();
  const { alias } = await move(moved.id, 'rg-c');
  expect(secretOf(alias).value).toBe(inUse);
});

it('moved on to a third group: after the overlap the key that applications read at the second is still a key', async () => {
  const { second, moved } = await movedAndInOverlap();
  const { moved: last, alias } = await move(moved.id, 'rg-c');
  await stage.post(`accounts/${alias}/rotate`, { reason: 'soon' });
  await hours(72);
  const readBySecond = secretOf(second).value;
  expect([last.keys.key1.value, last.keys.key2.value]).toContain(readBySecond);
});

it('the former secret of a moved account follows an emergency later, if it could not be written at once', async () => {
  const account = stage.azure.world.addAccount({ ...SEED, resourceGroup: 'rg-a' });
  await search();
  await stage.tick();
  const [first = ''] = await aliases();
  const { moved, alias: second } = await move(account.id, 'rg-b');
  const { app } = stage;
  const refused = () =>
    new RotationError({ code: 'Unavailable', service: 'keyVault', operation: 'publish', message: '' });
  const { secrets } = app.ports;
  const refusing: typeof secrets = {
    readNewest: (target) => secrets.readNewest(target),
    readVersion: (target, version) => secrets.readVersion(target, version),
    disable: (target, version, at) => secrets.disable(target, version, at),
    publish: (target, content) =>
      target.secretName === `${first}-key` ? Promise.reject(refused()) : secrets.publish(target, content),
  };
  stage.app = stage.serving = { ...app, ports: { ...app.ports, secrets: refusing } };
  await stage.post(`accounts/${second}/rotate`, { reason: 'leak', compromised: 'published' });
  await hours(0.5, 0.1);
  expect(secretOf(second).value).toBe(moved.keys.key2.value);
  stage.app = stage.serving = app;
  await hours(2, 0.1);
  expect(secretOf(second).value).toBe(moved.keys.key2.value);
  expect(secretOf(first).value).toBe(moved.keys.key2.value);
});

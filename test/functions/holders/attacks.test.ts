// Schedules that broke the holders once: a write that lands late, values that others change, a row that others write.
import { expect, it } from 'vitest';
import type { HolderInventory } from '../../../src/holders/model.ts';
import { NOTHING_KNOWN } from '../../../src/holders/model.ts';
import { requirementOf } from '../../../src/holders/requirement.ts';
import { searchHolders } from '../../../src/holders/search.ts';
import type { Fingerprint } from '../../../src/rotation/model.ts';
import { DAY, HOUR, HolderStage, MINUTE, OBSERVED } from './holder-stage.ts';

it('a value that is hidden, and sent nowhere that is known, may belong to any account', async () => {
  const inventory: HolderInventory = {
    holders: [{ kind: 'namedValue', resource: '/apim', name: 'key', content: { has: 'unseen', cause: '403' } }],
    unseen: [],
    searched: 1,
    isComplete: true,
  };
  const inventories = { of: () => Promise.resolve(inventory) };
  const subject = {
    vaultUrl: 'https://vault.test',
    secretName: 'shop-key',
    keys: { key1: 'a' as Fingerprint, key2: 'b' as Fingerprint },
    hosts: ['shop.test'],
  };
  const scopes = { namedValue: ['/subscriptions/s'] };
  const limits = { now: 5, maximumAgeMs: 0 };
  const found = await searchHolders({ scopes, inventories }, subject, NOTHING_KNOWN, limits);
  expect(found).toMatchObject({ unseen: [{ resource: '/apim#key', cause: '403' }], unseenCount: 1 });
  const account = await new HolderStage().adoptWith({ consumers: [] });
  expect(requirementOf(account, found).account.policy.standbyIsFree).toBe(false);
});

it('a write that lands after a roll back is seen before the overlap ends', async () => {
  const stage = new HolderStage();
  const account = await stage.adoptWith(OBSERVED);
  const [key1 = ''] = stage.keysOf(account);
  const hub = stage.holders.addConnection('hub', key1);
  await stage.live(account, 2 * DAY);
  let writes = 0;
  stage.holders.faultFor = (call) => (call.startsWith('write') && writes++ === 0 ? 'late' : 'none');
  await stage.liveUntil(account, 'preparing', 40 * DAY);
  while ((await stage.recordOf(account)).phase !== 'propagating') await stage.live(account, MINUTE);
  await stage.request(account, 'rollBack');
  stage.now += 5_000;
  await stage.look(account);
  expect(writes).toBe(2);
  await stage.live(account, 5 * DAY);
  expect(hub.value).toBe(stage.publishedKeyOf(account));
  expect(stage.failures).toEqual([]);
});

it('a value that another program puts back in the overlap is seen, and brought again', async () => {
  const stage = new HolderStage();
  const account = await stage.adoptWith({ ...OBSERVED, overlapMinimumMs: 48 * HOUR });
  const [key1 = ''] = stage.keysOf(account);
  const hub = stage.holders.addConnection('hub', key1);
  await stage.liveUntil(account, 'propagating', 40 * DAY);
  await stage.live(account, HOUR);
  hub.value = key1;
  await stage.live(account, 5 * DAY);
  expect(hub.value).toBe(stage.publishedKeyOf(account));
  expect(stage.failures).toEqual([]);
});

it('a standby key that another program writes at rest is replaced before the next rotation', async () => {
  const stage = new HolderStage();
  const account = await stage.adoptWith(OBSERVED);
  const [key1 = ''] = stage.keysOf(account);
  const hub = stage.holders.addConnection('hub', key1);
  await stage.liveUntil(account, 'propagating', 40 * DAY);
  await stage.liveUntil(account, 'idle', 8 * DAY);
  hub.value = stage.keysOf(account).find((key) => key !== stage.publishedKeyOf(account)) ?? '';
  await stage.live(account, 2 * DAY);
  expect(hub.value).toBe(stage.publishedKeyOf(account));
  await stage.live(account, 40 * DAY);
  expect(stage.failures).toEqual([]);
});

it('a check beside an emergency does not keep the app from the new key', async () => {
  const stage = new HolderStage();
  const account = await stage.adoptWith({ ...OBSERVED, activationForMs: 0 });
  const app = stage.holders.addApp('web', account.secretName, { restartsByRefresh: false });
  await stage.live(account, DAY);
  const leaked = app.environment;
  await stage.request(account, 'compromised', 'published');
  let reads = 0;
  stage.change = (parts) => ({
    ...parts,
    records: {
      ...parts.records,
      read: async (of) => {
        const stored = await parts.records.read(of);
        // The check keeps its search just after the pass has read the row.
        if (reads++ === 0) await parts.records.write(of, stored.etag, stored.known);
        return stored;
      },
    },
  });
  await stage.look(account);
  expect(stage.world.acceptsKey(account.id, leaked)).toBe(false);
  expect(app.environment).toBe(stage.publishedKeyOf(account));
});

it('with `proceed`, a holder that follows is waited for although its reads fail', async () => {
  const stage = new HolderStage();
  const account = await stage.adoptWith({ ...OBSERVED, onUnseen: 'proceed' });
  stage.holders.addApp('web', account.secretName);
  const [key1 = ''] = stage.keysOf(account);
  stage.holders.addConnection('hub', key1);
  await stage.live(account, 2 * DAY);
  stage.holders.faultFor = (call) => (call === 'read foundryConnection' ? 'refused' : 'none');
  await stage.live(account, 40 * DAY);
  expect(stage.failures).toEqual([]);
  expect((await stage.recordOf(account)).phase).toBe('propagating');
});

it.each(['left', 'vaultFails'] as const)(
  'an account that can do nothing for its holders is not woken in each tick: %s',
  async (what) => {
    const stage = new HolderStage();
    const account = await stage.adoptWith(OBSERVED);
    stage.holders.addApp('web', account.secretName);
    stage.holders.faultFor = (call) => (call.startsWith('read') ? 'refused' : 'none');
    await stage.live(account, DAY);
    const later = what === 'left' ? { ...account, policy: { ...account.policy, leaves: 'atRest' as const } } : account;
    if (what === 'vaultFails') {
      const secrets = { ...stage.ports.secrets, readNewest: () => Promise.reject(new Error('No answer.')) };
      Object.assign(stage.ports, { secrets });
    }
    let passes = 0;
    const look = stage.look.bind(stage);
    stage.look = (of) => {
      passes++;
      return look(of);
    };
    await stage.live(later, DAY);
    expect(passes).toBeLessThan(100);
  },
);

it('a pass that fails does not keep an app without the new key for an hour', async () => {
  const stage = new HolderStage();
  const account = await stage.adoptWith(OBSERVED);
  const app = stage.holders.addApp('web', account.secretName);
  await stage.live(account, DAY);
  const before = app.environment;
  let refreshes = 0;
  stage.holders.faultFor = (call) => (call.startsWith('refresh') && refreshes++ === 0 ? 'refused' : 'none');
  await stage.liveUntil(account, 'preparing', 40 * DAY);
  while ((await stage.recordOf(account)).phase !== 'propagating') await stage.live(account, MINUTE);
  expect(app.environment).toBe(before);
  const { secrets } = stage.ports;
  const readNewest = () => Promise.reject(new Error('No answer.'));
  Object.assign(stage.ports, { secrets: { ...secrets, readNewest } });
  await stage.live(account, 5 * MINUTE);
  Object.assign(stage.ports, { secrets });
  await stage.live(account, 15 * MINUTE);
  expect(app.environment).toBe(stage.publishedKeyOf(account));
});

it('a key that was written, and leaked before it was seen, is still replaced', async () => {
  const stage = new HolderStage();
  const account = await stage.adoptWith({ ...OBSERVED, activationForMs: 0 });
  const [key1 = ''] = stage.keysOf(account);
  const hub = stage.holders.addConnection('hub', key1);
  await stage.live(account, DAY);
  let isWritten = false;
  stage.holders.faultFor = (call) => {
    isWritten ||= call.startsWith('write');
    return isWritten && call === 'read foundryConnection' ? 'refused' : 'none';
  };
  await stage.liveUntil(account, 'propagating', 40 * DAY);
  expect(hub.value).toBe(stage.publishedKeyOf(account));
  await stage.request(account, 'compromised', 'published');
  await stage.look(account);
  stage.holders.faultFor = () => 'none';
  await stage.live(account, 30 * MINUTE);
  expect(hub.value).toBe(stage.publishedKeyOf(account));
});

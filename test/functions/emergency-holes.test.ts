// Leaked keys that stay alive, stops that do not stop, and keys that die unasked: each in the fewest calls that show it.
import { describe, expect, it } from 'vitest';
import { interceptAllPorts } from '../../local/azure/memory/intercept-records.ts';
import { findUrgently } from '../../src/fleet/urgent-accounts.ts';
import { ask, setPaused } from '../../src/operators/requests/ask.ts';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Wish } from '../../src/rotation/decide/request.ts';
import type { Account } from '../../src/rotation/model.ts';
import * as given from '../rotation/given.ts';
import { MemoryStage } from './memory-stage.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

async function settled(name = 'alpha') {
  const stage = new MemoryStage();
  const account = await stage.adopt(name);
  stage.now += 8 * DAY;
  return { stage, account };
}

const leak = (stage: MemoryStage, account: Account, wish: Partial<Wish>) =>
  ask(stage.app, { account, wish: { kind: 'compromised', reason: 'in a log', ...wish }, by: 'an operator' });

describe('a second leak', () => {
  it('of the published key is an emergency of its own while the death of the first one is being proven', async () => {
    const { stage, account } = await settled();
    await leak(stage, account, { named: 'published' });
    await stage.pass(account);
    Object.assign(stage.world.account(account.id).knobs, { isDeniedByFirewall: true });
    stage.now += 2 * HOUR;
    await stage.pass(account);
    const leaked = stage.publishedKeyOf(account);
    await leak(stage, account, { named: 'published' });
    await stage.pass(account);
    stage.now += 5 * MINUTE;
    await stage.pass(account);
    expect(stage.keysOf(account)).not.toContain(leaked);
  });

  it('that is the first one by another name leaves the successor alone', async () => {
    const { stage, account } = await settled();
    await leak(stage, account, { named: 'key1' });
    await stage.pass(account);
    const successor = stage.publishedKeyOf(account);
    stage.now += 30_000;
    await leak(stage, account, { named: 'published' });
    await stage.pass(account);
    expect(stage.keysOf(account)).toContain(successor);
  });

  it('without an overlap ends the overlap of the first one', async () => {
    const { stage, account } = await settled();
    const leaked = stage.publishedKeyOf(account);
    await leak(stage, account, { named: 'published', overlapMs: DAY });
    await stage.pass(account);
    stage.now += HOUR;
    await leak(stage, account, { named: 'published' });
    await stage.pass(account);
    expect(stage.keysOf(account)).not.toContain(leaked);
  });
});

describe('a stop', () => {
  it('stops what comes after an emergency in the same pass', async () => {
    const { stage, account } = await settled();
    stage.now += 40 * DAY;
    await leak(stage, account, { fingerprint: 'deadbeefdeadbeef' as never });
    let paused: { readonly isPassUnderWay: boolean } | undefined;
    const sent: string[] = [];
    const ports = interceptAllPorts(stage.ports, async ({ operation }, proceed) => {
      if (operation === 'list') paused = await setPaused(stage.app, { account, by: 'an operator' }, 'stop', true);
      if (paused !== undefined && operation === 'regenerate') sent.push(operation);
      return proceed();
    });
    await stage.pass(account, { ports });
    expect({ ...paused, sent }).toEqual({ isPassUnderWay: false, sent: [] });
  });

  it('that is lifted does not hold up an emergency', async () => {
    const { stage, account } = await settled();
    await setPaused(stage.app, { account, by: 'an operator' }, 'stop', true);
    await leak(stage, account, { named: 'published' });
    const leaked = stage.publishedKeyOf(account);
    let isResumed = false;
    const ports = interceptAllPorts(stage.ports, async ({ operation }, proceed) => {
      if (operation === 'regenerate' && !isResumed) {
        isResumed = true;
        await setPaused(stage.app, { account, by: 'an operator' }, 'go on', false);
      }
      return proceed();
    });
    await stage.pass(account, { ports });
    stage.now += MINUTE;
    await stage.pass(account);
    expect(stage.keysOf(account)).not.toContain(leaked);
  });
});

it('of two accounts that have had a name, none is guessed while App Configuration is silent', async () => {
  const stage = new MemoryStage();
  const former = { ...(await stage.adopt('former')), alias: 'shop' as never };
  await stage.pass({ ...former });
  stage.now += DAY;
  await stage.pass(former);
  const present = { ...(await stage.adopt('present')), alias: 'shop' as never };
  stage.now += 8 * DAY;
  await stage.pass(present);
  const fleet = () => Promise.reject(new Error('App Configuration is silent.'));
  await expect(findUrgently({ ...stage.app, fleet }, 'shop')).rejects.toThrow('App Configuration is silent.');
  const configured = { ...(await stage.app.fleet()), accounts: [present] };
  const told = { ...stage.app, fleet: () => Promise.resolve(configured) };
  expect((await findUrgently(told, 'shop'))?.id).toBe(present.id);
});

it('a leaked key is not published by the adoption of its account', async () => {
  const { stage, account } = await settled();
  stage.forget(account);
  stage.world.vault.secrets.delete(account.secretName);
  const leaked = stage.world.listKeys(account.id).key1;
  await leak(stage, account, { named: 'key1' });
  await stage.pass(account);
  const published = stage.world.vault.secrets.get(account.secretName)?.versions.map(({ value }) => value);
  expect(published).not.toContain(leaked);
});

describe('a rule', () => {
  it('publishes no key that is rejected again and again, because of one doubtful answer about the leaked one', () => {
    const { NOW, K1, K2_NEW } = given;
    const seen = {
      ...given.atRest,
      record: given.present({ ...given.preparing, attemptAt: NOW - 8_000 }),
      keys: { key1: K1, key2: K2_NEW },
      requests: [given.asked('compromised', { fingerprint: K1, at: NOW - 8_000 })],
      verdicts: new Map([...given.verdicts({ [K2_NEW]: 'rejected' }, 2), ...given.verdicts({ [K1]: 'inconclusive' })]),
    };
    expect(decide(seen, given.POLICY, NOW)).not.toMatchObject({ kind: 'publish' });
  });

  it('does not take the successor for the leaked key because Key Vault tells whole seconds', () => {
    const { NOW, K1 } = given;
    const seen = {
      ...given.inOverlap,
      // Published at NOW + 900, after the request.
      published: { state: 'live' as const, ...given.PUBLISHED_KEY2, createdAt: NOW },
      requests: [given.asked('compromised', { named: 'published', at: NOW + 500 })],
    };
    expect(decide(seen, given.POLICY, NOW + 2_000)).toMatchObject({ marks: [{ fingerprint: K1 }] });
  });
});

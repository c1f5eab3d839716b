// How long accounts are taken for current that were read during work which goes on for minutes.
import { describe, expect, it } from 'vitest';
import { CurrentAccounts } from '../../src/fleet/current-accounts.ts';
import { buildAccount } from '../support/account.ts';

const alpha = buildAccount('alpha');

function current() {
  const world = { now: 1_000_000, readings: 0 };
  const source = {
    clock: { now: () => world.now },
    accounts: () => {
      world.readings += 1;
      return Promise.resolve([]);
    },
  };
  return { world, accounts: new CurrentAccounts(source, [alpha]) };
}

describe('accounts that were read before', () => {
  it('are read again after half a minute, and not before', async () => {
    const { world, accounts } = current();
    world.now += 29_999;
    await accounts.renew();
    expect([world.readings, accounts.get(alpha.id)]).toEqual([0, alpha]);
    world.now += 1;
    await accounts.renew();
    expect([world.readings, accounts.get(alpha.id)]).toEqual([1, undefined]);
  });
  it('are read again when the clock was set back since, and then after half a minute', async () => {
    const { world, accounts } = current();
    world.now -= 3_600_000;
    await accounts.renew();
    expect(world.readings).toBe(1);
    world.now += 29_999;
    await accounts.renew();
    expect(world.readings).toBe(1);
    world.now += 1;
    await accounts.renew();
    expect(world.readings).toBe(2);
  });
});

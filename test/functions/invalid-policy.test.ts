// An account whose policy is not valid any more, in the timer's tick: no rotation begins, and an emergency goes on.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AccountState } from '../../local/azure/world/world.ts';
import { ask } from '../../src/operators/requests/ask.ts';
import { passOverDue } from '../support/pass-over-due.ts';
import { DAY, HOUR, type HttpStage, startHttpStage } from './http/stage.ts';

let stage: HttpStage;
let account: AccountState;
beforeAll(async () => {
  stage = await startHttpStage();
  account = stage.addAccount('shop', { confirmOver: 'PT30M' });
  await stage.adopt();
});
afterAll(() => stage.close());

const stands = async () => {
  const { reason, isBlocked, phase } = (await stage.get('accounts/shop')).body;
  return { reason, isBlocked, phase };
};
const keys = (): readonly string[] => [account.keys.key1.value, account.keys.key2.value];

it('a rotation that comes due does not begin, and the account says why; its problem is told in each tick', async () => {
  const before = keys();
  stage.configure('KeyRotation:Policies:shop', { overlapMinimum: 'P9D', overlapMaximum: 'P2D' });
  stage.advance(40 * DAY);
  await stage.tick();
  expect(await stands()).toEqual({ reason: 'PolicyInvalid', isBlocked: true, phase: 'idle' });
  expect(keys()).toEqual(before);
  const told = stage.said.filter((line) => line.includes('"event":"configurationProblem"'));
  expect(told.map((line) => (JSON.parse(line) as Record<string, unknown>)['setting'])).toEqual([
    'KeyRotation:Policies:shop.overlapMinimum',
    'KeyRotation:Accounts:shop.policy',
  ]);
});

it('a leaked key is replaced by the next tick, by the policy that was last valid', async () => {
  const leaked = stage.azure.world.vault.get('shop-key').value;
  const shop = (await stage.app.fleet()).accounts.find(({ alias }) => alias === 'shop');
  if (shop === undefined) throw new Error('The account has left the fleet.');
  const wish = { kind: 'compromised', named: 'published', reason: 'in a log' } as const;
  await ask(stage.app, { account: shop, wish, by: 'an operator' });
  // App Configuration answers before the patience with it is over: the account is the one that is configured now.
  await passOverDue({ ...stage.app, sleep: () => new Promise(() => undefined) }, () => undefined);
  expect(keys()).not.toContain(leaked);
  expect(keys()).toContain(stage.azure.world.vault.get('shop-key').value);
  // The built-in policy would have the proof by now.
  await stage.confirm();
  expect(await stands()).toEqual({ reason: 'ConfirmationTimeNotOver', isBlocked: false, phase: 'retiring' });
  await stage.confirm();
  expect(await stands()).toMatchObject({ isBlocked: false, phase: 'idle' });
});

it('a rotation begins once the policy is valid again, within the longest back-off', async () => {
  stage.advance(40 * DAY);
  await stage.tick();
  expect(await stands()).toMatchObject({ reason: 'PolicyInvalid' });
  stage.configure('KeyRotation:Policies:shop', { overlapMinimum: 'PT1H', overlapMaximum: 'P2D' });
  stage.advance(HOUR);
  await stage.tick();
  expect(await stands()).toEqual({ reason: 'ActivationTimeNotOver', isBlocked: false, phase: 'preparing' });
});

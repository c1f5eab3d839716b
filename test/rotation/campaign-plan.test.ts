// Who takes part, and in which ring.
import { describe, expect, it } from 'vitest';
import type { CampaignWish, RingWish } from '../../src/fleet/campaign/rules/model.ts';
import { matches, planCampaign } from '../../src/fleet/campaign/rules/plan.ts';
import type { Account, AccountId, IdleRecord } from '../../src/rotation/model.ts';
import type { StatusRow } from '../../src/rotation/ports.ts';
import { buildAccount, buildPolicy } from '../support/account.ts';

const NOW = 1_700_000_000_000;
const DAY = 24 * 3_600_000;
const wishOf = (rings: readonly RingWish[]): CampaignWish => ({
  reason: 'x',
  filter: {},
  rings,
  maxFailures: 1,
  perSubscription: 8,
  perVault: 50,
  bakeMs: 0,
  waitFor: 'published',
  overdueAfterMs: DAY,
});
const rowOf = ({ id }: Account, changes: object = {}, record: object = {}): [AccountId, StatusRow] => {
  const idle = { phase: 'idle', rotationId: 1, rotatedAt: 0, jitterMs: 0, ...record } as unknown as IdleRecord;
  const read = { state: 'present', record: idle } as const;
  return [id, { accountId: id, record: read, nextObservationAt: 0, lastPass: undefined, ...changes }];
};
const planOf = (accounts: readonly Account[], rings: readonly RingWish[], rows = accounts.map((one) => rowOf(one))) =>
  planCampaign({
    accounts,
    status: new Map(rows),
    wish: wishOf(rings),
    now: NOW,
    orderOf: ({ alias }) => alias,
  });
const ringsOf = (accounts: readonly Account[], rings: readonly RingWish[]) => {
  const { members } = planOf(accounts, rings);
  return rings.map((_, index) => members.filter(({ ring }) => ring === index).map(({ alias }) => alias));
};
const ten = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((name) => buildAccount(name));

describe('rings', () => {
  it('fill up in order: a number, a share of all, and the rest', () => {
    expect(ringsOf(ten, [{ count: 1 }, { percent: 30 }, { percent: 100 }])).toEqual([
      ['a'],
      ['b', 'c'],
      ['d', 'e', 'f', 'g', 'h', 'i', 'j'],
    ]);
  });
  it('hold named accounts wherever they stand, and count them for the share', () => {
    expect(ringsOf(ten, [{ accounts: ['J', 'c'] }, { percent: 30 }, { percent: 100 }])).toEqual([
      ['c', 'j'],
      ['a'],
      ['b', 'd', 'e', 'f', 'g', 'h', 'i'],
    ]);
  });
  it('may be empty in a small fleet, and nobody is left out', () => {
    expect(ringsOf(ten.slice(0, 2), [{ count: 1 }, { percent: 10 }, { percent: 100 }])).toEqual([['a'], [], ['b']]);
  });
  it('are named after what they take when nobody has named them', () => {
    const { rings } = planOf(ten, [
      { name: 'canary', count: 2 },
      { percent: 50 },
      { accounts: ['j'] },
      { percent: 100 },
    ]);
    expect(rings.map(({ name, total }) => [name, total])).toEqual([
      ['canary', 2],
      ['50 %', 3],
      ['named accounts', 1],
      ['100 %', 4],
    ]);
  });
});

describe('an account is left out, with the reason, when', () => {
  const account = buildAccount('a');
  const skippedOf = (changed: Account, row?: [AccountId, StatusRow]) =>
    planOf([changed], [{ percent: 100 }], row === undefined ? [] : [row]).skipped;
  it.each([
    ['it is not adopted', account, undefined, { notAdopted: 1 }],
    [
      'its record cannot be read',
      account,
      rowOf(account, { record: { state: 'unreadable', detail: 'x' } }),
      { unreadable: 1 },
    ],
    [
      'it is only observed',
      buildAccount('a', { policy: buildPolicy({ isObserveOnly: true }) }),
      rowOf(account),
      { observeOnly: 1 },
    ],
    ['it is blocked', account, rowOf(account, { lastPass: { isBlocked: true } }), { blocked: 1 }],
    ['it was adopted a day ago', account, rowOf(account, {}, { adoptedAt: NOW - DAY }), { recentlyAdopted: 1 }],
  ] as const)('%s', (_, changed, row, skipped) => {
    expect(skippedOf(changed, row)).toEqual(skipped);
  });
  it('an adoption eight days ago is long enough for an overlap of seven', () => {
    expect(skippedOf(account, rowOf(account, {}, { adoptedAt: NOW - 8 * DAY }))).toEqual({});
  });
});

describe('names that are nobody', () => {
  it('are told, of the filter and of the rings', () => {
    const wish = { ...wishOf([{ accounts: ['b', 'zz'] }, { percent: 100 }]), filter: { accounts: ['A', 'nobody'] } };
    const input = { accounts: ten, status: new Map(ten.map((one) => rowOf(one))), wish, now: NOW };
    expect(planCampaign({ ...input, orderOf: ({ alias }) => alias }).unknown).toEqual([
      { field: 'filter.accounts', name: 'nobody' },
      { field: 'rings.0.accounts', name: 'b' },
      { field: 'rings.0.accounts', name: 'zz' },
    ]);
  });
});

describe('the filter', () => {
  const account = buildAccount('Orders', { policyName: 'strict' });
  it.each([
    [{}, true],
    [{ accounts: ['ORDERS'] }, true],
    [{ accounts: ['other'] }, false],
    [{ subscriptions: ['11111111-2222-3333-4444-555555555555'] }, true],
    [{ subscriptions: ['99999999-2222-3333-4444-555555555555'] }, false],
    [{ policy: 'Strict' }, true],
    [{ policy: 'default' }, false],
    [{ search: 'RDER' }, true],
    [{ search: 'rg-test' }, true],
    [{ search: 'nothing' }, false],
    [{ policy: 'strict', search: 'nothing' }, false],
  ])('%j matches: %s', (filter, isMatch) => {
    expect(matches(account, filter)).toBe(isMatch);
  });
});

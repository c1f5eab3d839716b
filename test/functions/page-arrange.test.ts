// The list of the fleet: natural order, sorting, groups, and the export as CSV. No browser.
import { describe, expect, it } from 'vitest';
import { csvOf, type Grouping, linesOf, type Sort } from '../../src/page/fleet/arrange.ts';
import { matchingOf, NO_FILTER } from '../../src/page/fleet/fleet.ts';
import type { AccountSummary } from '../../src/page/types.ts';

const account = (name: string, group: string, more: Partial<AccountSummary> = {}): AccountSummary => ({
  account: name,
  resourceId: `/subscriptions/s-1/resourcegroups/${group}/providers/microsoft.cognitiveservices/accounts/${name}`,
  policy: 'default',
  rotationIntervalSeconds: 2_592_000,
  phase: 'idle',
  phaseSince: '2031-05-19T12:00:00Z',
  nextRotationAt: '2031-06-18T12:00:00Z',
  isBlocked: false,
  failures: 0,
  isOverdue: false,
  ...more,
});
const FLEET = [
  account('shop-10', 'rg-2'),
  account('shop-9', 'rg-10', { nextRotationAt: '2031-06-01T12:00:00Z', policy: 'strict' }),
  account('art-1', 'rg-2', { isBlocked: true, phaseSince: '2031-05-01T12:00:00Z' }),
];
const names = (sort: Sort, grouping: Grouping) =>
  linesOf(FLEET, sort, grouping).map((line) =>
    line.kind === 'account' ? line.account.account : `${line.name}: ${line.count}`,
  );

describe('the list', () => {
  it.each([
    ['need', ['art-1', 'shop-9', 'shop-10']],
    ['name', ['art-1', 'shop-9', 'shop-10']],
    ['next', ['shop-9', 'art-1', 'shop-10']],
    ['since', ['art-1', 'shop-9', 'shop-10']],
  ] as const)('is sorted by %s, with 9 before 10', (sort, expected) => expect(names(sort, 'none')).toEqual(expected));
  it('is grouped, with the groups in natural order', () => {
    expect(names('name', 'group')).toEqual(['rg-2: 2', 'art-1', 'shop-10', 'rg-10: 1', 'shop-9']);
    expect(names('name', 'policy')).toEqual(['default: 2', 'art-1', 'shop-10', 'strict: 1', 'shop-9']);
    expect(names('name', 'subscription')[0]).toBe('s-1: 3');
  });
  it('is filtered by resource group', () => {
    expect(matchingOf(FLEET, { ...NO_FILTER, group: 'rg-10' }).map((entry) => entry.account)).toEqual(['shop-9']);
  });
});

describe('the export', () => {
  it('has a header and a line for each account, and quotes what needs it', () => {
    const id = '/subscriptions/s-1/resourcegroups/rg-2/providers/microsoft.cognitiveservices/accounts/art-1';
    expect(csvOf([account('art-1', 'rg-2', { isBlocked: true, reason: 'A "b", c' })])).toBe(
      `account,state,reason,phase,phaseSince,nextRotationAt,policy,subscription,resourceGroup,failures,lastOutcome,resourceId\r\n` +
        `art-1,blocked,"A ""b"", c",idle,2031-05-19T12:00:00Z,2031-06-18T12:00:00Z,default,s-1,rg-2,0,,${id}\r\n`,
    );
  });
  it('gives a program for tables no formula', () => {
    expect(csvOf([account('x', 'rg', { policy: '=cmd()' })])).toContain(`,'=cmd(),`);
  });
});

// The list of the fleet: natural order, sorting, groups, and the export as CSV. No browser.
import { describe, expect, it } from 'vitest';
import { csvOf, type Grouping, linesOf, type Sort } from '../../src/page/fleet/arrange.ts';
import { choicesOf, keyAgeText } from '../../src/page/fleet/facets.ts';
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
  account('shop-10', 'rg-2', { kind: 'OpenAI', location: 'westeurope', keyRegeneratedAt: '2031-05-16T12:00:00Z' }),
  account('shop-9', 'rg-10', {
    nextRotationAt: '2031-06-01T12:00:00Z',
    policy: 'strict',
    kind: 'Face',
    owner: 'team-a',
    location: 'eastus',
    subscriptionName: 'Shop',
  }),
  account('art-1', 'rg-2', {
    isBlocked: true,
    phaseSince: '2031-05-01T12:00:00Z',
    kind: 'OpenAI',
    owner: 'team-b',
    keyRegeneratedAt: '2031-04-28T12:00:00Z',
  }),
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
    ['age', ['art-1', 'shop-10', 'shop-9']],
    ['kind', ['shop-9', 'art-1', 'shop-10']],
    ['group', ['art-1', 'shop-10', 'shop-9']],
    ['region', ['shop-9', 'shop-10', 'art-1']],
    ['policy', ['art-1', 'shop-10', 'shop-9']],
    ['owner', ['shop-9', 'art-1', 'shop-10']],
  ] as const)('is sorted by %s, with 9 before 10', (sort, expected) => expect(names(sort, 'none')).toEqual(expected));
  it('is grouped, with the groups in natural order', () => {
    expect(names('name', 'group')).toEqual(['rg-2: 2', 'art-1', 'shop-10', 'rg-10: 1', 'shop-9']);
    expect(names('name', 'policy')).toEqual(['default: 2', 'art-1', 'shop-10', 'strict: 1', 'shop-9']);
    expect(names('name', 'subscription').filter((name) => name.includes(':'))).toEqual(['s-1: 2', 'Shop (s-1): 1']);
    expect(names('name', 'kind')).toEqual(['Face: 1', 'shop-9', 'OpenAI: 2', 'art-1', 'shop-10']);
  });
  it('has the group of what is not known at the end', () => {
    const groupsBy = (grouping: Grouping) => names('name', grouping).filter((name) => name.includes(':'));
    expect(groupsBy('region')).toEqual(['eastus: 1', 'westeurope: 1', 'Not known: 1']);
    expect(groupsBy('owner')).toEqual(['team-a: 1', 'team-b: 1', 'Not known: 1']);
  });
  it.each([
    [{ group: 'rg-10' }, ['shop-9']],
    [{ kind: 'OpenAI' }, ['shop-10', 'art-1']],
    [{ region: 'Not known' }, ['art-1']],
    [{ owner: 'team-b', kind: 'OpenAI' }, ['art-1']],
    [{ subscription: 'Shop (s-1)' }, ['shop-9']],
  ])('is filtered by %o', (part, expected) => {
    expect(matchingOf(FLEET, { ...NO_FILTER, ...part }).map((entry) => entry.account)).toEqual(expected);
  });
  it('offers each value of a filter once, in natural order', () => {
    expect(choicesOf(FLEET, 'group')).toEqual(['rg-2', 'rg-10']);
    expect(choicesOf(FLEET, 'owner')).toEqual(['Not known', 'team-a', 'team-b']);
  });
  it('says how old the published key is, or that it is not known', () => {
    const [first, second] = FLEET;
    const now = Date.parse('2031-05-19T12:00:00Z');
    expect(first === undefined ? '' : keyAgeText(first, now)).toMatch(/^key 3 days old$/);
    expect(second === undefined ? '' : keyAgeText(second, now)).toBe('key age not known');
  });
});

describe('the export', () => {
  it('has a header and a line for each account, and quotes what needs it', () => {
    const id = '/subscriptions/s-1/resourcegroups/rg-2/providers/microsoft.cognitiveservices/accounts/art-1';
    expect(csvOf([account('art-1', 'rg-2', { isBlocked: true, reason: 'A "b", c', kind: 'OpenAI' })])).toBe(
      `account,state,reason,phase,phaseSince,nextRotationAt,policy,keyRegeneratedAt,kind,region,owner,subscription,subscriptionName,resourceGroup,failures,lastOutcome,resourceId\r\n` +
        `art-1,blocked,"A ""b"", c",idle,2031-05-19T12:00:00Z,2031-06-18T12:00:00Z,default,,OpenAI,,,s-1,,rg-2,0,,${id}\r\n`,
    );
  });
  it('gives a program for tables no formula', () => {
    expect(csvOf([account('x', 'rg', { policy: '=cmd()' })])).toContain(`,'=cmd(),`);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DiscoveredAccount } from '../../src/config/accounts/discovered-account.ts';
import { parseFleet } from '../../src/config/fleet.ts';
import type { Problem } from '../../src/config/problem.ts';
import type { RawKeyValue } from '../../src/config/raw-key-value.ts';
import type { AccountId } from '../../src/rotation/model.ts';
import { account, aliases, parse, places, policy, resourceId } from './config-key-values.ts';

describe('accounts that clash', () => {
  const cases: readonly (readonly [what: string, field: string, first: RawKeyValue, second: RawKeyValue])[] = [
    [
      'resource id',
      '.resourceId',
      account('a', { resourceId: resourceId('one') }),
      account('b', { resourceId: resourceId('ONE') }),
    ],
    [
      'secret',
      '.secretName',
      account('a', { secretName: 'B-KEY', vaultUrl: 'https://CONTOSO.vault.azure.net' }),
      account('b'),
    ],
  ];
  it.each(cases)('by one %s are both left out, and the others go on', (_what, field, first, second) => {
    const fleet = parse(first, second, account('c'));
    expect(aliases(fleet)).toEqual(['c']);
    expect(fleet.problems.map(({ setting, account: alias }) => [setting, alias])).toEqual([
      [`KeyRotation:Accounts:a${field}`, 'a'],
      [`KeyRotation:Accounts:b${field}`, 'b'],
    ]);
    expect(fleet.problems[0]?.remedy).toContain('`b`');
  });

  it('by an alias that differs in capitals only are both left out, whatever their labels', () => {
    const fleet = parse(
      account('Orders', { secretName: 'one', label: 'x', resourceId: resourceId('one') }),
      account('orders', { secretName: 'two', label: 'y', resourceId: resourceId('two') }),
    );
    expect(fleet.accounts).toEqual([]);
    expect(places(fleet)).toEqual(['KeyRotation:Accounts:Orders', 'KeyRotation:Accounts:orders']);
  });

  it('do not: one secret name in two vaults', () => {
    const fleet = parse(
      account('a', { secretName: 'same' }),
      account('b', { secretName: 'same', vaultUrl: 'https://other.vault.azure.net' }),
    );
    expect(aliases(fleet)).toEqual(['a', 'b']);
  });
});

describe('tagged accounts with one derived alias', () => {
  it('do not stop each other: the account that was enrolled first stays', () => {
    const idOf = (group: string) =>
      `/subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/${group}/providers/microsoft.cognitiveservices/accounts/twin`;
    const found = (group: string, since: number): DiscoveredAccount => ({
      id: idOf(group) as AccountId,
      resourceId: idOf(group),
      state: 'enrolled',
      since,
    });
    const discovered = { accounts: [found('rg-5775', 2), found('rg-3321', 1)], failures: [] };
    const fleet = parseFleet([], { keyVaultUrl: 'https://contoso.vault.azure.net' }, { discovered });
    expect(fleet.accounts.map(({ alias, resourceGroup }) => [alias, resourceGroup])).toEqual([
      ['twin-6f5da0', 'rg-3321'],
    ]);
    expect(places(fleet)).toEqual([`Tags of ${idOf('rg-5775')}`]);
  });
});

describe('the freeze and other keys', () => {
  it.each([
    ['true', true, 0],
    [' TRUE ', true, 0],
    ['false', false, 0],
    ['yes', true, 1],
    ['', true, 1],
  ])('"%s" counts as %s with %d problems, for every account', (value, isFrozen, problems) => {
    const fleet = parse({ key: 'KeyRotation:Freeze', value }, account('a'), account('b'));
    expect(fleet.isFrozen).toBe(isFrozen);
    expect(fleet.accounts.map((entry) => entry.policy.isFrozen)).toEqual([isFrozen, isFrozen]);
    expect(fleet.problems).toHaveLength(problems);
  });

  it('ignore the sentinel and everything outside the prefix, and report what is unknown or labelled', () => {
    const fleet = parse(
      { key: 'KeyRotation:Sentinel', value: '7' },
      { key: 'orders:Key', value: '{}', label: 'prod' },
      { key: 'KeyRotation:Acounts:a', value: '{}' },
      { key: 'KeyRotation:Policies:a b', value: '{}' },
      { ...account('a'), label: 'dev' },
      account('a'),
    );
    expect(aliases(fleet)).toEqual(['a']);
    expect(fleet.problems.map(({ setting, found }) => [setting, found])).toEqual([
      ['KeyRotation:Accounts:a', 'dev'],
      ['KeyRotation:Acounts:a', undefined],
      ['KeyRotation:Policies:a b', undefined],
    ]);
  });
});

describe('any key-values', () => {
  const KEY = '0123456789abcdef0123456789abcdef';
  const key = fc.oneof(
    fc
      .tuple(fc.constantFrom('Accounts:', 'Policies:', ''), fc.string())
      .map(([kind, name]) => `KeyRotation:${kind}${name}`),
    fc.constantFrom('KeyRotation:Freeze', 'KeyRotation:Accounts:a', 'KeyRotation:Policies:default'),
    fc.string(),
  );
  const field = fc.constantFrom('resourceId', 'policy', 'vaultUrl', 'label', 'extends', 'lease', 'spread', '__proto__');
  const document = fc.dictionary(fc.oneof(field, fc.string()), fc.oneof(fc.jsonValue(), fc.constantFrom('PT1H', 'a')));
  const value = fc.oneof(
    fc.string(),
    fc.json(),
    document.map((fields) => JSON.stringify(fields)),
  );

  it('are parsed without throwing', () => {
    const keyValues = fc.array(fc.record({ key, value }));
    fc.assert(
      fc.property(keyValues, (read) => {
        const { problems, accounts } = parse(...read, account('always'));
        expect(accounts.length + problems.length).toBeGreaterThan(0);
      }),
    );
  });

  it('never make a problem repeat a key that was pasted into a field', () => {
    const fields = ['resourceId', 'vaultUrl', 'label', 'mode', 'consumers', 'policy', 'extends', 'lease', KEY];
    const read = fields.flatMap((name, index) => [
      account(`a${index}`, { [name]: KEY }),
      policy(`p${index}`, { [name]: KEY }),
    ]);
    const problems: readonly Problem[] = parse(...read).problems;
    expect(problems.length).toBeGreaterThan(9);
    expect(JSON.stringify(problems)).not.toContain(KEY);
  });
});

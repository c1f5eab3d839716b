import { describe, expect, it } from 'vitest';
import { account, aliases, parse, places, policy, resourceId, SUBSCRIPTION } from './config-key-values.ts';

describe('an account', () => {
  it('needs a resource id alone', () => {
    const fleet = parse({
      key: 'KeyRotation:Accounts:language',
      value: JSON.stringify({ resourceId: resourceId('Lang-1').replace('Microsoft', 'microsoft') }),
    });
    expect(fleet).toEqual({
      accounts: [
        {
          id: '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourcegroups/rg-one/providers/microsoft.cognitiveservices/accounts/lang-1',
          alias: 'language',
          subscriptionId: SUBSCRIPTION,
          resourceGroup: 'RG-One',
          name: 'Lang-1',
          vaultUrl: 'https://contoso.vault.azure.net',
          secretName: 'language-key',
          referenceKey: 'language:Key',
          flagName: 'language-uses-key2',
          label: undefined,
          policyName: 'default',
          policy: {
            rotationIntervalMs: 2_592_000_000,
            overlapMinimumMs: 90_000_000,
            overlapMaximumMs: 604_800_000,
            onMissing: 'hold',
            consumers: [],
            activationForMs: 300_000,
            verifyProbes: 3,
            activationPatienceMs: 3_600_000,
            emergencyPatienceMs: 60_000,
            confirmForMs: 86_400_000,
            confirmOverMs: 900_000,
            confirmProbes: 3,
            attemptsMaximum: 5,
            observeEveryMs: 16_573_023,
            backOffMinimumMs: 15_000,
            backOffMaximumMs: 3_600_000,
            leaseMs: 120_000,
            callDeadlineMs: 30_000,
            clockSkewMs: 10_000,
            settleMs: 170_000,
            jitterMs: 0,
            standbyIsFree: false,
            isObserveOnly: false,
            isFrozen: false,
          },
        },
      ],
      problems: [],
      notices: [],
      isFrozen: false,
      gone: [],
    });
  });

  it('sets its own vault, secret, label, consumers, mode and standby over those of its policy', () => {
    const fleet = parse(
      policy('careful', { consumers: ['web'], mode: 'observe', standbyIsFree: true }),
      account('a', {
        policy: 'careful',
        vaultUrl: 'https://Other.vault.azure.net/',
        secretName: 'Orders-Secret',
        label: 'prod',
        consumers: ['orders-api', 'orders.batch'],
        mode: 'rotate',
        standbyIsFree: false,
      }),
      account('b', { policy: 'careful' }),
    );
    expect(fleet.problems).toEqual([]);
    expect(fleet.accounts[0]).toMatchObject({
      vaultUrl: 'https://other.vault.azure.net',
      secretName: 'Orders-Secret',
      label: 'prod',
      policy: { consumers: ['orders-api', 'orders.batch'], isObserveOnly: false, standbyIsFree: false },
    });
    expect(fleet.accounts[1]).toMatchObject({
      policy: { consumers: ['web'], isObserveOnly: true, standbyIsFree: true },
    });
  });

  const wrong: readonly (readonly [field: string, values: readonly unknown[]])[] = [
    [
      'resourceId',
      [
        undefined,
        1,
        '',
        'orders',
        `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/x`,
        resourceId('x'),
        `${resourceId('orders')}/deployments/gpt`,
        resourceId('orders').replace(SUBSCRIPTION, 'mine'),
        ` ${resourceId('orders')}`,
        resourceId('orders?'),
        // A long s lower-cases to itself, and must not pass for an s.
        resourceId('orders').replace('soft', 'ſoft'),
      ],
    ],
    ['policy', ['', 'a b', null, 1]],
    ['vaultUrl', ['contoso', 'http://c.vault.azure.net', 'https://c.vault.azure.net/secrets', '']],
    ['secretName', ['', 'a_b', 'a/b', 'a%b', 'x'.repeat(128)]],
    ['consumers', ['web', [''], ['a b'], ['a/b'], [1], ['web', 'WEB']]],
    ['standbyIsFree', ['true', 1, null]],
    ['mode', ['off', true]],
    ['label', ['', 'a#b', 'a?b', 'a%b', 'a*', 'a,b', 'a\\b', 'a\nb', 'R&D', 'C++', 'x'.repeat(65), null]],
  ];
  it.each(wrong.flatMap(([field, values]) => values.map((value) => [field, value] as const)))(
    'is left out when its %s is %j, and the others go on',
    (field, value) => {
      const fleet = parse(account('bad', { [field]: value }), account('good'));
      expect(aliases(fleet)).toEqual(['good']);
      expect(fleet.problems).toHaveLength(1);
      expect(fleet.problems[0]).toMatchObject({ setting: `KeyRotation:Accounts:bad.${field}`, account: 'bad' });
    },
  );

  it('may be an Azure AI Search service', () => {
    const id = resourceId('Finder-1').replace('CognitiveServices/accounts', 'Search/searchServices');
    const fleet = parse(account('finder', { resourceId: id }));
    expect(fleet.problems).toEqual([]);
    expect(fleet.accounts[0]).toMatchObject({
      id: '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourcegroups/rg-one/providers/microsoft.search/searchservices/finder-1',
      name: 'Finder-1',
    });
  });

  it('of another type is refused, and the refusal names both types', () => {
    const id = resourceId('store').replace('CognitiveServices/accounts', 'Storage/storageAccounts');
    expect(parse(account('store', { resourceId: id })).problems[0]).toMatchObject({
      expected:
        'The ARM id of an account: `/subscriptions/<id>/resourceGroups/<group>/providers/<type>/<name>`, where <type> is `Microsoft.CognitiveServices/accounts` or `Microsoft.Search/searchServices`.',
      remedy:
        'Copy the resource id from the account’s properties, or from `az cognitiveservices account show --query id` or `az search service show --query id`.',
    });
  });

  it('is left out when it is no JSON object or has an unknown field, which is named with the known ones', () => {
    const fleet = parse(
      { key: 'KeyRotation:Accounts:text', value: 'orders' },
      { key: 'KeyRotation:Accounts:list', value: '[]' },
      { key: 'KeyRotation:Accounts:none', value: '' },
      account('typo', { secret: 'x' }),
    );
    expect(fleet.accounts).toEqual([]);
    expect(places(fleet)).toEqual([
      'KeyRotation:Accounts:list',
      'KeyRotation:Accounts:none',
      'KeyRotation:Accounts:text',
      'KeyRotation:Accounts:typo',
    ]);
    expect(fleet.problems[3]).toEqual({
      setting: 'KeyRotation:Accounts:typo',
      expected:
        'Only the fields `resourceId`, `policy`, `vaultUrl`, `secretName`, `consumers`, `onUnseen`, `standbyIsFree`, `mode`, `label`.',
      remedy: 'Correct the name of the field `secret`, or remove it.',
      found: 'secret',
      account: 'typo',
    });
  });

  it('reports every field that is wrong at once', () => {
    expect(places(parse(account('bad', { resourceId: 'x', mode: 'x', vaultUrl: 'x', typo: 1 })))).toEqual([
      'KeyRotation:Accounts:bad.resourceId',
      'KeyRotation:Accounts:bad.vaultUrl',
      'KeyRotation:Accounts:bad.mode',
      'KeyRotation:Accounts:bad',
    ]);
  });

  it.each(['', 'a b', 'a:b', 'a_b', 'a%', 'x'.repeat(65), 'keyrotation'])('cannot be called "%s"', (alias) => {
    const fleet = parse(account(alias, { resourceId: resourceId('orders') }), account('good'));
    expect(aliases(fleet)).toEqual(['good']);
    expect(fleet.problems).toHaveLength(1);
  });

  it('needs a policy that exists and is valid; without one it stays under the built-in values, and is reported', () => {
    const fleet = parse(
      policy('broken', { lease: 'PT1S', confirmProbes: 9 }),
      account('a', { policy: 'broken', mode: 'observe', consumers: ['web'] }),
      account('b', { policy: 'missing' }),
      account('c'),
    );
    expect(aliases(fleet)).toEqual(['a', 'b', 'c']);
    const [broken, missing, valid] = fleet.accounts;
    expect(broken).toMatchObject({
      policyName: 'broken',
      policy: { isInvalid: true, leaseMs: 120_000, confirmProbes: 3, isObserveOnly: true, consumers: ['web'] },
    });
    expect(missing).toMatchObject({ policyName: 'missing', policy: { isInvalid: true, isObserveOnly: false } });
    expect(valid?.policy.isInvalid).toBeUndefined();
    expect(fleet.problems.map(({ setting, account: alias, found }) => [setting, alias, found])).toEqual([
      ['KeyRotation:Policies:broken.lease', undefined, '1 s'],
      ['KeyRotation:Accounts:a.policy', 'a', 'broken'],
      ['KeyRotation:Accounts:b.policy', 'b', 'missing'],
    ]);
    expect(fleet.problems[2]?.expected).toBe('The name of an existing policy: `broken`, `default`.');
  });

  it('keeps its place in the spread, whatever the others do', () => {
    const spread = policy('default', { spread: 'P1D' });
    const fields = { resourceId: resourceId('Lang-1') };
    expect(parse(spread, account('a', fields)).accounts[0]?.policy.jitterMs).toBe(50_817_217);
    expect(parse(spread, account('z', fields), account('b')).accounts[1]?.policy.jitterMs).toBe(50_817_217);
  });

  it('is looked at in a period of its own, three quarters of the policy’s to the whole, evenly over the fleet', () => {
    const accounts = Array.from({ length: 400 }, (_, index) => account(`a${index}`));
    const periods = parse(policy('default', { observeEvery: 'PT4H' }), ...accounts).accounts.map(
      (each) => each.policy.observeEveryMs,
    );
    const within = (from: number, to: number) => periods.filter((each) => each >= from && each < to).length;
    expect(within(10_800_000, 14_400_001)).toBe(400);
    for (const from of [10_800_000, 11_700_000, 12_600_000, 13_500_000]) {
      expect(within(from, from + 900_000)).toBeGreaterThan(70);
    }
  });

  it('shares the spread evenly with a fleet that is adopted on one day', () => {
    const fleet = Array.from({ length: 1_000 }, (_, index) => account(`a${index}`));
    const perHour = new Array<number>(24).fill(0);
    for (const { policy: read } of parse(policy('default', { spread: 'P1D' }), ...fleet).accounts) {
      const hour = Math.floor(read.jitterMs / 3_600_000);
      perHour[hour] = (perHour[hour] ?? 0) + 1;
    }
    // 42 on average; a fair share strays from it by 6.
    expect(perHour).toHaveLength(24);
    expect(Math.min(...perHour)).toBeGreaterThan(20);
    expect(Math.max(...perHour)).toBeLessThan(64);
  });
});

import { describe, expect, it } from 'vitest';
import type { DiscoveredAccount } from '../../src/config/accounts/discovered-account.ts';
import { parseDuration } from '../../src/config/duration.ts';
import { type Fleet, parseFleet } from '../../src/config/fleet.ts';
import type { RawKeyValue } from '../../src/config/raw-key-value.ts';
import type { AccountId } from '../../src/rotation/model.ts';

const ACCOUNT = {
  key: 'KeyRotation:Accounts:orders',
  value: JSON.stringify({
    resourceId:
      '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/orders',
    policy: 'used',
  }),
};

/** A fleet with one account under the policy `used`. */
function fleetUnder(policies: Readonly<Record<string, object>>): Fleet {
  const keyValues: RawKeyValue[] = Object.entries(policies).map(([name, fields]) => ({
    key: `KeyRotation:Policies:${name}`,
    value: JSON.stringify(fields),
  }));
  return parseFleet([...keyValues, ACCOUNT], { keyVaultUrl: 'https://contoso.vault.azure.net' });
}

function places(fleet: Fleet): readonly string[] {
  return fleet.problems.map(({ setting }) => setting);
}

describe('a duration', () => {
  it.each([
    ['P30D', 2_592_000_000],
    ['PT25H', 90_000_000],
    ['P2W', 1_209_600_000],
    ['P1W1D', 691_200_000],
    ['P1DT1H1M1S', 90_061_000],
    ['PT0.5S', 500],
    ['PT1,25S', 1_250],
    ['PT0S', 0],
    ['P3650D', 315_360_000_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ms });
  });

  it.each(['', 'P', 'PT', 'P1DT', '30D', 'P30', 'PD', 'p30d', 'P-1D', '-P1D', 'PT1.5H', 'PT1M1H', ' P1D', 'PT0.0001S'])(
    '"%s" is none',
    (text) => {
      expect(parseDuration(text)).toEqual({
        remedy: 'Write an ISO 8601 duration in capitals, for example `P7D`, `PT25H`, `P1DT12H` or `PT0.5S`.',
      });
    },
  );

  it.each(['P1M', 'P1Y', 'P1Y2M3DT4H', 'P1MT1M'])('%s has units that differ in length', (text) => {
    expect(parseDuration(text)).toEqual({
      remedy: 'Years and months differ in length: write weeks or days instead, for example `P30D`.',
    });
  });

  it.each(['P3651D', 'P999999W'])('%s is too long', (text) => {
    expect(parseDuration(text)).toEqual({ remedy: 'Write at most 3,650 days.' });
  });
});

describe('a policy', () => {
  it('sets every field', () => {
    const used = {
      rotationInterval: 'P90D',
      overlapMinimum: 'PT1H',
      overlapMaximum: 'P3D',
      onMissing: 'proceed',
      verification: 'required',
      confirmFor: 'PT2H',
      consumers: ['orders-api'],
      standbyIsFree: true,
      mode: 'observe',
      activationFor: 'PT3M',
      verifyProbes: 4,
      activationPatience: 'PT10M',
      emergencyPatience: 'PT30S',
      confirmOver: 'PT45M',
      confirmProbes: 2,
      attemptsMaximum: 7,
      observeEvery: 'PT1H',
      backOffMinimum: 'PT5S',
      backOffMaximum: 'PT10M',
      lease: 'PT1M',
      callDeadline: 'PT20S',
      clockSkew: 'PT5S',
      settle: 'PT2M',
      spread: 'PT0S',
      windows: [],
      blackouts: [],
    };
    const fleet = fleetUnder({ used });
    expect(fleet.problems).toEqual([]);
    expect(fleet.accounts[0]?.policy).toEqual({
      rotationIntervalMs: 7_776_000_000,
      overlapMinimumMs: 3_600_000,
      overlapMaximumMs: 259_200_000,
      onMissing: 'proceed',
      consumers: ['orders-api'],
      activationForMs: 180_000,
      verifyProbes: 4,
      activationPatienceMs: 600_000,
      emergencyPatienceMs: 30_000,
      confirmForMs: 7_200_000,
      confirmOverMs: 2_700_000,
      confirmProbes: 2,
      attemptsMaximum: 7,
      observeEveryMs: 3_465_444,
      backOffMinimumMs: 5_000,
      backOffMaximumMs: 600_000,
      leaseMs: 60_000,
      callDeadlineMs: 20_000,
      clockSkewMs: 5_000,
      settleMs: 120_000,
      jitterMs: 0,
      standbyIsFree: true,
      isObserveOnly: true,
      isFrozen: false,
    });
  });

  it('derives settle from the lease, the call deadline and the clock skew that hold in the end', () => {
    const fleet = fleetUnder({ base: { callDeadline: 'PT20S' }, used: { extends: 'base', lease: 'PT1M' } });
    expect(fleet.accounts[0]?.policy.settleMs).toBe(100_000);
  });

  it('extends another, the nearer value winning', () => {
    const fleet = fleetUnder({
      ground: { overlapMaximum: 'P2D', confirmProbes: 5, attemptsMaximum: 9 },
      base: { extends: 'ground', confirmProbes: 4 },
      used: { extends: 'base', attemptsMaximum: 8 },
    });
    expect(fleet.accounts[0]?.policy).toMatchObject({
      overlapMaximumMs: 172_800_000,
      confirmProbes: 4,
      attemptsMaximum: 8,
    });
  });

  it('stands on the built-in values, not on the default of the store, unless it extends that', () => {
    const fields = { default: { confirmProbes: 9 } };
    expect(fleetUnder({ ...fields, used: {} }).accounts[0]?.policy.confirmProbes).toBe(3);
    expect(fleetUnder({ ...fields, used: { extends: 'default' } }).accounts[0]?.policy.confirmProbes).toBe(9);
    expect(fleetUnder({ used: { extends: 'default' } }).accounts[0]?.policy.confirmProbes).toBe(3);
  });

  const spans = ['rotationInterval', 'overlapMinimum', 'overlapMaximum', 'confirmFor', 'confirmOver'];
  const activationSpans = ['activationFor', 'activationPatience', 'emergencyPatience'];
  const otherSpans = ['observeEvery', 'backOffMinimum', 'backOffMaximum', 'lease', 'callDeadline', 'clockSkew'];
  const wrong: readonly (readonly [field: string, values: readonly unknown[]])[] = [
    ...[...spans, ...activationSpans, ...otherSpans, 'settle', 'spread'].map(
      (field) => [field, ['P1M', 'soon', 3600, null]] as const,
    ),
    ...['rotationInterval', 'overlapMaximum', 'observeEvery', 'backOffMinimum', 'backOffMaximum'].map(
      (field) => [field, ['PT0S']] as const,
    ),
    ...['lease', 'callDeadline', 'settle'].map((field) => [field, ['PT0S']] as const),
    ['onMissing', ['retire', true]],
    ['verification', ['optional', 'none', false]],
    ['consumers', ['web', ['a b']]],
    ['standbyIsFree', ['yes']],
    ['mode', ['off']],
    ['confirmProbes', [0, 1.5, '3', 21]],
    ['verifyProbes', [0, 1.5, '3', 21]],
    ['attemptsMaximum', [0, -1, 101]],
    ['extends', ['', 'a b', 'missing', 1]],
  ];
  it.each(wrong.flatMap(([field, values]) => values.map((value) => [field, value] as const)))(
    'is refused when its %s is %j, and the account that uses it stays under the built-in values',
    (field, value) => {
      const fleet = fleetUnder({ used: { attemptsMaximum: 9, [field]: value } });
      expect(fleet.accounts.map(({ alias, policy }) => [alias, policy.isInvalid, policy.attemptsMaximum])).toEqual([
        ['orders', true, 5],
      ]);
      expect(places(fleet)).toEqual([`KeyRotation:Policies:used.${field}`, 'KeyRotation:Accounts:orders.policy']);
    },
  );

  it('names an unknown field and the known ones', () => {
    const [problem] = fleetUnder({ used: { interval: 'P30D' } }).problems;
    expect(problem).toMatchObject({ setting: 'KeyRotation:Policies:used', found: 'interval' });
    expect(problem?.expected).toContain('`rotationInterval`');
  });

  it.each([
    [{ used: { extends: 'used' } }, ['KeyRotation:Policies:used.extends']],
    [
      { a: { extends: 'used' }, used: { extends: 'a' } },
      ['KeyRotation:Policies:a.extends', 'KeyRotation:Policies:used.extends'],
    ],
    [
      { a: { mode: 'x' }, used: { extends: 'a' } },
      ['KeyRotation:Policies:a.mode', 'KeyRotation:Policies:used.extends'],
    ],
  ])('is refused when it cannot be resolved: %j', (policies, settings) => {
    expect(places(fleetUnder(policies))).toEqual([...settings, 'KeyRotation:Accounts:orders.policy']);
  });

  it('spoils no account that does not use it', () => {
    const fleet = fleetUnder({ used: {}, other: { lease: 'PT1S' } });
    expect(fleet.accounts.map(({ alias, policy }) => [alias, policy.isInvalid])).toEqual([['orders', undefined]]);
    expect(places(fleet)).toEqual(['KeyRotation:Policies:other.lease']);
  });
});

describe('spans of a policy', () => {
  // Each row: fields that just fit, and the change that no longer does.
  const rows: readonly (readonly [field: string, fits: object, breaks: object])[] = [
    ['overlapMinimum', { overlapMinimum: 'P7D' }, { overlapMinimum: 'P7DT0.001S' }],
    ['rotationInterval', { rotationInterval: 'P14DT0.001S' }, { rotationInterval: 'P14D' }],
    ['lease', { lease: 'PT40.001S' }, { lease: 'PT40S' }],
    ['settle', { settle: 'PT160S' }, { settle: 'PT159.999S' }],
    ['backOffMinimum', { backOffMinimum: 'PT1H' }, { backOffMinimum: 'PT1H0.001S' }],
    ['activationPatience', { activationPatience: 'PT7M50.001S' }, { activationPatience: 'PT7M50S' }],
    ['activationPatience', { activationFor: 'PT57M9.999S' }, { activationFor: 'PT57M10S' }],
    ['activationPatience', { settle: 'PT54M59.999S' }, { settle: 'PT55M' }],
    ['confirmFor', { confirmFor: 'PT15M' }, { confirmFor: 'PT14M59.999S' }],
    ['confirmFor', { confirmOver: 'PT24H' }, { confirmOver: 'PT24H0.001S' }],
    ['spread', { spread: 'P30D' }, { spread: 'P30DT0.001S' }],
  ];
  it.each(rows)('must fit together: %s', (field, fits, breaks) => {
    expect(fleetUnder({ used: fits }).problems).toEqual([]);
    const [problem] = fleetUnder({ used: breaks }).problems;
    expect(problem).toMatchObject({ setting: `KeyRotation:Policies:used.${field}` });
    expect(problem?.expected).toMatch(/\.$/);
    expect(problem?.remedy).toMatch(/\.$/);
  });

  it('are checked after inheritance, all at once', () => {
    const fleet = fleetUnder({
      base: { rotationInterval: 'P20D' },
      used: { extends: 'base', overlapMinimum: 'P12D', overlapMaximum: 'P11D', lease: 'PT10S' },
    });
    expect(places(fleet)).toEqual([
      'KeyRotation:Policies:used.overlapMinimum',
      'KeyRotation:Policies:used.rotationInterval',
      'KeyRotation:Policies:used.lease',
      'KeyRotation:Accounts:orders.policy',
    ]);
  });
});

it('an account that was found by its tag names a policy that there is not: the problem says so', () => {
  const resourceId =
    '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/found';
  const found: DiscoveredAccount = {
    id: resourceId.toLowerCase() as AccountId,
    resourceId,
    policy: 'mistyped',
    state: 'enrolled',
    since: 0,
  };
  const fleet = parseFleet(
    [],
    { keyVaultUrl: 'https://contoso.vault.azure.net' },
    { discovered: { accounts: [found], failures: [] } },
  );
  expect(fleet.accounts.map(({ policy }) => policy.isInvalid)).toEqual([true]);
  expect(places(fleet)).toEqual([expect.stringMatching(/^Tags of /)]);
});

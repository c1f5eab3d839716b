// Windows and blackouts as a policy states them: what is taken, inherited and refused, and with which remedy.
import { describe, expect, it } from 'vitest';
import type { Fleet } from '../../src/config/fleet.ts';
import { parseFleet, readFleet } from '../../src/config/fleet.ts';
import type { RawKeyValue } from '../../src/config/raw-key-value.ts';
import { account, policy } from './config-key-values.ts';

const SETTINGS = { keyVaultUrl: 'https://contoso.vault.azure.net' };
const NIGHTLY = { start: '0 22 * * *', duration: 'PT4H', timeZone: 'Europe/Zurich' };
const CHRISTMAS = { from: '2026-12-20', to: '2027-01-02', timeZone: 'Europe/Zurich' };
const NIGHT = Date.parse('2026-07-01T20:30:00Z');
const NOON = Date.parse('2026-07-01T12:00:00Z');
const CHRISTMAS_NIGHT = Date.parse('2026-12-24T22:30:00Z');

const read = (...policies: readonly RawKeyValue[]): Promise<Fleet> =>
  readFleet([...policies, account('orders', { policy: 'used' })], SETTINGS);

/** The account goes on under the built-in values, which have no windows; no rotation begins meanwhile. */
function expectBuiltIn({ accounts }: Fleet): void {
  expect(accounts.map(({ policy: { isInvalid, windowAt } }) => ({ isInvalid, windowAt }))).toEqual([
    { isInvalid: true, windowAt: undefined },
  ]);
}

/** Whether the account may be acted on at a night, at noon, and in the night of Christmas. */
async function openAt(...policies: readonly RawKeyValue[]): Promise<readonly (boolean | undefined)[]> {
  const fleet = await read(...policies);
  expect(fleet.problems).toEqual([]);
  return [NIGHT, NOON, CHRISTMAS_NIGHT].map((instant) => fleet.accounts[0]?.policy.windowAt?.(instant).isOpen);
}

describe('a policy', () => {
  it('without windows and blackouts is open without a calendar', async () => {
    expect(await openAt(policy('used', { windows: [], blackouts: [] }))).toEqual([undefined, undefined, undefined]);
  });
  it('with windows is open within them', async () => {
    expect(await openAt(policy('used', { windows: [NIGHTLY] }))).toEqual([true, false, true]);
  });
  it('with blackouts alone is open outside them', async () => {
    expect(await openAt(policy('used', { blackouts: [CHRISTMAS] }))).toEqual([true, true, false]);
  });
  it('inherits both, and replaces each as a whole', async () => {
    const base = policy('base', { windows: [NIGHTLY], blackouts: [CHRISTMAS] });
    const daily = { start: '0 12 * * *', duration: 'PT4H', timeZone: 'UTC' };
    expect(await openAt(base, policy('used', { extends: 'base' }))).toEqual([true, false, false]);
    expect(await openAt(base, policy('used', { extends: 'base', windows: [daily] }))).toEqual([false, true, false]);
    expect(await openAt(base, policy('used', { extends: 'base', blackouts: [] }))).toEqual([true, false, true]);
  });
  it('reads the days of a blackout in UTC where it names no time zone', async () => {
    const blackouts = [{ from: '2026-07-01', to: '2026-07-01' }];
    const fleet = await read(policy('used', { blackouts }));
    expect(fleet.accounts[0]?.policy.windowAt?.(NOON)).toEqual({
      isOpen: false,
      opensAt: Date.parse('2026-07-02T00:00:00Z'),
    });
  });
  it('is refused where no calendar is at hand, never taken as open', () => {
    const fleet = parseFleet([policy('default', { windows: [NIGHTLY] }), account('orders')], SETTINGS);
    expectBuiltIn(fleet);
    expect(fleet.problems.map(({ setting }) => setting)).toEqual([
      'KeyRotation:Policies:default',
      'KeyRotation:Accounts:orders.policy',
    ]);
  });
});

describe('windows', () => {
  const wrong: readonly (readonly [what: string, window: object, remedy: string])[] = [
    ['six fields', { start: '0 0 22 * * *' }, 'five fields'],
    ['a nickname', { start: '@daily' }, 'five fields'],
    ['a question mark', { start: '0 22 ? * MON' }, 'five fields'],
    ['both kinds of day', { start: '0 22 1 * MON' }, 'not both'],
    ['a minute too many', { start: '60 22 * * *' }, '`0 22 * * MON-FRI`'],
    ['an unknown day', { start: '0 22 * * FRY' }, '`0 22 * * MON-FRI`'],
    ['a step from a number', { start: '5/10 22 * * *' }, '`0 22 * * MON-FRI`'],
    ['too short a duration', { duration: 'PT14M59S' }, 'from `PT15M` to `P7D`'],
    ['too long a duration', { duration: 'P7DT1S' }, 'from `PT15M` to `P7D`'],
    ['a duration in months', { duration: 'P1M' }, 'differ in length'],
    ['an unknown time zone', { timeZone: 'Europe/Zuerich' }, 'IANA'],
    ['an offset for a time zone', { timeZone: '+01:00' }, 'IANA'],
    ['no time zone', { timeZone: undefined }, '`[{"start":"0 22 * * MON-FRI"'],
    ['a field unknown', { end: '02:00' }, '`[{"start":"0 22 * * MON-FRI"'],
    ['a start that never comes', { start: '0 0 31 2 *' }, 'Add a window'],
    ['a start that comes too rarely', { start: '0 0 31 * *' }, 'Add a window'],
  ];
  it.each(wrong)(
    'with %s are refused, and the account stays under the built-in values',
    async (_what, edit, remedy) => {
      const fleet = await read(policy('used', { windows: [NIGHTLY, { ...NIGHTLY, ...edit }].slice(-1) }));
      expectBuiltIn(fleet);
      expect(fleet.problems.map(({ setting }) => setting)).toEqual([
        'KeyRotation:Policies:used.windows',
        'KeyRotation:Accounts:orders.policy',
      ]);
      expect(fleet.problems[0]?.remedy).toContain(remedy);
      expect(fleet.problems[0]?.remedy).toMatch(/\.$/);
    },
  );

  it('that are too rare one by one may be often enough together', async () => {
    const windows = [
      { ...NIGHTLY, start: '0 22 31 * *' },
      { ...NIGHTLY, start: '0 22 15 * *' },
    ];
    expect((await read(policy('used', { windows }))).problems).toEqual([]);
  });
  it('last at least as long as settle', async () => {
    const windows = [{ ...NIGHTLY, duration: 'PT15M' }];
    expect((await read(policy('used', { windows, settle: 'PT15M' }))).problems).toEqual([]);
    const [problem] = (await read(policy('used', { windows, settle: 'PT15M0.001S' }))).problems;
    expect(problem).toMatchObject({
      setting: 'KeyRotation:Policies:used.windows',
      found: '0 22 * * * (Europe/Zurich)',
    });
    expect(problem?.expected).toContain('`settle`');
  });
  it('are at most ten', async () => {
    const fleet = await read(policy('used', { windows: Array.from({ length: 11 }, () => NIGHTLY) }));
    expect(fleet.problems[0]?.setting).toBe('KeyRotation:Policies:used.windows');
  });
});

describe('blackouts', () => {
  const wrong: readonly (readonly [what: string, blackout: object, remedy: string])[] = [
    ['a day that does not exist', { from: '2026-02-30' }, '`2026-12-20`'],
    ['a local time without an offset', { to: '2027-01-02T10:00:00' }, '`2026-12-20`'],
    ['an unknown time zone', { timeZone: 'Mars/Base' }, 'IANA'],
    ['the ends exchanged', { from: '2027-01-03' }, 'Exchange'],
  ];
  it.each(wrong)('with %s are refused', async (_what, edit, remedy) => {
    const fleet = await read(policy('used', { blackouts: [{ ...CHRISTMAS, ...edit }] }));
    expectBuiltIn(fleet);
    expect(fleet.problems[0]?.setting).toBe('KeyRotation:Policies:used.blackouts');
    expect(fleet.problems[0]?.remedy).toContain(remedy);
  });
  it('that last longer than a rotation interval hold, with a warning', async () => {
    const fleet = await read(policy('used', { blackouts: [{ ...CHRISTMAS, to: '2027-01-20' }] }));
    expect(fleet.problems).toEqual([]);
    expect(fleet.notices).toEqual([
      {
        setting: 'KeyRotation:Policies:used.blackouts',
        expected: 'Blackouts around which no more than `rotationInterval` passes without an open window.',
        remedy: 'Rotations that come due in it are late. Shorten the blackout, or add windows before or after it.',
        found: '2026-12-19T23:00:00.000Z to 2027-01-20T23:00:00.000Z',
      },
    ]);
    const [orders] = fleet.accounts;
    expect([orders?.policy.isInvalid, orders?.policy.windowAt?.(CHRISTMAS_NIGHT).isOpen]).toEqual([undefined, false]);
  });
  it('warn once for each policy that has them, not for one that is not valid', async () => {
    const long = [{ ...CHRISTMAS, to: '2027-01-20' }];
    const policies = [policy('used', { blackouts: long }), policy('next', { extends: 'used' })];
    const { notices } = await read(...policies, policy('wrong', { extends: 'used', lease: 'PT1S' }));
    expect(notices.map(({ setting }) => setting)).toEqual([
      'KeyRotation:Policies:next.blackouts',
      'KeyRotation:Policies:used.blackouts',
    ]);
  });
  it('and windows together leave room within a rotation interval', async () => {
    const windows = [{ ...NIGHTLY, start: '0 22 15 * *' }];
    const fields = { windows, rotationInterval: 'P60D' };
    const around = (from: string, to: string) => [{ from, to, timeZone: 'Europe/Zurich' }];
    const noticesOf = async (used: RawKeyValue) => (await read(used)).notices;
    expect(await noticesOf(policy('used', { ...fields, blackouts: [CHRISTMAS] }))).toEqual([]);
    // Two hours of the window after midnight are left.
    expect(await noticesOf(policy('used', { ...fields, blackouts: around('2026-12-14', '2026-12-15') }))).toEqual([]);
    // From the 16th of November to the 15th of January: 60 days and 20 hours.
    const [notice] = await noticesOf(policy('used', { ...fields, blackouts: around('2026-12-14', '2026-12-16') }));
    expect(notice).toMatchObject({
      setting: 'KeyRotation:Policies:used.blackouts',
      found: '2026-12-13T23:00:00.000Z to 2026-12-16T23:00:00.000Z',
    });
    const longer = { ...fields, rotationInterval: 'P61D', blackouts: around('2026-12-14', '2026-12-16') };
    expect(await noticesOf(policy('used', longer))).toEqual([]);
  });
});

describe('a chain of policies', () => {
  const chainOf = (length: number): RawKeyValue[] =>
    Array.from({ length }, (_, index) =>
      policy(index === 0 ? 'used' : `p${index}`, index === length - 1 ? {} : { extends: `p${index + 1}` }),
    );
  it('may have five, and no more', async () => {
    expect((await read(...chainOf(5))).problems).toEqual([]);
    const [problem] = (await read(...chainOf(6))).problems.filter(({ setting }) => setting.includes(':used'));
    expect(problem).toMatchObject({
      setting: 'KeyRotation:Policies:used.extends',
      expected: 'A chain of at most 5 policies.',
      found: 'used → p1 → p2 → p3 → p4 → p5',
    });
  });
  it('is shown up to where it breaks', async () => {
    const missing = await read(policy('used', { extends: 'base' }), policy('base', { extends: 'gone' }));
    expect(missing.problems.map(({ setting, found }) => [setting, found])).toContainEqual([
      'KeyRotation:Policies:used.extends',
      'used → base → gone',
    ]);
    const circle = await read(policy('used', { extends: 'base' }), policy('base', { extends: 'base' }));
    expect(circle.problems.map(({ setting, found }) => [setting, found])).toContainEqual([
      'KeyRotation:Policies:used.extends',
      'used → base → base',
    ]);
  });
});

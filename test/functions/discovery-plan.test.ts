// What becomes of accounts that a search has found, or has not found any more.
import { describe, expect, it } from 'vitest';
import type { DiscoveredAccount, FoundAccount } from '../../src/config/accounts/discovered-account.ts';
import { madeAnew, planDiscovery, type Search } from '../../src/fleet/discovery/plan.ts';
import type { AccountId } from '../../src/rotation/model.ts';

const ONE = '11111111-2222-3333-4444-555555555555';
const OTHER = '99999999-2222-3333-4444-555555555555';
const idOf = (name: string, subscription = ONE) =>
  `/subscriptions/${subscription}/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/${name}` as AccountId;
const resourceId = '/subscriptions/…/accounts/Alpha';
const DAY = 86_400_000;
const NOW = 100 * DAY;

const found = (changes: Partial<FoundAccount> = {}): FoundAccount => ({
  id: idOf('alpha'),
  resourceId,
  isTagged: true,
  createdAt: '2026-01-01T00:00:00Z',
  provisioningState: 'Succeeded',
  isKeyAccessOff: false,
  ...changes,
});
const known = (changes: Partial<DiscoveredAccount> = {}): DiscoveredAccount => ({
  id: idOf('alpha'),
  resourceId,
  createdAt: '2026-01-01T00:00:00Z',
  state: 'enrolled',
  since: 1,
  ...changes,
});

function plan(before: readonly DiscoveredAccount[], seen: readonly FoundAccount[], changes: Partial<Search> = {}) {
  const scope = { subscriptions: [ONE, OTHER], tag: 'key-rotation', ownerTag: 'owner' };
  const searched = new Map([[ONE, seen]]);
  return planDiscovery(before, {
    scope,
    found: searched,
    asked: new Map(),
    now: NOW,
    isAtRest: () => true,
    ...changes,
  });
}
const outcome = (accounts: readonly DiscoveredAccount[]) =>
  accounts.map(({ state, reason, since }) => [state, reason, since]);
const busy = { isAtRest: () => false };

it('waits from now on where the clock was set back since, so that each wait ends', () => {
  const ahead = NOW + 30 * DAY;
  const asked = new Map([[idOf('alpha'), 'gone' as const]]);
  const [missing] = plan([known({ missingSince: ahead })], [], { asked });
  expect(missing).toMatchObject({ state: 'enrolled', missingSince: NOW });
  const [left] = plan([known({ state: 'left', since: ahead })], []);
  expect(left).toMatchObject({ state: 'left', since: NOW });
});

describe('an account with the tag', () => {
  it('is enrolled, and stays so', () => {
    expect(plan([], [found({ policy: 'careful' })])).toEqual([known({ policy: 'careful', since: NOW })]);
    expect(plan([known()], [found()])).toEqual([known()]);
  });
  it.each([
    [{ isKeyAccessOff: true }, 'KeysSwitchedOff'],
    [{ provisioningState: 'Creating' }, 'NotSucceeded'],
    [{ provisioningState: 'Deleting' }, 'AccountGone'],
  ] as const)('is skipped with a reason: %o', (changes, reason) => {
    expect(outcome(plan([], [found(changes)]))).toEqual([['skipped', reason, NOW]]);
    expect(outcome(plan([known()], [found(changes)]))).toEqual([['skipped', reason, NOW]]);
  });
  it('in mid-rotation stays until it is at rest, unless it is being deleted', () => {
    expect(outcome(plan([known()], [found({ isKeyAccessOff: true })], busy))).toEqual([
      ['leaving', 'KeysSwitchedOff', NOW],
    ]);
    expect(outcome(plan([known()], [found({ provisioningState: 'Deleting' })], busy))).toEqual([
      ['skipped', 'AccountGone', NOW],
    ]);
  });
  it('comes back from wherever it was', () => {
    for (const state of ['leaving', 'skipped', 'left', 'forgotten'] as const) {
      expect(outcome(plan([known({ state, reason: 'TagRemoved' })], [found()]))).toEqual([
        ['enrolled', undefined, NOW],
      ]);
    }
  });
});

describe('an account that is not found any more', () => {
  it.each([['has lost its tag', [found({ isTagged: false })], 'TagRemoved']] as const)(
    'because it %s is let go when it is at rest',
    (_, seen, reason) => {
      expect(outcome(plan([known()], seen))).toEqual([['left', reason, NOW]]);
    },
  );
  it('is never let go in mid-rotation, but when Azure says that it is gone', () => {
    expect(outcome(plan([known()], [found({ isTagged: false })], busy))).toEqual([['leaving', 'TagRemoved', NOW]]);
  });
  it('stays while only a list does not name it: the list may be filtered by rights', () => {
    expect(plan([known()], [])).toEqual([known()]);
    const asked = new Map([[idOf('alpha'), 'exists' as const]]);
    expect(plan([known({ missingSince: 1 })], [], { asked })).toEqual([known()]);
  });
  it.each([
    ['gone', 'AccountGone'],
    ['refused', 'AccessLost'],
  ] as const)('is let go at rest when two calls for it, half an hour apart, find it %s', (presence, reason) => {
    const asked = new Map([[idOf('alpha'), presence]]);
    const first = plan([known()], [], { asked });
    expect(first).toEqual([known({ missingSince: NOW })]);
    const HALF_AN_HOUR = 1_800_000;
    expect(plan(first, [], { asked, now: NOW + HALF_AN_HOUR - 1 })).toEqual(first);
    const then = { asked, now: NOW + HALF_AN_HOUR };
    expect(outcome(plan(first, [], then))).toEqual([['left', reason, NOW + HALF_AN_HOUR]]);
    expect(outcome(plan(first, [], { ...then, ...busy }))).toEqual([['leaving', reason, NOW + HALF_AN_HOUR]]);
    expect(outcome(plan(first, [found()], then))).toEqual([['enrolled', undefined, 1]]);
  });
  it('that is gone is let go in mid-rotation after a week; one that may not be read never is', () => {
    const asked = (presence: 'gone' | 'refused') => new Map([[idOf('alpha'), presence]]);
    const missing = known({ missingSince: NOW - 7 * DAY });
    expect(outcome(plan([missing], [], { asked: asked('gone'), ...busy }))).toEqual([['left', 'AccountGone', NOW]]);
    expect(outcome(plan([missing], [], { asked: asked('refused'), ...busy }))).toEqual([
      ['leaving', 'AccessLost', NOW],
    ]);
  });
  it('stays what it was when its subscription could not be searched', () => {
    const there = known({ id: idOf('beta', OTHER) });
    expect(plan([there], [])).toEqual([there]);
  });
  it('is let go when its subscription is not given any more, or nothing is searched', () => {
    const scope = { subscriptions: [OTHER], tag: 'key-rotation', ownerTag: 'owner' };
    expect(outcome(plan([known()], [], { scope, found: new Map() }))).toEqual([['left', 'SubscriptionNotGiven', NOW]]);
    const nowhere = { scope: undefined, found: new Map(), ...busy };
    expect(outcome(plan([known()], [], nowhere))).toEqual([['leaving', 'SubscriptionNotGiven', NOW]]);
  });
  it('is told of for seven days, then only remembered', () => {
    const left = known({ state: 'left', reason: 'TagRemoved', since: NOW - 7 * DAY + 1 });
    expect(plan([left], [])).toEqual([left]);
    expect(outcome(plan([{ ...left, since: NOW - 7 * DAY }], []))).toEqual([['forgotten', 'TagRemoved', NOW]]);
  });
});

describe('an account made again under its name', () => {
  const anew = found({ createdAt: '2026-02-02T00:00:00Z' });
  it('is recognised by the date of its creation', () => {
    expect(madeAnew([known()], plan([known()], [anew])).map(({ id }) => id)).toEqual([idOf('alpha')]);
    expect(madeAnew([known()], plan([known()], [found()]))).toEqual([]);
    const sameInstant = found({ createdAt: '2026-01-01T00:00:00.0000000+00:00' });
    expect(madeAnew([known()], plan([known()], [sameInstant]))).toEqual([]);
    expect(madeAnew([], plan([], [anew]))).toEqual([]);
  });
  it('also a year after the former one was let go', () => {
    const former = known({ state: 'forgotten', reason: 'AccountGone' });
    expect(madeAnew([former], plan([former], [anew]))).toHaveLength(1);
  });
  it('is known as the former one as long as it cannot be worked on', () => {
    const planned = plan([known()], [{ ...anew, isKeyAccessOff: true }]);
    expect(planned[0]?.createdAt).toBe('2026-01-01T00:00:00Z');
    expect(madeAnew(planned, plan(planned, [anew]))).toHaveLength(1);
  });
});

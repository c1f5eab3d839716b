// When things are due, to the millisecond.
import { describe, expect, it } from 'vitest';
import {
  dueAt,
  expectedReplacementAt,
  isOverdueAt,
  missingConsumers,
  overlapOf,
  phaseSince,
} from '../../src/rotation/decide/schedule.ts';
import type { Acknowledgement, Policy, RotationRecord } from '../../src/rotation/model.ts';
import { asked, idle, K1, NOW, POLICY, preparing, propagating, retiring, V1, V2, V3 } from './given.ts';

const NAMED: Policy = { ...POLICY, consumers: ['web', 'batch'] };
const word = (consumer: string, version = V2): Acknowledgement => ({ consumer, version, at: NOW });
/** Whether the account is overdue at the instant, and just after. */
const overdueFrom = (record: RotationRecord, policy: Policy, instant: number) => [
  isOverdueAt(record, policy, instant),
  isOverdueAt(record, policy, instant + 1),
];
const openingAt = (opensAt: number): Policy => ({
  ...POLICY,
  windowAt: (instant) => (instant < opensAt ? { isOpen: false, opensAt } : { isOpen: true }),
});
const begun = (ago: number) => ({ ...propagating, since: NOW - ago });

it('counts the interval from the rest, and adds the spread of the account', () => {
  expect(dueAt({ ...idle, rotatedAt: 1_000, jitterMs: 30 }, POLICY)).toBe(101_030);
});

it('knows when each phase began', () => {
  expect([{ ...idle, rotatedAt: 11 }, { ...preparing, attemptAt: 12 }, begun(0)].map(phaseSince)).toEqual([
    11,
    12,
    NOW,
  ]);
  expect(phaseSince({ ...retiring, enteredAt: 13 })).toBe(13);
});

describe('an account is overdue', () => {
  it('at rest: the maximum overlap after it was due', () => {
    expect(overdueFrom({ ...idle, rotatedAt: 1_000, jitterMs: 30 }, POLICY, 131_030)).toEqual([false, true]);
  });
  it('under way: when its phase should long be over, whatever holds it', () => {
    expect(overdueFrom(preparing, POLICY, NOW + 49_000)).toEqual([false, true]);
    expect(overdueFrom(propagating, POLICY, NOW + 55_000)).toEqual([false, true]);
    expect(overdueFrom(retiring, POLICY, NOW + 69_000)).toEqual([false, true]);
  });
  it('counted from the opening when its window is shut at the time', () => {
    const rested = { ...idle, rotatedAt: 1_000, jitterMs: 30 };
    expect(overdueFrom(rested, openingAt(150_000), 180_000)).toEqual([false, true]);
    expect(overdueFrom(rested, openingAt(101_000), 131_030)).toEqual([false, true]);
    expect(isOverdueAt(rested, { ...POLICY, windowAt: () => ({ isOpen: false }) }, 131_031)).toBe(true);
  });
});

describe('consumers that have not acknowledged', () => {
  it('are those without a word for a version published since', () => {
    expect(missingConsumers({ versions: [V2, V3] }, NAMED, [word('web', V3), word('batch', V1)])).toEqual(['batch']);
    expect(missingConsumers({ versions: [V2] }, NAMED, [])).toEqual(['web', 'batch']);
    expect(missingConsumers({ versions: [V2] }, NAMED, [word('web'), word('batch'), word('stranger')])).toEqual([]);
  });
});

describe('the overlap', () => {
  it('is the maximum when nobody is named, to the millisecond', () => {
    expect(overlapOf(begun(29_999), POLICY, [], [], NOW)).toEqual({ state: 'notOver', until: NOW + 1 });
    expect(overlapOf(begun(30_000), POLICY, [], [], NOW)).toEqual({ state: 'over' });
  });
  it('is the minimum when all have acknowledged, to the millisecond', () => {
    const all = [word('web'), word('batch')];
    expect(overlapOf(begun(9_999), NAMED, all, [], NOW)).toEqual({ state: 'notOver', until: NOW + 1 });
    expect(overlapOf(begun(10_000), NAMED, all, [], NOW)).toEqual({ state: 'over' });
  });
  it('looks again at the minimum while words are missing, then at the maximum', () => {
    expect(overlapOf(begun(4_000), NAMED, [word('web')], [], NOW)).toEqual({ state: 'notOver', until: NOW + 6_000 });
    expect(overlapOf(begun(12_000), NAMED, [word('web')], [], NOW)).toEqual({ state: 'notOver', until: NOW + 18_000 });
    expect(overlapOf(begun(10_000), NAMED, [word('web')], [], NOW)).toEqual({ state: 'notOver', until: NOW + 20_000 });
    expect(overlapOf(begun(4_000), POLICY, [], [], NOW)).toEqual({ state: 'notOver', until: NOW + 26_000 });
  });
  it('is held at the maximum, or goes on, as the policy says', () => {
    expect(overlapOf(begun(30_000), NAMED, [word('batch')], [], NOW)).toEqual({ state: 'held', missing: ['web'] });
    expect(overlapOf(begun(30_000), { ...NAMED, onMissing: 'proceed' }, [], [], NOW)).toEqual({ state: 'over' });
    expect(overlapOf(begun(90_000), NAMED, [word('web'), word('batch')], [], NOW)).toEqual({ state: 'over' });
  });
  it('is nothing for a leaked key, or what its request states, the shortest of several', () => {
    const plain = asked('compromised', { fingerprint: K1 });
    const stated = (overlapMs: number) => asked('compromised', { fingerprint: K1, overlapMs });
    expect(overlapOf(begun(0), NAMED, [], [plain], NOW)).toEqual({ state: 'over' });
    expect(overlapOf(begun(1_000), NAMED, [], [stated(8_000), stated(5_000)], NOW)).toEqual({
      state: 'notOver',
      until: NOW + 4_000,
    });
    expect(overlapOf(begun(5_000), NAMED, [], [stated(8_000), stated(5_000)], NOW)).toEqual({ state: 'over' });
  });
});

describe('the expected replacement, for the expiry of a version', () => {
  const policy = { ...POLICY, jitterMs: 7 };
  it('is one interval, spread and overlap after now', () => {
    expect(expectedReplacementAt(undefined, policy, NOW)).toBe(1_130_007);
    expect(expectedReplacementAt(preparing, policy, NOW)).toBe(1_130_007);
    expect(expectedReplacementAt({ ...idle, rotatedAt: NOW - 5 }, policy, NOW)).toBe(1_130_007);
  });
  it('lets a window open first', () => {
    expect(expectedReplacementAt(undefined, { ...openingAt(1_200_000), jitterMs: 7 }, NOW)).toBe(1_230_000);
  });
  it('counts from a rest that lies ahead of this clock', () => {
    expect(expectedReplacementAt({ ...idle, rotatedAt: NOW + 100 }, policy, NOW)).toBe(1_130_107);
  });
});

// How a campaign goes on: counts, caps, ends of rings, halts, and the words of operators.
import { describe, expect, it } from 'vitest';
import { control } from '../../src/fleet/campaign/rules/control.ts';
import type { Campaign, Member, MemberCounts, Ring } from '../../src/fleet/campaign/rules/model.ts';
import {
  applyMoves,
  type Candidate,
  chooseStarts,
  isCheckDue,
  noteCheck,
  settle,
  withinClock,
} from '../../src/fleet/campaign/rules/progress.ts';
import type { AccountAlias, AccountId } from '../../src/rotation/model.ts';
import { buildCampaign } from '../contract/suites/campaigns.ts';

const NOW = 1_700_000_100_000;
const MINUTE = 60_000;
const NOBODY: MemberCounts = { open: 0, inFlight: 0, published: 0, done: 0, failed: 0 };
const ring = (name: string, counts: Partial<MemberCounts>, changes: Partial<Ring> = {}): Ring => {
  const all = { ...NOBODY, ...counts };
  return { name, total: Object.values(all).reduce((a, b) => a + b), counts: all, joined: 0, forgiven: 0, ...changes };
};
/** At most one failure a ring, one minute to bake, two in flight by subscription and three by vault. */
const running = (rings: readonly Ring[], changes: Partial<Campaign> = {}): Campaign => {
  const base = buildCampaign('c', { rings, nextAdvanceAt: NOW - 1, ...changes });
  return { ...base, wish: { ...base.wish, perSubscription: 2, perVault: 3 } };
};
const candidate = (name: string, subscription: string, vault: string | undefined): Candidate => ({
  member: { accountId: name as AccountId, alias: name as AccountAlias, subscription, ring: 0, state: 'open' },
  vault,
});

describe('who may start', () => {
  const chosen = (candidates: readonly Candidate[], inFlight: readonly Candidate[], allowed = 100, limit = 100) =>
    chooseStarts(running([]), candidates, inFlight, () => allowed, limit).map(({ alias }) => alias);
  const four = ['a', 'b', 'c', 'd'].map((name) => candidate(name, 'west', 'v1'));
  it('fills the cap of a subscription, and what is in flight counts', () => {
    expect(chosen(four, [])).toEqual(['a', 'b']);
    expect(chosen(four, [candidate('x', 'west', 'v2')])).toEqual(['a']);
    expect(chosen(four, [candidate('x', 'east', 'v2')])).toEqual(['a', 'b']);
  });
  it('fills the cap of a vault over all subscriptions, and passes over those it holds back', () => {
    const mixed = [...four, candidate('e', 'east', 'v1'), candidate('f', 'east', 'v1'), candidate('g', 'east', 'v2')];
    expect(chosen(mixed, [])).toEqual(['a', 'b', 'e', 'g']);
  });
  it('keeps to what the cloud has left, and to the limit of one round', () => {
    expect(chosen(four, [], 1)).toEqual(['a']);
    expect(chosen(four, [], 0.9)).toEqual([]);
    expect(chosen(four, [], 100, 1)).toEqual(['a']);
  });
});

describe('moves', () => {
  it('are counted in their rings, joined ones once', () => {
    const open: Member = candidate('a', 'west', 'v1').member;
    const joined: Member = { ...open, state: 'inFlight', joined: true };
    const started = applyMoves(running([ring('one', { open: 2 }), ring('two', { open: 1 })]), [
      { was: open, now: joined },
    ]);
    expect(started.rings[0]).toMatchObject({ counts: { open: 1, inFlight: 1 }, joined: 1 });
    expect(started.rings[1]).toMatchObject({ counts: { open: 1, inFlight: 0 }, joined: 0 });
    const ended = applyMoves(started, [{ was: joined, now: { ...joined, state: 'done' } }]);
    expect(ended.rings[0]).toMatchObject({ counts: { open: 1, inFlight: 0, done: 1 }, joined: 1 });
  });
});

describe('a ring', () => {
  const two = (counts: Partial<MemberCounts>, changes: Partial<Ring> = {}) =>
    running([ring('canary', counts, changes), ring('all', { open: 3 })]);
  it('goes on while somebody is open, in flight or published, and nothing is to be written for that', () => {
    for (const state of ['open', 'inFlight', 'published'] as const) {
      const campaign = two({ [state]: 1, done: 1 });
      expect(settle(campaign, NOW).rings[0]?.endedAt).toBeUndefined();
    }
    const campaign = two({ open: 1 });
    expect(settle(campaign, NOW)).toBe(campaign);
  });
  it('ends, bakes, is looked at once more, and then the next one begins', () => {
    const ended = settle(two({ done: 2 }), NOW);
    expect(ended).toMatchObject({ current: 0, nextAdvanceAt: NOW + MINUTE, rings: [{ endedAt: NOW }, {}] });
    expect(isCheckDue(ended, NOW + MINUTE - 1)).toBe(false);
    expect(isCheckDue(ended, NOW + MINUTE)).toBe(true);
    const checked = settle(noteCheck(ended, NOW + MINUTE), NOW + MINUTE);
    expect(checked).toMatchObject({ current: 1, state: 'running', nextAdvanceAt: NOW + MINUTE });
  });
  it('that is the last one does not bake, and completes the campaign', () => {
    const ended = settle(running([ring('all', { done: 2 })]), NOW);
    expect(isCheckDue(ended, NOW)).toBe(true);
    const completed = settle(noteCheck(ended, NOW), NOW);
    expect(completed).toMatchObject({ state: 'completed', changed: { by: 'campaign', at: NOW } });
    expect(completed.nextAdvanceAt).toBeUndefined();
  });
  it('that is empty is passed over', () => {
    expect(settle(running([ring('none', {}), ring('all', { open: 1 })]), NOW).current).toBe(1);
  });
  it('that only waits for completion is looked at every quarter of an hour', () => {
    expect(settle(running([ring('all', { published: 2 })]), NOW).nextAdvanceAt).toBe(NOW + 15 * MINUTE);
  });
});

describe('a campaign with failures', () => {
  it('goes on with as many as are allowed, and halts with one more', () => {
    expect(settle(running([ring('all', { failed: 1, open: 1 })]), NOW).state).toBe('running');
    const halted = settle(running([ring('all', { failed: 2, open: 1 })]), NOW);
    expect(halted).toMatchObject({
      state: 'halted',
      changed: { by: 'campaign', at: NOW, reason: '2 members of ring all have failed; at most 1 may.' },
    });
    expect(halted.nextAdvanceAt).toBeUndefined();
  });
  it('halts when the whole ring has failed, however many failures are allowed', () => {
    const canary = settle(running([ring('canary', { failed: 1 }), ring('all', { open: 9 })]), NOW);
    expect(canary).toMatchObject({
      state: 'halted',
      current: 0,
      changed: { by: 'campaign', at: NOW, reason: 'Every member of ring canary has failed, 1 in all.' },
    });
    const base = running([ring('all', { failed: 3 })]);
    expect(settle({ ...base, wish: { ...base.wish, maxFailures: 100 } }, NOW).state).toBe('halted');
  });
  it('halts when the rest of a ring has failed whose other failures are forgiven', () => {
    expect(settle(running([ring('canary', { failed: 2 }, { forgiven: 1 })]), NOW).state).toBe('halted');
  });
  it('does not halt for a ring of which somebody has not failed', () => {
    for (const state of ['open', 'inFlight', 'published', 'done'] as const) {
      expect(settle(running([ring('canary', { failed: 1, [state]: 1 })]), NOW).state).toBe('running');
    }
  });
  it('that is resumed after a whole ring has failed goes on to the next one', () => {
    const halted = settle(running([ring('canary', { failed: 1 }), ring('all', { open: 9 })]), NOW);
    const resumed = control(halted, 'resume', { by: 'me', reason: 'known', now: NOW });
    if (resumed === undefined) throw new Error('It was not resumed.');
    expect(settle(resumed, NOW)).toMatchObject({ state: 'running', rings: [{ forgiven: 1, endedAt: NOW }, {}] });
    expect(settle(noteCheck(settle(resumed, NOW), NOW + MINUTE), NOW + MINUTE)).toMatchObject({
      state: 'running',
      current: 1,
    });
  });
  it('is looked at after it has halted as long as somebody is in flight', () => {
    expect(settle(running([ring('all', { failed: 2, inFlight: 1 })]), NOW).nextAdvanceAt).toBe(NOW - 1);
  });
  it('that is resumed halts again for further failures only', () => {
    const halted = settle(running([ring('all', { failed: 2, open: 3 })]), NOW);
    const resumed = control(halted, 'resume', { by: 'me', reason: 'known', now: NOW });
    if (resumed === undefined) throw new Error('It was not resumed.');
    expect(resumed).toMatchObject({ state: 'running', changed: { by: 'me', reason: 'known' }, nextAdvanceAt: NOW });
    expect(settle(resumed, NOW).state).toBe('running');
    const withMore = { ...resumed, rings: [ring('all', { failed: 4, open: 1 }, { forgiven: 2 })] };
    expect(settle(withMore, NOW).state).toBe('halted');
  });
});

describe('the word of an operator', () => {
  const say = (
    state: Campaign['state'],
    word: 'pause' | 'resume' | 'abort',
    counts: Partial<MemberCounts> = { open: 1 },
  ) => control(running([ring('all', counts)], { state }), word, { by: 'me', reason: 'x', now: NOW })?.state;
  it.each([
    ['running', 'pause', 'paused'],
    ['paused', 'pause', 'paused'],
    ['halted', 'pause', undefined],
    ['paused', 'resume', 'running'],
    ['halted', 'resume', 'running'],
    ['running', 'resume', 'running'],
    ['aborted', 'resume', undefined],
    ['creating', 'resume', undefined],
    ['creating', 'abort', 'aborted'],
    ['running', 'abort', 'aborted'],
    ['aborting', 'abort', 'aborting'],
    ['completed', 'abort', undefined],
  ] as const)('on a campaign that is %s: %s makes it %s', (state, word, next) => {
    expect(say(state, word)).toBe(next);
  });
  it('abort waits for those in flight', () => {
    expect(say('running', 'abort', { inFlight: 1 })).toBe('aborting');
  });
});

describe('after the clock was set back', () => {
  const DAY = 24 * 60 * MINUTE;
  it('a bake begins again, and so does the time between two looks', () => {
    const ahead = NOW + 30 * DAY;
    const rings = [ring('first', { done: 2 }, { endedAt: ahead }), ring('all', { open: 1 })];
    const bounded = withinClock(running(rings, { lookedAt: ahead }), NOW);
    expect(bounded).toMatchObject({ lookedAt: NOW, rings: [{ endedAt: NOW }, {}] });
    expect(isCheckDue(bounded, NOW + MINUTE - 1)).toBe(false);
    expect(isCheckDue(bounded, NOW + MINUTE)).toBe(true);
  });
  it('nothing is written where nothing is further ahead than clocks may be apart', () => {
    const campaign = running([ring('first', { done: 2 }, { endedAt: NOW + MINUTE })], { lookedAt: NOW + MINUTE });
    expect(withinClock(campaign, NOW)).toBe(campaign);
  });
  it('it is looked at within a day, however long it bakes', () => {
    const rings = [ring('first', { done: 2 }), ring('all', { open: 1 })];
    const campaign = running(rings);
    const baking = settle({ ...campaign, wish: { ...campaign.wish, bakeMs: 7 * DAY } }, NOW);
    expect(baking.nextAdvanceAt).toBe(NOW + DAY);
    expect(settle(baking, NOW + DAY).nextAdvanceAt).toBe(NOW + 2 * DAY);
    expect(settle(baking, NOW - 30 * DAY).nextAdvanceAt).toBe(NOW - 29 * DAY);
  });
});

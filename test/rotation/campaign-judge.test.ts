// Where a member is, read off its account's record.
import { describe, expect, it } from 'vitest';
import { begin, judge, judgeAgain, type MemberSighting } from '../../src/fleet/campaign/rules/judge.ts';
import type { Campaign, Member } from '../../src/fleet/campaign/rules/model.ts';
import type { AccountAlias, AccountId, RotationId, RotationRecord } from '../../src/rotation/model.ts';
import { buildCampaign } from '../contract/suites/campaigns.ts';
import { buildAccount } from '../support/account.ts';

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const id = (value: number) => value as RotationId;
const open: Member = {
  accountId: 'x' as AccountId,
  alias: 'x' as AccountAlias,
  subscription: 's',
  ring: 0,
  state: 'open',
};
const flying: Member = { ...open, state: 'inFlight', from: id(4), startedAt: NOW - HOUR };
const untilPublished = buildCampaign('c');
const untilCompleted: Campaign = { ...untilPublished, wish: { ...untilPublished.wish, waitFor: 'completed' } };

const seen = (record: object, changes: Partial<MemberSighting> = {}): MemberSighting => ({
  account: buildAccount('x'),
  record: { state: 'present', record: { rotationId: id(5), ...record } as RotationRecord },
  lastPass: undefined,
  isAsked: false,
  ...changes,
});
const pass = (reason: string, isBlocked: boolean) => ({ at: NOW, reason, isBlocked, since: NOW, failures: 0 });
const propagating = { phase: 'propagating', since: NOW - HOUR, rolledBack: false };

describe('a member whose turn has come', () => {
  it('is asked when its account is at rest', () => {
    expect(begin(open, seen({ phase: 'idle' }), NOW)).toEqual({
      member: { ...open, state: 'inFlight', from: 5, startedAt: NOW },
      isToBeAsked: true,
    });
  });
  it.each(['preparing', 'propagating', 'retiring'])('joins a rotation that is %s already', (phase) => {
    expect(begin(open, seen({ phase }), NOW)).toEqual({
      member: { ...open, state: 'inFlight', from: 4, joined: true, startedAt: NOW },
      isToBeAsked: false,
    });
  });
  it.each([
    ['has left the configuration', undefined, 'AccountNotConfigured'],
    ['is blocked', seen({ phase: 'idle' }, { lastPass: pass('KeysIdentical', true) }), 'KeysIdentical'],
    ['has no record any more', seen({}, { record: { state: 'absent' } }), 'AccountMadeAnew'],
    ['cannot be read', seen({}, { record: { state: 'unreadable', detail: 'x' } }), 'RecordUnreadable'],
  ])('fails without being asked when its account %s', (_, sighting, reason) => {
    expect(begin(open, sighting, NOW)).toEqual({
      member: { ...open, state: 'failed', reason, endedAt: NOW },
      isToBeAsked: false,
    });
  });
});

describe('a member in flight', () => {
  const becomes = (sighting: MemberSighting | undefined, campaign = untilPublished, now = NOW) => {
    const { member, isToBeAsked } = judge(campaign, flying, sighting, now);
    return [member.state, member.reason ?? '', isToBeAsked];
  };
  it('waits while its rotation prepares, or has not begun', () => {
    expect(becomes(seen({ phase: 'preparing' }))).toEqual(['inFlight', '', false]);
    expect(becomes(seen({ phase: 'idle', rotationId: 4 }, { isAsked: true }))).toEqual(['inFlight', '', false]);
  });
  it('is asked when a crash came between the note and the request', () => {
    expect(becomes(seen({ phase: 'idle', rotationId: 4 }))).toEqual(['inFlight', '', true]);
  });
  it('is done when its key is published, or later, as the campaign wishes', () => {
    expect(becomes(seen(propagating))).toEqual(['done', '', false]);
    expect(becomes(seen(propagating), untilCompleted)).toEqual(['published', '', false]);
    const rest = { phase: 'idle', last: { rotationId: 5, outcome: 'completed' } };
    expect(becomes(seen(rest), untilCompleted)).toEqual(['done', '', false]);
  });
  it('fails when its rotation is rolled back', () => {
    expect(becomes(seen({ ...propagating, rolledBack: true }))).toEqual(['failed', 'RolledBack', false]);
    const rest = { phase: 'idle', last: { rotationId: 5, outcome: 'rolledBack' } };
    expect(becomes(seen(rest))).toEqual(['failed', 'RolledBack', false]);
  });
  it('fails when its account is blocked', () => {
    const lastPass = pass('NewKeyNotAccepted', true);
    expect(becomes(seen({ phase: 'preparing' }, { lastPass }))).toEqual(['failed', 'NewKeyNotAccepted', false]);
    expect(becomes(seen(propagating, { lastPass }), untilCompleted)).toEqual(['failed', 'NewKeyNotAccepted', false]);
  });
  it('is overdue after a day, unless somebody holds it by intent', () => {
    const waiting = { phase: 'idle', rotationId: 4 };
    const late = NOW + DAY;
    expect(becomes(seen(waiting, { isAsked: true }), untilPublished, late)).toEqual(['failed', 'Overdue', false]);
    for (const reason of ['Paused', 'Frozen', 'OutsideWindow']) {
      const held = seen(waiting, { isAsked: true, lastPass: pass(reason, false) });
      expect(becomes(held, untilPublished, late)).toEqual(['inFlight', '', false]);
    }
  });
  it('fails when it is not the account that it was', () => {
    expect(becomes(undefined)).toEqual(['failed', 'AccountNotConfigured', false]);
    expect(becomes(seen({ phase: 'idle', rotationId: 0 }))).toEqual(['failed', 'AccountMadeAnew', false]);
    expect(becomes(seen({}, { record: { state: 'absent' } }))).toEqual(['failed', 'AccountMadeAnew', false]);
  });
});

describe('a published member that is to complete', () => {
  const published: Member = { ...flying, state: 'published' };
  it('is overdue when its overlap should long be over', () => {
    const since = NOW - 14 * DAY;
    const at = (now: number) => judge(untilCompleted, published, seen({ ...propagating, since }), now).member;
    expect(at(NOW)).toBe(published);
    expect(at(NOW + 1)).toMatchObject({ state: 'failed', reason: 'Overdue' });
  });
});

describe('a member that was done, before the next ring', () => {
  const done: Member = { ...flying, state: 'done', endedAt: NOW - HOUR };
  it('stays done while its overlap goes well, and when it was let go', () => {
    expect(judgeAgain(done, seen(propagating), NOW)).toBe(done);
    expect(judgeAgain(done, undefined, NOW)).toBe(done);
  });
  it('has failed when it was rolled back or blocked since', () => {
    const rolledBack = seen({ ...propagating, rolledBack: true });
    expect(judgeAgain(done, rolledBack, NOW)).toMatchObject({ state: 'failed', reason: 'RolledBack', endedAt: NOW });
    const blocked = seen(propagating, { lastPass: pass('SecretDisabled', true) });
    expect(judgeAgain(done, blocked, NOW)).toMatchObject({ state: 'failed', reason: 'SecretDisabled' });
  });
  it('does not answer for a later rotation', () => {
    expect(judgeAgain(done, seen({ ...propagating, rotationId: 6, rolledBack: true }), NOW)).toBe(done);
  });
});

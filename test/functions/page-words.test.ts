// The words of the page: what can be done now, what a reason means, and how far a request has got. No browser.
import { describe, expect, it } from 'vitest';
import {
  ACCEPTABLE,
  milestonesOf,
  standingOfRequest,
  waitingText,
  withdrawalRole,
} from '../../src/page/action/request-words.ts';
import type { AccountStatus, RequestStatus } from '../../src/page/types.ts';
import { actionsFor, historyKind, plainReason, primaryActionFor, reasonText } from '../../src/page/words.ts';
import { BLOCKED_REASONS, WAIT_REASONS } from '../../src/rotation/reasons.ts';

describe('actions and reasons', () => {
  const status: AccountStatus = {
    account: 'shop',
    resourceId: '/subscriptions/s-1/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/shop',
    policy: 'default',
    rotationIntervalSeconds: 2_592_000,
    phase: 'idle',
    isBlocked: false,
    failures: 0,
    isOverdue: false,
    keys: [],
    consumers: [],
    openRequests: [],
  };
  it('are those that mean something now', () => {
    expect(actionsFor(status)).toEqual(['rotate', 'check', 'pause', 'compromised']);
    expect(actionsFor({ ...status, phase: 'propagating' })).toEqual(['check', 'rollback', 'pause', 'compromised']);
    const paused = {
      ...status,
      reason: 'StandbyMayBeInUse',
      pause: { by: 'x', reason: 'y', at: '2031-05-19T12:00:00Z' },
    };
    expect(actionsFor(paused)).toEqual(['rotate', 'check', 'approve', 'resume', 'compromised']);
  });
  it('are led by the right one: approve, not rotate, for an account that waits for its approval', () => {
    const blocked = (reason: string) => primaryActionFor({ ...status, isBlocked: true, reason });
    expect(blocked('StandbyMayBeInUse')).toBe('approve');
    expect(blocked('RequestTooOld')).toBe('compromised');
    expect(blocked('PolicyInvalid')).toBeUndefined();
    expect(primaryActionFor(status)).toBeUndefined();
    expect(primaryActionFor({ ...status, failures: 1 })).toBe('check');
    expect(primaryActionFor({ ...status, pause: { by: 'x', reason: 'y', at: '2031-05-19T12:00:00Z' } })).toBe('resume');
  });
  it('have a sentence, also when the page does not know them', () => {
    expect(reasonText('KeysIdentical')).toBe('Both slots hold the same value, so that they cannot be distinguished.');
    expect(reasonText('SomethingNewHappened')).toBe('Something New Happened.');
    for (const reason of [...WAIT_REASONS, ...BLOCKED_REASONS]) {
      expect(reasonText(reason)).not.toBe(`${reason.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')}.`);
    }
  });
  it('are spelled out in the history, and what people wrote is left alone', () => {
    expect(plainReason('RotationDue')).toBe('rotation due');
    expect(plainReason('rotate: Q3 audit')).toBe('rotate: Q3 audit');
  });
  it('say of a leaked key what was seen, and what was not', () => {
    expect(['KeyReplaced', 'KeySacrificed', 'RequestClosed'].map(historyKind)).toEqual([
      'Leaked key replaced',
      'Leaked key regenerated, with an outage accepted',
      'Request closed',
    ]);
    expect(
      ['KeyReplaced', 'KeyIsDead', 'AnsweredByEarlierRequest', 'EmergencyWithoutVerdict'].map(plainReason),
    ).toEqual([
      'replaced; that the data plane rejects it was not proven',
      'replaced, and proven dead',
      'answered by an earlier request',
      'emergency: published without a verdict on the key',
    ]);
  });
});

describe('a request about a leaked key', () => {
  const open: RequestStatus = {
    id: 'r-1',
    kind: 'compromised',
    state: 'open',
    reason: 'x',
    by: 'y',
    at: '2031-05-31T12:00:00Z',
  };
  const replaced: RequestStatus = { ...open, state: 'replaced', replacedAt: '2031-05-31T12:00:05Z' };
  const closed: RequestStatus = {
    ...replaced,
    state: 'closed',
    closedAt: '2031-05-31T12:20:00Z',
    outcome: 'KeyReplaced',
  };
  const dead: RequestStatus = { ...closed, outcome: 'KeyIsDead', provenAt: '2031-05-31T12:20:00Z' };
  it('is open, replaced, then closed: proven dead, or not', () => {
    expect([open, replaced, closed, dead].map((request) => standingOfRequest(request, false))).toEqual([
      { tone: 'busy', label: 'open', sentence: 'The request is stored, and worked on.', isOver: false },
      {
        tone: 'busy',
        label: 'replaced',
        sentence: 'Whether it is dead is being proven; this dialog may be closed.',
        isOver: false,
      },
      { tone: 'warn', label: 'Key replaced, death not proven', sentence: 'Done.', isOver: true },
      { tone: 'good', label: 'Key is dead', sentence: 'Done.', isOver: true },
    ]);
  });
  it('has two instants, and says of one that has not come whether it may', () => {
    const told = (request: RequestStatus) =>
      milestonesOf(request).map(({ label, at, otherwise }) => `${label}: ${at ?? otherwise}`);
    expect(told(open)).toEqual(['Replaced: not seen yet', 'Proven dead: not yet']);
    expect(told(replaced)).toEqual(['Replaced: 2031-05-31T12:00:05Z', 'Proven dead: not yet']);
    expect(told(closed)).toEqual(['Replaced: 2031-05-31T12:00:05Z', 'Proven dead: never proven']);
    expect(told(dead)).toEqual(['Replaced: 2031-05-31T12:00:05Z', 'Proven dead: 2031-05-31T12:20:00Z']);
  });
  it('goes on after a rotation was started, and is over when a rollback is refused', () => {
    const rotation: RequestStatus = { ...open, kind: 'rotate', state: 'closed', outcome: 'RotationStarted' };
    expect(standingOfRequest(rotation, false)).toMatchObject({
      tone: 'good',
      label: 'Rotation started',
      isOver: false,
    });
    expect(standingOfRequest(rotation, true)).toMatchObject({ isOver: true });
    const refused: RequestStatus = { ...open, kind: 'rollBack', state: 'closed', outcome: 'RefusedNothingToRollBack' };
    expect(standingOfRequest(refused, false)).toMatchObject({ tone: 'bad', isOver: true });
  });
  it('may come with what is accepted, from nothing to an outage, each with one sentence of consequence', () => {
    expect(ACCEPTABLE.map(({ value, isGrave }) => [value, isGrave])).toEqual([
      ['', false],
      ['unverifiedKey', false],
      ['outage', true],
    ]);
    for (const { consequence } of ACCEPTABLE) expect(consequence).toMatch(/^[A-Z][^.]+\.$/);
  });
});

describe('an open request', () => {
  const open: RequestStatus = {
    id: 'r-1',
    kind: 'rotate',
    state: 'open',
    reason: 'soon',
    by: 'Ada',
    at: '2031-05-19T12:00:00Z',
  };
  it('says what it waits for', () => {
    expect(waitingText(open)).toBe('It waits for the next pass.');
    expect(waitingText({ ...open, waitsFor: 'NextPass' })).toBe('It waits for the next pass.');
    expect(waitingText({ ...open, waitsFor: 'OutsideWindow' })).toBe('It waits. Rotations may not begin at this time.');
  });
  it('is withdrawn with the role that it was made with', () => {
    expect(withdrawalRole(open)).toBe('Rotation.Operate');
    expect(withdrawalRole({ ...open, kind: 'compromised' })).toBe('Rotation.Emergency');
  });
  it('is over once it is withdrawn, or has expired', () => {
    const ended = (outcome: 'Withdrawn' | 'Expired' | 'RotationStarted') =>
      standingOfRequest({ ...open, state: 'closed', outcome }, false);
    expect(ended('Withdrawn')).toEqual({ tone: 'good', label: 'Withdrawn', sentence: 'Done.', isOver: true });
    expect(ended('Expired')).toMatchObject({ tone: 'warn', isOver: true });
    expect(ended('RotationStarted')).toMatchObject({ isOver: false });
  });
});

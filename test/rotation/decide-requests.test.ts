// Rules E and F: what becomes of an operator's requests, and what a pause or a freeze holds.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Observation, Policy, RequestId } from '../../src/rotation/model.ts';
import {
  asked,
  atRest,
  ID,
  IN_LINE,
  idle,
  inOverlap,
  inRetirement,
  K1,
  K1_NEW,
  K2,
  K2_NEW,
  NEXT_ID,
  NOW,
  POLICY,
  preparing,
  present,
  propagating,
  retiring,
  verdicts,
  waits,
} from './given.ts';

const step = (seen: Observation, policy = POLICY) => decide(seen, policy, NOW);

describe('E: requests', () => {
  it('closes requests for a rotation but the earliest: one rotation answers them all', () => {
    const requests = ['rotate-1', 'rotate-2', 'rotate-3'].map((id) => asked('rotate', { id: id as RequestId }));
    expect(step({ ...atRest, requests })).toStrictEqual({
      kind: 'record',
      record: idle,
      closes: [
        { id: 'rotate-2', outcome: 'AnsweredByEarlierRequest' },
        { id: 'rotate-3', outcome: 'AnsweredByEarlierRequest' },
      ],
      history: [
        { kind: 'RequestClosed', requestId: 'rotate-2', reason: 'AnsweredByEarlierRequest' },
        { kind: 'RequestClosed', requestId: 'rotate-3', reason: 'AnsweredByEarlierRequest' },
      ],
    });
  });
  it('closes at most twenty in one write, and the others in the next', () => {
    const requests = Array.from({ length: 24 }, (_, index) => asked('rotate', { id: `r${index}` as RequestId }));
    const first = step({ ...atRest, requests });
    expect(first).toMatchObject({ closes: { length: 20, 0: { id: 'r1' }, 19: { id: 'r20' } } });
    const left = requests.filter((_, index) => index === 0 || index > 20);
    expect(step({ ...atRest, requests: left })).toMatchObject({
      closes: [{ id: 'r21' }, { id: 'r22' }, { id: 'r23' }],
    });
  });
  it('does so while paused: it begins nothing', () => {
    const requests = [asked('rotate'), asked('rotate', { id: 'rotate-2' as RequestId })];
    expect(step({ ...atRest, requests, isPaused: true })).toMatchObject({ closes: [{ id: 'rotate-2' }] });
  });
  it('keeps it open while the value is live', () => {
    const requests = [asked('compromised', { fingerprint: K1 })];
    expect(step({ ...inOverlap, requests, isPaused: true })).toMatchObject({ kind: 'regenerate', slot: 'key1' });
  });
  it('notes the word that nothing uses the standby key', () => {
    expect(step({ ...atRest, requests: [asked('approve')] })).toStrictEqual({
      kind: 'record',
      record: { ...idle, standbyApprovedAt: NOW },
      closes: [{ id: 'approve-1', outcome: 'StandbyApproved' }],
      history: [{ kind: 'RequestClosed', requestId: 'approve-1', reason: 'StandbyApproved' }],
    });
  });
  it('needs no such word once the first rotation has begun', () => {
    expect(step({ ...inOverlap, requests: [asked('approve')] })).toMatchObject({
      record: propagating,
      closes: [{ id: 'approve-1', outcome: 'StandbyApproved' }],
    });
    expect(step({ ...inOverlap, requests: [asked('approve')] })).not.toHaveProperty('record.standbyApprovedAt');
  });

  describe('roll back', () => {
    const asks: Observation = { ...inOverlap, requests: [asked('rollBack')] };
    const refused = (outcome: string) =>
      expect.objectContaining({
        kind: 'record',
        closes: [{ id: 'rollBack-1', outcome, rotationId: NEXT_ID }],
      }) as unknown;

    it('asks the data plane about the superseded value first', () => {
      expect(step(asks)).toEqual({ kind: 'probe', fingerprint: K1 });
    });
    it('publishes it when it is accepted, also while paused', () => {
      const seen = { ...asks, isPaused: true, verdicts: verdicts({ [K1]: 'accepted' }) };
      expect(step(seen)).toEqual({ kind: 'publish', slot: 'key1', fingerprint: K1, reason: 'RollBackRequested' });
    });
    it('waits when nothing is certain', () => {
      expect(step({ ...asks, verdicts: verdicts({ [K1]: 'inconclusive' }) })).toEqual(
        waits('RollBackKeyInconclusive', 5_000),
      );
    });
    it('refuses a rejected value', () => {
      expect(step({ ...asks, verdicts: verdicts({ [K1]: 'rejected' }) })).toEqual(
        refused('RefusedSupersededKeyRejected'),
      );
    });
    it('refuses when the superseded slot has another value already', () => {
      expect(step({ ...asks, keys: { key1: K1_NEW, key2: K2_NEW } })).toEqual(refused('RefusedSupersededKeyNotLive'));
    });
    it('is not dealt with while a leaked key is live: the leaked superseded key is regenerated', () => {
      const requests = [asked('rollBack'), asked('compromised', { fingerprint: K1 })];
      expect(step({ ...asks, requests })).toMatchObject({ kind: 'regenerate', slot: 'key1', closes: [] });
    });
    it('is refused when that is done: there is nothing left to go back to', () => {
      const requests = [asked('rollBack'), asked('compromised', { fingerprint: K1, replacedAt: NOW - 1 })];
      expect(step({ ...inRetirement, requests })).toEqual(refused('RefusedRetireInFlight'));
    });
    it('refuses while a regenerate of it may be under way', () => {
      const seen: Observation = { ...asks, record: present(retiring) };
      expect(step(seen)).toEqual(refused('RefusedRetireInFlight'));
    });
    it('is possible in retiring once the last attempt has settled', () => {
      const record = present({ ...retiring, attemptAt: NOW - 9_000 });
      const seen = { ...asks, record, verdicts: verdicts({ [K1]: 'accepted' }) };
      expect(step(seen)).toMatchObject({ kind: 'publish', slot: 'key1' });
    });
    it('refuses when there is nothing to roll back', () => {
      expect(step({ ...atRest, requests: [asked('rollBack')] })).toMatchObject({
        closes: [{ id: 'rollBack-1', outcome: 'RefusedNothingToRollBack', rotationId: ID }],
      });
    });
  });
});

describe('F: the gate', () => {
  const due = { ...atRest, requests: [asked('rotate')] };
  it.each([
    ['Paused', { ...due, isPaused: true }, POLICY],
    ['Frozen', due, { ...POLICY, isFrozen: true }],
  ] as const)('holds: %s', (reason, seen, policy) => {
    expect(step(seen, policy)).toEqual(waits(reason, 8_000));
  });
  it('lets an emergency through', () => {
    const requests = [asked('compromised', { fingerprint: K2 })];
    const policy: Policy = { ...POLICY, isFrozen: true, windowAt: () => ({ isOpen: false }) };
    expect(step({ ...atRest, requests, isPaused: true }, policy)).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
      intent: { phase: 'preparing', reason: 'KeyCompromised' },
    });
  });
  it('does not hold the end of a retirement that has happened', () => {
    expect(step({ ...inRetirement, isPaused: true })).toEqual({ kind: 'probe', fingerprint: K2_NEW });
  });
  it('does not hold what comes before it: announcing, following, requests', () => {
    const announced = { ...IN_LINE, isFlagInLine: false };
    expect(step({ ...atRest, announced, isPaused: true })).toMatchObject({ kind: 'announceFlag' });
    expect(step({ ...atRest, record: { state: 'absent' }, isPaused: true })).toMatchObject({ kind: 'record' });
    expect(step({ ...atRest, requests: [asked('approve')], isPaused: true })).toMatchObject({ kind: 'record' });
  });
  it('holds the publication of a new value', () => {
    const seen: Observation = {
      ...atRest,
      record: present(preparing),
      keys: { key1: K1, key2: K2_NEW },
      isPaused: true,
      verdicts: verdicts({ [K2_NEW]: 'accepted' }),
    };
    expect(step(seen)).toEqual(waits('Paused', 8_000));
  });
  it('holds a retirement that has not', () => {
    const seen: Observation = { ...inRetirement, keys: { key1: K1, key2: K2_NEW }, isPaused: true };
    expect(step(seen)).toEqual(waits('Paused', 8_000));
  });
});

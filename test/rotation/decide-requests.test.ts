// Rules E and F: what becomes of an operator's requests, and what a pause or a freeze holds.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide.ts';
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
  it('closes a compromised request whose value is no longer a live key', () => {
    const requests = [asked('compromised', { fingerprint: K2_NEW })];
    expect(step({ ...atRest, requests })).toMatchObject({
      kind: 'record',
      record: { phase: 'idle' },
      closes: [{ id: 'compromised-1', outcome: 'KeyIsDead', rotationId: ID }],
    });
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
  it('closes every compromised request that is answered in one write, and one that names no value', () => {
    const requests = [
      asked('compromised', { fingerprint: K2_NEW }),
      asked('compromised', { id: 'compromised-2' as RequestId }),
      asked('compromised', { id: 'compromised-3' as RequestId, fingerprint: K1 }),
    ];
    expect(step({ ...atRest, requests })).toMatchObject({
      closes: [
        { id: 'compromised-1', outcome: 'KeyIsDead' },
        { id: 'compromised-2', outcome: 'KeyIsDead' },
      ],
    });
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
    it('refuses a compromised value', () => {
      const requests = [asked('rollBack'), asked('compromised', { fingerprint: K1 })];
      expect(step({ ...asks, requests })).toEqual(refused('RefusedSupersededKeyCompromised'));
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

import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide.ts';
import type { Observation } from '../../src/rotation/model.ts';
import {
  asked,
  atRest,
  ID,
  inOverlap,
  inRetirement,
  K1,
  K1_NEW,
  K2,
  K2_NEW,
  NEXT_ID,
  NOW,
  POLICY,
  present,
  retiring,
  verdicts,
} from './given.ts';

const waits = (reason: string, isBlocked = false) =>
  expect.objectContaining({ kind: 'wait', reason, isBlocked }) as unknown;
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
    expect(step({ ...atRest, requests: [asked('approve')] })).toMatchObject({
      record: { standbyApprovedAt: NOW },
      closes: [{ id: 'approve-1', outcome: 'StandbyApproved' }],
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
      expect(step({ ...asks, verdicts: verdicts({ [K1]: 'inconclusive' }) })).toEqual(waits('RollBackKeyInconclusive'));
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
    ['OutsideWindow', due, { ...POLICY, isWindowOpen: false }],
  ] as const)('holds: %s', (reason, seen, policy) => {
    expect(step(seen, policy)).toEqual(waits(reason));
  });
  it('lets an emergency through', () => {
    const requests = [asked('compromised', { fingerprint: K2 })];
    const policy = { ...POLICY, isFrozen: true, isWindowOpen: false };
    expect(step({ ...atRest, requests, isPaused: true }, policy)).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
      intent: { phase: 'preparing', reason: 'KeyCompromised' },
    });
  });
  it('does not hold the end of a retirement that has happened', () => {
    expect(step({ ...inRetirement, isPaused: true })).toEqual({ kind: 'probe', fingerprint: K2_NEW });
  });
  it('holds a retirement that has not', () => {
    const seen: Observation = { ...inRetirement, keys: { key1: K1, key2: K2_NEW }, isPaused: true };
    expect(step(seen)).toEqual(waits('Paused'));
  });
});

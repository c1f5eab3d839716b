// The phase idle: when a rotation begins, and with what.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Observation, Policy } from '../../src/rotation/model.ts';
import {
  asked,
  atRest,
  blocks,
  idle,
  K1,
  K2,
  NEXT_ID,
  NOW,
  POLICY,
  PUBLISHED_KEY1,
  present,
  verdicts,
  waits,
} from './given.ts';

const step = (seen: Observation, policy: Policy = POLICY) => decide(seen, policy, NOW);

describe('idle', () => {
  const due = present({ ...idle, rotatedAt: NOW - 100_000 });
  const healthy = verdicts({ [K1]: 'accepted' });

  it('waits until the rotation is due, and looks again before', () => {
    expect(step({ ...atRest, record: present({ ...idle, rotatedAt: NOW }) })).toStrictEqual({
      kind: 'wait',
      isBlocked: false,
      reason: 'NotDue',
      until: NOW + 60_000,
    });
  });
  it('keeps to its own spread', () => {
    const record = present({ ...idle, rotatedAt: NOW - 100_000, jitterMs: 500 });
    expect(step({ ...atRest, record })).toMatchObject({ reason: 'NotDue', until: NOW + 500 });
  });
  it('regenerates nothing before the published key has been accepted in this pass', () => {
    expect(step({ ...atRest, record: due })).toEqual({ kind: 'probe', fingerprint: K1 });
    for (const verdict of ['rejected', 'inconclusive'] as const) {
      const seen = { ...atRest, record: due, verdicts: verdicts({ [K1]: verdict }) };
      expect(step(seen)).toEqual(blocks('PublishedKeyNotAccepted', 1_000, verdict));
    }
  });
  it('begins with the standby slot, its intent naming the value that is to go', () => {
    expect(step({ ...atRest, record: due, verdicts: healthy })).toEqual({
      kind: 'regenerate',
      slot: 'key2',
      fingerprint: K2,
      intent: {
        phase: 'preparing',
        rotationId: NEXT_ID,
        published: PUBLISHED_KEY1,
        reason: 'RotationDue',
        before: K2,
        attempts: 1,
      },
      closes: [],
      history: [{ kind: 'RotationStarted', reason: 'RotationDue', slot: 'key2', fingerprint: K2 }],
    });
  });
  it('begins on request, closes the request, and tells who asked', () => {
    const requests = [asked('rotate')];
    expect(step({ ...atRest, requests, verdicts: healthy })).toMatchObject({
      intent: { reason: 'RotationRequested', requestId: 'rotate-1' },
      closes: [{ id: 'rotate-1', outcome: 'RotationStarted', rotationId: NEXT_ID }],
      history: [{ kind: 'RotationStarted', by: 'operator', requestId: 'rotate-1' }],
    });
  });
  it('leaves an account that was just adopted alone for the maximum overlap', () => {
    const record = present({ ...idle, adoptedAt: NOW - 29_999 });
    expect(step({ ...atRest, record, requests: [asked('rotate')] })).toMatchObject({
      reason: 'RecentlyAdopted',
      until: NOW + 1,
    });
  });
  it('waits for the word that nothing uses the standby key before the first rotation', () => {
    const record = present({ ...idle, adoptedAt: NOW - 30_000 });
    const seen = { ...atRest, record, requests: [asked('rotate')], verdicts: healthy };
    const policy = { ...POLICY, standbyIsFree: false };
    expect(step(seen, policy)).toEqual(blocks('StandbyMayBeInUse', 60_000));
    const approved = present({ ...idle, adoptedAt: NOW - 30_000, standbyApprovedAt: NOW - 1 });
    expect(step({ ...seen, record: approved }, policy)).toMatchObject({ kind: 'regenerate', slot: 'key2' });
  });
  it('does not ask for that word again after the first rotation', () => {
    const seen = { ...atRest, record: due, verdicts: healthy };
    expect(step(seen, { ...POLICY, standbyIsFree: false })).toMatchObject({ kind: 'regenerate' });
  });
  it('kills a leaked standby key at once, without any proof, however fresh the adoption', () => {
    const record = present({ ...idle, adoptedAt: NOW });
    const requests = [asked('compromised', { fingerprint: K2 })];
    expect(step({ ...atRest, record, requests })).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
      intent: { reason: 'KeyCompromised' },
    });
  });
  it('prepares the standby key at once when the published one leaked', () => {
    const requests = [asked('compromised', { fingerprint: K1 })];
    expect(step({ ...atRest, requests })).toMatchObject({ kind: 'regenerate', slot: 'key2', closes: [] });
  });

  it('names the leaked key as the reason where a rotation was asked for as well, and closes only the latter', () => {
    const requests = [asked('rotate'), asked('compromised', { fingerprint: K1, by: 'security' })];
    expect(step({ ...atRest, requests })).toMatchObject({
      intent: { reason: 'KeyCompromised', requestId: 'compromised-1' },
      closes: [{ id: 'rotate-1', outcome: 'RotationStarted', rotationId: NEXT_ID }],
      history: [{ requestId: 'compromised-1', by: 'security' }],
    });
  });
  it('begins nothing on a policy that is not valid, due or asked for', () => {
    const policy: Policy = { ...POLICY, isInvalid: true };
    expect(step({ ...atRest, record: due }, policy)).toEqual(blocks('PolicyInvalid', 8_000));
    expect(step({ ...atRest, requests: [asked('rotate')] }, policy)).toEqual(blocks('PolicyInvalid', 8_000));
  });
  it('does not say so while nothing is due', () => {
    expect(step(atRest, { ...POLICY, isInvalid: true })).toEqual(waits('NotDue', 50_000));
  });
  it('takes no value for leaked that another kind of request names', () => {
    const requests = [asked('rotate', { fingerprint: K2 })];
    expect(step({ ...atRest, requests })).toEqual({ kind: 'probe', fingerprint: K1 });
  });
  it('begins at the millisecond at which it is due', () => {
    const at = (rotatedAt: number) => step({ ...atRest, record: present({ ...idle, rotatedAt }) });
    expect(at(NOW - 99_999)).toEqual(waits('NotDue', 1));
    expect(at(NOW - 100_000)).toEqual({ kind: 'probe', fingerprint: K1 });
  });
  it('starts an emergency without the word that nothing uses the standby key', () => {
    const record = present({ ...idle, adoptedAt: NOW - 30_000 });
    const requests = [asked('compromised', { fingerprint: K1 })];
    expect(step({ ...atRest, record, requests }, { ...POLICY, standbyIsFree: false })).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
    });
  });
});

// Rule G: what an account does while the windows of its policy are shut, and how long it waits.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Observation, Policy, WindowState } from '../../src/rotation/model.ts';
import {
  asked,
  atRest,
  idle,
  inOverlap,
  inRetirement,
  K1,
  K2,
  K2_NEW,
  NOW,
  POLICY,
  present,
  propagating,
  renewedLongAgo,
  verdicts,
  waits,
} from './given.ts';

const shut = (opensAt?: number): Policy => ({
  ...POLICY,
  windowAt: (): WindowState => ({ isOpen: false, ...(opensAt === undefined ? {} : { opensAt }) }),
});
const step = (seen: Observation, policy = shut(NOW + 45_000)) => decide(seen, policy, NOW);

describe('G: outside the windows', () => {
  const healthy = verdicts({ [K1]: 'accepted' });
  const due: Observation = { ...atRest, verdicts: healthy, record: present({ ...idle, rotatedAt: NOW - 100_000 }) };
  const verified: Observation = {
    ...atRest,
    record: present(renewedLongAgo),
    keys: { key1: K1, key2: K2_NEW },
    verdicts: verdicts({ [K2_NEW]: 'accepted' }, 2),
  };

  it('a due rotation waits for the opening', () => {
    expect(step(due)).toEqual(waits('OutsideWindow', 45_000));
  });
  it('so does one that was asked for', () => {
    expect(step({ ...atRest, verdicts: healthy, requests: [asked('rotate')] })).toEqual(waits('OutsideWindow', 45_000));
  });
  it('so does the publication of a new value', () => {
    expect(step(verified)).toEqual(waits('OutsideWindow', 45_000));
  });
  it('a probe changes nothing, so it need not wait', () => {
    expect(step({ ...verified, verdicts: new Map() })).toEqual({ kind: 'probe', fingerprint: K2_NEW });
  });
  it('so does a retirement', () => {
    const over = present({ ...propagating, since: NOW - 30_000 });
    const published = verdicts({ [K2_NEW]: 'accepted' });
    expect(step({ ...inOverlap, record: over, verdicts: published })).toEqual(waits('OutsideWindow', 45_000));
  });
  it('the account is looked at before a distant opening, and when none can be seen', () => {
    expect(step(due, shut(NOW + 60_001))).toEqual(waits('OutsideWindow', 60_000));
    expect(step(due, shut())).toEqual(waits('OutsideWindow', 60_000));
  });
  it('what would wait anyway waits for that, whenever the window opens', () => {
    const rested = present({ ...idle, rotatedAt: NOW - 50_000 });
    expect(step({ ...atRest, record: rested }, shut(NOW + 1))).toEqual(waits('NotDue', 50_000));
    const begun = present({ ...propagating, since: NOW });
    expect(step({ ...inOverlap, record: begun }, shut(NOW + 1))).toEqual(waits('OverlapNotOver', 30_000));
  });
  it('asks the policy about the present, not about when it was read', () => {
    const windowAt = (instant: number): WindowState =>
      instant < NOW ? { isOpen: false, opensAt: NOW } : { isOpen: true };
    const record = present({ ...renewedLongAgo, attemptAt: NOW - 12_001 });
    expect(decide({ ...verified, record }, { ...POLICY, windowAt }, NOW - 1)).toEqual({
      kind: 'wait',
      isBlocked: false,
      reason: 'OutsideWindow',
      until: NOW,
    });
    expect(decide(verified, { ...POLICY, windowAt }, NOW)).toMatchObject({ kind: 'publish', slot: 'key2' });
  });
  it('a leaked key is regenerated', () => {
    const requests = [asked('compromised', { fingerprint: K2 })];
    expect(step({ ...atRest, requests })).toMatchObject({ kind: 'regenerate', slot: 'key2' });
  });
  it('a retirement that has happened goes to its end', () => {
    expect(step(inRetirement)).toEqual({ kind: 'probe', fingerprint: K2_NEW });
    const markedRejected: Observation = { ...inRetirement, supersededVersion: 'markedRejected' };
    expect(step(markedRejected)).toMatchObject({ kind: 'record', record: { phase: 'idle' } });
  });
  it('what comes before goes on: repair, following, requests', () => {
    expect(step({ ...atRest, record: { state: 'absent' } })).toMatchObject({ kind: 'record' });
    expect(step({ ...atRest, requests: [asked('approve')] })).toMatchObject({ kind: 'record' });
  });
  it('a pause and a freeze are named first', () => {
    expect(step({ ...due, isPaused: true })).toEqual(waits('Paused', 8_000));
    expect(step(due, { ...shut(NOW + 1), isFrozen: true })).toEqual(waits('Frozen', 8_000));
  });
});

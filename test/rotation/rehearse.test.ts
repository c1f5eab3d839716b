import { describe, expect, it } from 'vitest';
import { rehearse } from '../../src/rotation/rehearse.ts';
import { asked, atRest, inOverlap, inRetirement, K1, NOW, POLICY } from './given.ts';

const kinds = (seen: typeof atRest, policy = POLICY) => rehearse(seen, policy, NOW).steps.map(({ step }) => step.kind);

describe('a rehearsal', () => {
  it('plays a requested rotation to its end', () => {
    const played = rehearse({ ...atRest, requests: [asked('rotate')] }, POLICY, NOW);
    expect(played.steps.map(({ step }) => step.kind)).toEqual([
      'probe',
      'regenerate',
      'probe',
      'publish',
      'announceReference',
      'announceFlag',
      'record',
      'probe',
      'regenerate',
      'probe',
      'probe',
      'disable',
      'record',
    ]);
    expect(played.waits).toEqual([{ from: NOW, until: NOW + 30_000, reason: 'OverlapNotOver' }]);
    expect(played.endAt).toBe(NOW + 30_000);
    expect(played.end).toMatchObject({ reason: 'NotDue' });
  });
  it('has no overlap for a leaked published key, and closes its request', () => {
    const played = rehearse({ ...atRest, requests: [asked('compromised', { fingerprint: K1 })] }, POLICY, NOW);
    expect(played.endAt).toBe(NOW);
    expect(played.steps.filter(({ step }) => step.kind === 'regenerate').map(({ step }) => step)).toMatchObject([
      { slot: 'key2' },
      { slot: 'key1' },
    ]);
  });
  it('shows that nothing would happen while paused', () => {
    const played = rehearse({ ...atRest, isPaused: true, requests: [asked('rotate')] }, POLICY, NOW);
    expect(played.steps).toEqual([]);
    expect(played.end).toMatchObject({ reason: 'Paused' });
  });
  it.each([
    ['frozen', { isFrozen: true }, 'Frozen'],
    ['only observed', { isObserveOnly: true }, 'ObserveOnly'],
  ])('ends at once for an account that is %s', (_name, policy, reason) => {
    const played = rehearse({ ...atRest, requests: [asked('rotate')] }, { ...POLICY, ...policy }, NOW);
    expect(played).toMatchObject({ steps: [], waits: [], end: { reason }, endAt: NOW });
  });
  it('reads the superseded version when its value is not known, and proves that it is dead', () => {
    const seen = { ...inRetirement, isSupersededValueKnown: false };
    expect(kinds(seen)).toEqual(['readSupersededVersion', 'probe', 'probe', 'probe', 'disable', 'record']);
  });
  it('leaves unknown what could not be read of App Configuration', () => {
    const seen = { ...atRest, announced: { state: 'unknown' as const }, requests: [asked('rotate')] };
    const played = rehearse(seen, POLICY, NOW);
    expect(played.steps).toEqual([]);
    expect(played.waits).toHaveLength(400);
    expect(played.end).toBeUndefined();
    expect(played.endAt).toBe(NOW + 400 * POLICY.backOffMinimumMs);
  });
  it('shows where it would block', () => {
    const policy = { ...POLICY, consumers: ['web'] };
    expect(rehearse(inOverlap, policy, NOW).end).toMatchObject({
      isBlocked: true,
      reason: 'ConsumersNotAcknowledged',
      detail: 'web',
    });
  });
  it('shows a roll back', () => {
    expect(kinds({ ...inOverlap, requests: [asked('rollBack')] }).slice(0, 5)).toEqual([
      'probe',
      'publish',
      'announceReference',
      'announceFlag',
      'record',
    ]);
  });
  it('leaves what it was given as it was', () => {
    const before = structuredClone(atRest);
    rehearse({ ...atRest, requests: [asked('rotate')] }, POLICY, NOW);
    expect(atRest).toEqual(before);
  });
});

import { describe, expect, it } from 'vitest';
import { rehearse } from '../../src/rotation/decide/rehearse.ts';
import type { Observation, RequestId } from '../../src/rotation/model.ts';
import { asked, atRest, inOverlap, inRetirement, K1, K2, NOW, POLICY } from './given.ts';

const kinds = (seen: typeof atRest, policy = POLICY) => rehearse(seen, policy, NOW).steps.map(({ step }) => step.kind);

describe('a rehearsal', () => {
  it('plays a requested rotation to its end', () => {
    const played = rehearse({ ...atRest, requests: [asked('rotate')] }, POLICY, NOW);
    expect(played.steps.map(({ step }) => step.kind)).toEqual([
      'probe',
      'regenerate',
      // Activation.
      'probe',
      'probe',
      'publish',
      'announceReference',
      'announceFlag',
      'record',
      // Overlap.
      'probe',
      'regenerate',
      'probe',
      'probe',
      'record',
      // Confirmation: once in between, once at its end.
      'probe',
      'probe',
      'probe',
      'probe',
      'probe',
      'probe',
      'disable',
      'record',
    ]);
    expect(played.waits).toEqual([
      { from: NOW, until: NOW + 12_000, reason: 'ActivationTimeNotOver' },
      { from: NOW + 12_000, until: NOW + 42_000, reason: 'OverlapNotOver' },
      { from: NOW + 42_000, until: NOW + 48_000, reason: 'ConfirmationTimeNotOver' },
      { from: NOW + 48_000, until: NOW + 54_000, reason: 'ConfirmationTimeNotOver' },
    ]);
    expect(played.endAt).toBe(NOW + 54_000);
    expect(played.end).toMatchObject({ reason: 'NotDue' });
  });
  it('has no overlap for a leaked published key, and closes its request', () => {
    const played = rehearse({ ...atRest, requests: [asked('compromised', { fingerprint: K1 })] }, POLICY, NOW);
    const regenerated = played.steps.filter(({ step }) => step.kind === 'regenerate');
    expect(regenerated).toMatchObject([
      { at: NOW, step: { slot: 'key2' } },
      { at: NOW, step: { slot: 'key1' } },
    ]);
    expect(played.waits).toEqual([
      { from: NOW, until: NOW + 6_000, reason: 'ConfirmationTimeNotOver' },
      { from: NOW + 6_000, until: NOW + 12_000, reason: 'ConfirmationTimeNotOver' },
    ]);
    const closes = played.steps.flatMap(({ step }) => (step.kind === 'record' ? step.closes : []));
    expect(closes).toEqual([{ id: 'compromised-1', outcome: 'KeyIsDead', rotationId: 8 }]);
    expect(played.end).toMatchObject({ reason: 'NotDue' });
  });
  it('ends when the key leaked that a name means', () => {
    const played = rehearse({ ...atRest, requests: [asked('compromised', { named: 'key2' })] }, POLICY, NOW);
    expect(played.end).toMatchObject({ reason: 'NotDue' });
    const closes = played.steps.flatMap(({ step }) => (step.kind === 'record' ? step.closes : []));
    expect(closes).toEqual([{ id: 'compromised-1', outcome: 'KeyReplaced', rotationId: 8 }]);
    const regenerated = played.steps.filter(({ step }) => step.kind === 'regenerate');
    expect(regenerated).toMatchObject([
      { at: NOW, step: { slot: 'key2', fingerprint: K2 } },
      { step: { slot: 'key1', fingerprint: K1 } },
    ]);
  });
  it('ends when both keys leaked', () => {
    const requests = [
      asked('compromised', { fingerprint: K1 }),
      asked('compromised', { id: 'compromised-2' as RequestId, fingerprint: K2 }),
    ];
    const played = rehearse({ ...atRest, requests }, POLICY, NOW);
    expect(played.end).toMatchObject({ reason: 'NotDue' });
    const live = played.steps.flatMap(({ step }) => (step.kind === 'regenerate' ? [step.fingerprint] : []));
    expect(live).toEqual([K2, K1]);
  });
  it('ends where Key Vault cannot be read: with the sacrifice that an operator accepts, or blocked', () => {
    const unread: Observation = { ...atRest, published: { state: 'unknown' } };
    const requests = [asked('compromised', { fingerprint: K1, accepts: 'outage' })];
    const played = rehearse({ ...unread, requests }, POLICY, NOW);
    expect(played.steps[0]).toMatchObject({ at: NOW, step: { kind: 'sacrifice', slot: 'key1', fingerprint: K1 } });
    expect(played).toMatchObject({ end: { reason: 'SecretUnreachable' }, endAt: NOW });
    const careful = rehearse({ ...unread, requests: [asked('compromised', { fingerprint: K1 })] }, POLICY, NOW);
    expect(careful).toMatchObject({ steps: [], end: { reason: 'SecretUnreachable' } });
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
    expect(kinds(seen)).toEqual([
      'readSupersededVersion',
      'probe',
      'probe',
      'probe',
      'record',
      // Confirmation: once in between, once at its end.
      'probe',
      'probe',
      'probe',
      'probe',
      'probe',
      'probe',
      'disable',
      'record',
    ]);
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

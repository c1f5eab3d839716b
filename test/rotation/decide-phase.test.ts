import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide.ts';
import type { Observation, Policy } from '../../src/rotation/model.ts';
import {
  asked,
  atRest,
  ID,
  idle,
  inOverlap,
  K1,
  K1_NEW,
  K2,
  K2_NEW,
  NEXT_ID,
  NOW,
  POLICY,
  PUBLISHED_KEY1,
  PUBLISHED_KEY2,
  preparing,
  present,
  propagating,
  V1,
  V2,
  verdicts,
} from './given.ts';

const waits = (reason: string, isBlocked = false) =>
  expect.objectContaining({ kind: 'wait', reason, isBlocked }) as unknown;
const step = (seen: Observation, policy: Policy = POLICY) => decide(seen, policy, NOW);

describe('idle', () => {
  const due = present({ ...idle, rotatedAt: NOW - 100_000 });
  const healthy = verdicts({ [K1]: 'accepted' });

  it('waits until the rotation is due, and looks again before', () => {
    expect(step({ ...atRest, record: present({ ...idle, rotatedAt: NOW }) })).toEqual({
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
      expect(step(seen)).toEqual(waits('PublishedKeyNotAccepted', true));
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
  it('begins on request, absorbs every request for a rotation, and tells who asked', () => {
    const requests = [asked('rotate'), asked('rotate', { id: 'rotate-2' as never })];
    expect(step({ ...atRest, requests, verdicts: healthy })).toMatchObject({
      intent: { reason: 'RotationRequested', requestId: 'rotate-1' },
      closes: [
        { id: 'rotate-1', outcome: 'RotationStarted', rotationId: NEXT_ID },
        { id: 'rotate-2', outcome: 'RotationStarted', rotationId: NEXT_ID },
      ],
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
    expect(step(seen, policy)).toEqual(waits('StandbyMayBeInUse', true));
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
});

describe('preparing', () => {
  const unchanged: Observation = { ...atRest, record: present(preparing) };
  const renewed: Observation = { ...unchanged, keys: { key1: K1, key2: K2_NEW } };

  it('waits for the last attempt to settle while the value is the old one', () => {
    expect(step(unchanged)).toMatchObject({ reason: 'SettleTimeNotOver', until: NOW + 8_000 });
  });
  it('regenerates again after that', () => {
    const record = present({ ...preparing, attemptAt: NOW - 9_000 });
    expect(step({ ...unchanged, record, verdicts: verdicts({ [K1]: 'accepted' }) })).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
      fingerprint: K2,
      intent: { phase: 'preparing', before: K2, attempts: 2 },
      history: [{ kind: 'RegenerateRepeated' }],
    });
  });
  it('stops for a person when regenerating has no effect, until a request allows another round', () => {
    const record = present({ ...preparing, attemptAt: NOW - 9_000, attempts: 3 });
    const seen = { ...unchanged, record, verdicts: verdicts({ [K1]: 'accepted' }) };
    expect(step(seen)).toEqual(waits('RegenerateHasNoEffect', true));
    expect(step({ ...seen, requests: [asked('rotate')] })).toMatchObject({
      kind: 'regenerate',
      intent: { attempts: 1 },
      closes: [{ id: 'rotate-1', outcome: 'RotationStarted' }],
    });
  });
  it('regenerates a new value that leaked before it was published', () => {
    const requests = [asked('compromised', { fingerprint: K2_NEW })];
    expect(step({ ...renewed, requests })).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
      intent: { before: K2_NEW },
    });
  });
  it('verifies the new value, then publishes it', () => {
    expect(step(renewed)).toEqual({ kind: 'probe', fingerprint: K2_NEW });
    expect(step({ ...renewed, verdicts: verdicts({ [K2_NEW]: 'accepted' }) })).toEqual({
      kind: 'publish',
      slot: 'key2',
      fingerprint: K2_NEW,
      reason: 'NewKeyAccepted',
    });
  });
  it('asks about the published key before it blames the new one', () => {
    expect(step({ ...renewed, verdicts: verdicts({ [K2_NEW]: 'rejected' }) })).toEqual({
      kind: 'probe',
      fingerprint: K1,
    });
  });
  it('waits, with back-off, while the new value is not accepted', () => {
    const seen = { ...renewed, verdicts: verdicts({ [K2_NEW]: 'rejected', [K1]: 'accepted' }) };
    expect(step(seen)).toEqual({
      kind: 'wait',
      isBlocked: false,
      reason: 'NewKeyNotYetAccepted',
      until: NOW + 1_000,
      detail: 'rejected',
    });
  });
  it('says so when the patience is over, and whether it is the endpoint', () => {
    const record = present({ ...preparing, attemptAt: NOW - 20_000 });
    const seen = { ...renewed, record, verdicts: verdicts({ [K2_NEW]: 'rejected', [K1]: 'rejected' }) };
    expect(step(seen)).toMatchObject({ isBlocked: true, reason: 'NewKeyNotAccepted', until: NOW + 8_000 });
    expect(step(seen)).toMatchObject({ detail: expect.stringContaining('check the endpoint') as unknown });
  });
});

describe('propagating', () => {
  const over = present({ ...propagating, since: NOW - 30_000 });
  const both = verdicts({ [K2_NEW]: 'accepted' });

  it('waits until the maximum overlap is over when no consumer must acknowledge', () => {
    expect(step(inOverlap)).toMatchObject({ reason: 'OverlapNotOver', until: NOW + 25_000 });
  });
  it('regenerates the superseded slot then, with the intent to retire it', () => {
    expect(step({ ...inOverlap, record: over, verdicts: both })).toEqual({
      kind: 'regenerate',
      slot: 'key1',
      fingerprint: K1,
      intent: {
        phase: 'retiring',
        rotationId: NEXT_ID,
        published: PUBLISHED_KEY2,
        superseded: PUBLISHED_KEY1,
        since: NOW - 30_000,
        rolledBack: false,
        versions: [V2],
        enteredAt: NOW,
        attempts: 1,
      },
      closes: [],
      history: [{ kind: 'RetireStarted', ...PUBLISHED_KEY1 }],
    });
  });
  it('does not, while the published key is not accepted', () => {
    const seen = { ...inOverlap, record: over, verdicts: verdicts({ [K2_NEW]: 'inconclusive' }) };
    expect(step(seen)).toEqual(waits('PublishedKeyNotAccepted', true));
  });
  it('needs no attempt when somebody has regenerated the superseded slot', () => {
    const seen = { ...inOverlap, record: over, keys: { key1: K1_NEW, key2: K2_NEW } };
    expect(step(seen)).toMatchObject({ kind: 'record', record: { phase: 'retiring', attempts: 0 } });
  });

  describe('with consumers that must acknowledge', () => {
    const policy: Policy = { ...POLICY, consumers: ['web', 'batch'] };
    const web = { consumer: 'web', version: V2, at: NOW - 1 };
    const batch = { consumer: 'batch', version: V2, at: NOW - 1 };

    it('ends the overlap when all have and the minimum is over', () => {
      const seen = { ...inOverlap, acknowledgements: [web, batch], verdicts: both };
      expect(step(seen, policy)).toMatchObject({ reason: 'OverlapNotOver', until: NOW + 5_000 });
      const record = present({ ...propagating, since: NOW - 10_000 });
      expect(step({ ...seen, record }, policy)).toMatchObject({ kind: 'regenerate', slot: 'key1' });
    });
    it('does not count the word for the superseded version', () => {
      const record = present({ ...propagating, since: NOW - 10_000 });
      const acknowledgements = [web, { ...batch, version: V1 }];
      expect(step({ ...inOverlap, record, acknowledgements }, policy)).toMatchObject({ reason: 'OverlapNotOver' });
    });
    it('holds when the maximum is over and one is missing, and names it', () => {
      expect(step({ ...inOverlap, record: over, acknowledgements: [web] }, policy)).toMatchObject({
        isBlocked: true,
        reason: 'ConsumersNotAcknowledged',
        detail: 'batch',
      });
    });
    it('goes on without it where the policy says so', () => {
      const proceed: Policy = { ...policy, onMissing: 'proceed' };
      expect(step({ ...inOverlap, record: over, verdicts: both }, proceed)).toMatchObject({
        kind: 'regenerate',
        slot: 'key1',
      });
    });
  });

  describe('when a key leaked', () => {
    it('ends the overlap at once for the superseded one', () => {
      const requests = [asked('compromised', { fingerprint: K1 })];
      expect(step({ ...inOverlap, requests })).toMatchObject({
        kind: 'regenerate',
        slot: 'key1',
        intent: { phase: 'retiring' },
      });
    });
    it('keeps to the overlap that the request states', () => {
      const requests = [asked('compromised', { fingerprint: K1, overlapMs: 7_000 })];
      expect(step({ ...inOverlap, requests })).toMatchObject({ reason: 'OverlapNotOver', until: NOW + 2_000 });
    });
    it('goes back to the superseded value when the published one leaked and the former is accepted', () => {
      const requests = [asked('compromised', { fingerprint: K2_NEW })];
      expect(step({ ...inOverlap, requests })).toEqual({ kind: 'probe', fingerprint: K1 });
      expect(step({ ...inOverlap, requests, verdicts: verdicts({ [K1]: 'accepted' }) })).toEqual({
        kind: 'publish',
        slot: 'key1',
        fingerprint: K1,
        reason: 'PublishedKeyCompromised',
      });
      expect(step({ ...inOverlap, requests, verdicts: verdicts({ [K1]: 'inconclusive' }) })).toEqual(
        waits('EscapeKeyInconclusive'),
      );
    });
    it('retires the superseded slot to get a clean one when it is rejected', () => {
      const requests = [asked('compromised', { fingerprint: K2_NEW })];
      const seen = { ...inOverlap, requests, verdicts: verdicts({ [K1]: 'rejected' }) };
      expect(step(seen)).toMatchObject({ kind: 'regenerate', slot: 'key1' });
    });
  });
});

it('keeps the rotation id of the account from one rest to the next', () => {
  expect([ID, NEXT_ID]).toEqual([7, 8]);
});

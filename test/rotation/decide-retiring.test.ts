// The phase retiring: the superseded value dies, and the data plane says so.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Observation, Policy } from '../../src/rotation/model.ts';
import {
  asked,
  blocks,
  inRetirement,
  K1,
  K1_NEW,
  K2_NEW,
  NEXT_ID,
  NOW,
  POLICY,
  PUBLISHED_KEY1,
  PUBLISHED_KEY2,
  present,
  rejectedLongEnough,
  retiring,
  retiringUnattempted,
  V1,
  verdicts,
  waits,
} from './given.ts';

const step = (seen: Observation, policy: Policy = POLICY) => decide(seen, policy, NOW);

describe('retiring', () => {
  const alive: Observation = { ...inRetirement, keys: { key1: K1, key2: K2_NEW } };
  const rejected = verdicts({ [K2_NEW]: 'accepted', [K1]: 'rejected' }, 2);
  const accepted = verdicts({ [K2_NEW]: 'accepted', [K1]: 'accepted' });
  const completed = (provenAt: number | undefined) => ({
    kind: 'record',
    record: {
      phase: 'idle',
      standby: K1_NEW,
      rotationId: NEXT_ID,
      published: PUBLISHED_KEY2,
      rotatedAt: NOW,
      jitterMs: 0,
      last: { rotationId: NEXT_ID, outcome: 'completed', ...(provenAt === undefined ? {} : { provenAt }) },
    },
    closes: [],
    history: [
      {
        kind: 'RotationCompleted',
        reason: provenAt === undefined ? 'DeathNotProven' : 'DeathProven',
        ...PUBLISHED_KEY1,
      },
    ],
  });

  it('waits for the attempt to settle while the superseded value is live, then tries again', () => {
    expect(step(alive)).toMatchObject({ reason: 'SettleTimeNotOver', until: NOW + 8_000 });
    const record = present({ ...retiring, attemptAt: NOW - 9_000 });
    expect(step({ ...alive, record, verdicts: verdicts({ [K2_NEW]: 'accepted' }) })).toMatchObject({
      kind: 'regenerate',
      slot: 'key1',
      intent: { phase: 'retiring', attempts: 2 },
    });
  });
  it('fetches the superseded value from its version when this pass has not seen it', () => {
    expect(step({ ...inRetirement, isSupersededValueKnown: false })).toEqual({
      kind: 'readSupersededVersion',
      version: V1,
    });
  });
  it('asks about the published key first, then about the superseded one, several times', () => {
    expect(step(inRetirement)).toEqual({ kind: 'probe', fingerprint: K2_NEW });
    expect(step({ ...inRetirement, verdicts: verdicts({ [K2_NEW]: 'accepted' }) })).toEqual({
      kind: 'probe',
      fingerprint: K1,
    });
    expect(step({ ...inRetirement, verdicts: verdicts({ [K2_NEW]: 'accepted', [K1]: 'rejected' }) })).toEqual({
      kind: 'probe',
      fingerprint: K1,
    });
  });
  it('notes since when the value is rejected, and proves nothing yet: that is the word of the nodes of one moment', () => {
    expect(step({ ...inRetirement, verdicts: rejected })).toStrictEqual({
      kind: 'record',
      record: { ...retiring, rejectedSince: NOW },
      closes: [],
      history: [],
    });
  });
  it('waits until the rejections cover the time that a proof takes, however many there are', () => {
    const since = (ms: number, policy = POLICY) =>
      step({ ...inRetirement, record: present({ ...retiring, rejectedSince: NOW - ms }), verdicts: rejected }, policy);
    // Half of it each time, so that more probes than two bursts meet the nodes.
    expect(since(0)).toEqual(waits('ConfirmationTimeNotOver', 6_000));
    expect(since(7_000)).toEqual(waits('ConfirmationTimeNotOver', 5_000));
    expect(since(11_999)).toEqual(waits('ConfirmationTimeNotOver', 1));
    expect(since(0, { ...POLICY, backOffMinimumMs: 7_000 })).toEqual(waits('ConfirmationTimeNotOver', 7_000));
  });
  it('asks again when that time is over, then marks and disables the version of the rejected value', () => {
    const seen = { ...inRetirement, record: present(rejectedLongEnough) };
    expect(step(seen)).toEqual({ kind: 'probe', fingerprint: K2_NEW });
    expect(step({ ...seen, verdicts: verdicts({ [K2_NEW]: 'accepted' }) })).toEqual({ kind: 'probe', fingerprint: K1 });
    expect(step({ ...seen, verdicts: verdicts({ [K2_NEW]: 'accepted', [K1]: 'rejected' }) })).toEqual({
      kind: 'probe',
      fingerprint: K1,
    });
    expect(step({ ...seen, verdicts: rejected })).toEqual({ kind: 'disable', version: V1 });
  });
  it('forgets since when the value is rejected as soon as a node accepts it', () => {
    const seen = { ...inRetirement, verdicts: accepted };
    const forgotten = { ...retiring, rejectedSince: undefined, acceptedAt: NOW };
    const noted = { kind: 'record', record: forgotten, closes: [], history: [] };
    expect(step({ ...seen, record: present(rejectedLongEnough) })).toEqual(noted);
    // However short ago it was accepted before.
    expect(step({ ...seen, record: present({ ...rejectedLongEnough, acceptedAt: NOW - 1 }) })).toEqual(noted);
  });
  it('takes as long for the proof as a node was seen to lag', () => {
    const lagged = (ms: number) => {
      const record = { ...retiring, attemptAt: NOW - 39_000, acceptedAt: NOW - 39_000 + 20_000 };
      return step({ ...inRetirement, record: present({ ...record, rejectedSince: NOW - ms }), verdicts: rejected });
    };
    expect(lagged(12_000)).toEqual(waits('ConfirmationTimeNotOver', 6_000));
    expect(lagged(19_999)).toEqual(waits('ConfirmationTimeNotOver', 1));
    expect(lagged(20_000)).toEqual({ kind: 'disable', version: V1 });
  });
  it('does not forget it for an answer that says nothing', () => {
    const record = present(rejectedLongEnough);
    const unclear = verdicts({ [K2_NEW]: 'accepted', [K1]: 'inconclusive' });
    expect(step({ ...inRetirement, record, verdicts: unclear })).toEqual(
      waits('ConfirmationInconclusive', 1_000, 'superseded inconclusive, published accepted'),
    );
    const unsure = verdicts({ [K2_NEW]: 'rejected', [K1]: 'rejected' }, 2);
    expect(step({ ...inRetirement, record, verdicts: unsure })).toEqual(
      waits('ConfirmationInconclusive', 1_000, 'superseded rejected, published rejected'),
    );
  });
  it('lets a proof that has begun come to its end when the patience is over', () => {
    const record = present({ ...retiring, attemptAt: NOW - 40_000, rejectedSince: NOW - 1_000 });
    expect(step({ ...inRetirement, record, verdicts: rejected })).toEqual(waits('ConfirmationTimeNotOver', 6_000));
  });
  it('leaves a version alone that is still referenced, and is at rest, proven', () => {
    const announced = { state: 'read', isReferenceInLine: true, isFlagInLine: true, referencedVersion: V1 } as const;
    const seen: Observation = { ...inRetirement, record: present(rejectedLongEnough), verdicts: rejected };
    expect(step({ ...seen, announced })).toStrictEqual(completed(NOW));
  });
  it('does not take a rejection for proof while the published key is not accepted', () => {
    const seen = { ...inRetirement, verdicts: verdicts({ [K2_NEW]: 'inconclusive', [K1]: 'rejected' }, 2) };
    expect(step(seen)).toEqual(waits('ConfirmationInconclusive', 1_000, 'superseded rejected, published inconclusive'));
  });
  it('waits while the superseded value is still accepted', () => {
    const seen = { ...inRetirement, verdicts: accepted };
    const noted = { kind: 'record', record: { ...retiring, acceptedAt: NOW }, closes: [], history: [] };
    expect(step(seen)).toEqual(noted);
    const acceptedAgo = (ms: number) => step({ ...seen, record: present({ ...retiring, acceptedAt: NOW - ms }) });
    expect(acceptedAgo(999)).toEqual(waits('SupersededKeyStillAccepted', 1_000));
    expect(acceptedAgo(1_000)).toEqual(noted);
  });
  it('ends without proof when the patience is over', () => {
    const record = present({ ...retiring, attemptAt: NOW - 40_000 });
    const seen = { ...inRetirement, record, verdicts: verdicts({ [K2_NEW]: 'accepted', [K1]: 'accepted' }) };
    expect(step(seen)).toStrictEqual(completed(undefined));
  });
  it('is at rest, proven, when its version carries our mark', () => {
    expect(step({ ...inRetirement, supersededVersion: 'markedRejected' })).toEqual(completed(NOW));
  });
  it.each(['missing', 'disabledByOthers'] as const)(
    'is at rest without proof when its version is %s',
    (supersededVersion) => {
      expect(step({ ...inRetirement, supersededVersion })).toEqual(completed(undefined));
    },
  );
  // It asks for the same version again and again, until the pass has used up its steps; so does every pass after it.
  it('is at rest without proof when its version was read and does not hold its value', () => {
    const seen: Observation = { ...inRetirement, supersededVersion: 'enabled', isSupersededValueKnown: false };
    expect(step(seen)).toEqual(completed(undefined));
  });
  it('does not let proof hold up an emergency', () => {
    const requests = [asked('compromised', { fingerprint: K2_NEW })];
    expect(step({ ...inRetirement, requests })).toEqual(completed(undefined));
  });
  it('says that a rotation was rolled back', () => {
    const record = present({ ...retiring, rolledBack: true });
    expect(step({ ...inRetirement, record, supersededVersion: 'markedRejected' })).toMatchObject({
      record: { last: { outcome: 'rolledBack' } },
    });
  });

  it('draws the next due date with the spread of the account', () => {
    const seen: Observation = { ...inRetirement, supersededVersion: 'markedRejected' };
    expect(step(seen, { ...POLICY, jitterMs: 77 })).toMatchObject({ record: { rotatedAt: NOW, jitterMs: 77 } });
  });
  it('needs as many rejections in a row as the policy says', () => {
    const policy = { ...POLICY, confirmProbes: 3 };
    const thrice = verdicts({ [K2_NEW]: 'accepted', [K1]: 'rejected' }, 3);
    for (const record of [retiring, rejectedLongEnough].map(present)) {
      const seen = { ...inRetirement, record, verdicts: rejected };
      expect(step(seen, policy)).toEqual({ kind: 'probe', fingerprint: K1 });
    }
    expect(step({ ...inRetirement, verdicts: thrice }, policy)).toMatchObject({ record: { rejectedSince: NOW } });
    const seen = { ...inRetirement, record: present(rejectedLongEnough), verdicts: thrice };
    expect(step(seen, policy)).toEqual({ kind: 'disable', version: V1 });
  });
  it('does not end its patience a millisecond early', () => {
    const record = present({ ...retiring, attemptAt: NOW - 39_999 });
    const seen = { ...inRetirement, record, verdicts: verdicts({ [K2_NEW]: 'accepted', [K1]: 'inconclusive' }) };
    expect(step(seen)).toEqual(waits('ConfirmationInconclusive', 8_000, 'superseded inconclusive, published accepted'));
  });
  it('counts its patience from its beginning when somebody else has regenerated the slot', () => {
    const seen = { ...inRetirement, verdicts: accepted };
    const enteredBefore = (ms: number) =>
      step({ ...seen, record: present({ ...retiringUnattempted, acceptedAt: NOW - 500, enteredAt: NOW - ms }) });
    expect(enteredBefore(39_999)).toEqual(waits('SupersededKeyStillAccepted', 8_000));
    expect(enteredBefore(40_000)).toEqual(completed(undefined));
  });
  it('answers with its end a request for a rotation that came during the retirement', () => {
    const seen: Observation = {
      ...inRetirement,
      supersededVersion: 'markedRejected',
      requests: [asked('rotate'), asked('compromised', { fingerprint: K2_NEW })],
    };
    expect(step(seen)).toMatchObject({
      record: { phase: 'idle' },
      closes: [{ id: 'rotate-1', outcome: 'RotationStarted', rotationId: NEXT_ID }],
    });
  });
  it('regenerates at once a superseded value that nobody has attempted yet', () => {
    const record = present(retiringUnattempted);
    expect(step({ ...alive, record, verdicts: verdicts({ [K2_NEW]: 'accepted' }) })).toMatchObject({
      kind: 'regenerate',
      slot: 'key1',
      intent: { phase: 'retiring', attempts: 1 },
    });
  });
  it('stops for a person when regenerating has no effect, until a request allows another round', () => {
    const record = present({ ...retiring, attemptAt: NOW - 9_000, attempts: 3 });
    const seen = { ...alive, record, verdicts: verdicts({ [K2_NEW]: 'accepted' }) };
    expect(step(seen)).toEqual(blocks('RegenerateHasNoEffect', 8_000));
    expect(step({ ...seen, requests: [asked('rotate')] })).toMatchObject({
      kind: 'regenerate',
      slot: 'key1',
      intent: { phase: 'retiring', attempts: 1 },
      closes: [{ id: 'rotate-1', outcome: 'RotationStarted', rotationId: NEXT_ID }],
    });
  });
  it('does not regenerate again while the published key is not accepted', () => {
    const record = present({ ...retiring, attemptAt: NOW - 9_000 });
    const seen = { ...alive, record, verdicts: verdicts({ [K2_NEW]: 'inconclusive' }) };
    expect(step(seen)).toEqual(blocks('PublishedKeyNotAccepted', 1_000, 'inconclusive'));
  });
});

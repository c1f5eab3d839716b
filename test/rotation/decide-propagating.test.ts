// The phase propagating: how long both keys stay valid, and what ends that early.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Observation, Policy, RequestId } from '../../src/rotation/model.ts';
import {
  asked,
  blocks,
  inOverlap,
  K1,
  K1_NEW,
  K2_NEW,
  NEXT_ID,
  NOW,
  POLICY,
  PUBLISHED_KEY1,
  PUBLISHED_KEY2,
  present,
  propagating,
  V1,
  V2,
  V3,
  verdicts,
  waits,
} from './given.ts';

const step = (seen: Observation, policy: Policy = POLICY) => decide(seen, policy, NOW);

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
    expect(step(seen)).toEqual(blocks('PublishedKeyNotAccepted', 1_000, 'inconclusive'));
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
      expect(step({ ...inOverlap, record: over, acknowledgements: [web] }, policy)).toEqual(
        blocks('ConsumersNotAcknowledged', 8_000, 'batch'),
      );
      expect(step({ ...inOverlap, record: over, acknowledgements: [] }, policy)).toMatchObject({
        detail: 'web, batch',
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
  });

  it('looks at the account now and then during a long overlap', () => {
    const policy = { ...POLICY, observeEveryMs: 3_000 };
    expect(step(inOverlap, policy)).toEqual(waits('OverlapNotOver', 3_000));
  });
  it('does not count the overlap as over a millisecond early', () => {
    const record = present({ ...propagating, since: NOW - 29_999 });
    expect(step({ ...inOverlap, record })).toEqual(waits('OverlapNotOver', 1));
  });
  it('counts the word for any version published since', () => {
    const record = present({ ...propagating, since: NOW - 10_000, versions: [V2, V3] });
    const acknowledgements = [{ consumer: 'web', version: V2, at: NOW - 1 }];
    const seen = { ...inOverlap, record, acknowledgements, verdicts: both };
    expect(step(seen, { ...POLICY, consumers: ['web'] })).toMatchObject({ kind: 'regenerate', slot: 'key1' });
  });
  it('lets a late word end the hold', () => {
    const acknowledgements = [{ consumer: 'web', version: V2, at: NOW }];
    const seen = { ...inOverlap, record: over, acknowledgements, verdicts: both };
    expect(step(seen, { ...POLICY, consumers: ['web'] })).toMatchObject({ kind: 'regenerate', slot: 'key1' });
  });
  it('does not go back to a superseded value that leaked as well', () => {
    const requests = [
      asked('compromised', { fingerprint: K2_NEW }),
      asked('compromised', { id: 'compromised-2' as RequestId, fingerprint: K1 }),
    ];
    expect(step({ ...inOverlap, requests })).toMatchObject({ kind: 'regenerate', slot: 'key1', fingerprint: K1 });
  });
  it('does not go back to a superseded value that is gone', () => {
    const requests = [asked('compromised', { fingerprint: K2_NEW })];
    const seen = { ...inOverlap, requests, keys: { key1: K1_NEW, key2: K2_NEW } };
    expect(step(seen)).toMatchObject({ kind: 'record', record: { phase: 'retiring', attempts: 0, enteredAt: NOW } });
  });
  it('does not hold an emergency for words that are missing', () => {
    const requests = [asked('compromised', { fingerprint: K1 })];
    expect(step({ ...inOverlap, requests }, { ...POLICY, consumers: ['web'] })).toMatchObject({ kind: 'regenerate' });
  });
  it('answers a request for a rotation that came while one was under way with that one, when the overlap is over', () => {
    const requests = [asked('rotate')];
    expect(step({ ...inOverlap, requests })).toEqual(waits('OverlapNotOver', 25_000));
    const answered = [{ id: 'rotate-1', outcome: 'RotationStarted', rotationId: NEXT_ID }];
    const seen = { ...inOverlap, requests, record: over };
    expect(step({ ...seen, verdicts: both })).toMatchObject({ kind: 'regenerate', closes: answered });
    const gone = { ...seen, keys: { key1: K1_NEW, key2: K2_NEW } };
    expect(step(gone)).toMatchObject({ kind: 'record', record: { phase: 'retiring' }, closes: answered });
  });
});

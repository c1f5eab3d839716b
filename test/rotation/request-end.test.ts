// How requests end without being carried out: by their age, or by an operator's word.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import { earlierRequest } from '../../src/rotation/decide/request.ts';
import { expiresAt, withdrawalRefusal } from '../../src/rotation/decide/request-end.ts';
import type { OwnerId, Request, RequestId, RotationRecord, StoredRequest } from '../../src/rotation/model.ts';
import type { StoredEntity } from '../../src/rotation/ports.ts';
import {
  asked,
  atRest,
  idle,
  inOverlap,
  K1,
  K2,
  NOW,
  POLICY,
  preparing,
  present,
  propagating,
  retiring,
  retiringUnattempted,
} from './given.ts';

const DAY = 86_400_000;

describe('a request that waits for too long', () => {
  it.each([
    ['rotate', 35 * DAY],
    ['rollBack', 7 * DAY],
    ['approve', 7 * DAY],
  ] as const)('to %s expires, and nothing is done for it', (kind, age) => {
    const requests = [asked(kind, { at: NOW - age })];
    expect(decide({ ...atRest, requests }, POLICY, NOW)).toStrictEqual({
      kind: 'record',
      record: idle,
      closes: [{ id: `${kind}-1`, outcome: 'Expired' }],
      history: [{ kind: 'RequestClosed', requestId: `${kind}-1`, reason: 'Expired' }],
    });
    const young = decide({ ...atRest, requests: [asked(kind, { at: NOW - age + 1 })] }, POLICY, NOW);
    expect(young).not.toMatchObject({ closes: [{ outcome: 'Expired' }] });
  });
  it('expires also in an overlap, and while the account is paused', () => {
    const requests = [asked('rollBack', { at: NOW - 7 * DAY })];
    for (const isPaused of [true, false]) {
      expect(decide({ ...inOverlap, isPaused, requests }, POLICY, NOW)).toMatchObject({
        record: propagating,
        closes: [{ outcome: 'Expired' }],
      });
    }
  });
  it('says until when it waits; a request about a leaked key never expires', () => {
    expect(expiresAt(asked('rotate', { at: NOW }))).toBe(NOW + 35 * DAY);
    expect(expiresAt(asked('compromised', { at: NOW }))).toBeUndefined();
    const requests = [asked('compromised', { at: NOW - 4_000 * DAY, fingerprint: K1 })];
    expect(decide({ ...atRest, requests }, POLICY, NOW)).toMatchObject({ reason: 'RequestTooOld' });
  });
  it('is not the answer to the same wish: that would never be carried out', () => {
    const wish = { kind: 'rotate', reason: 'again' } as const;
    const old: StoredRequest = asked('rotate', { at: NOW - 35 * DAY });
    expect(earlierRequest(wish, [old], NOW)).toBeUndefined();
    expect(earlierRequest(wish, [old], NOW - 1)).toMatchObject({ isAnswer: true });
  });
});

describe('a request may be withdrawn', () => {
  const entityWith = (changes: Partial<StoredEntity> = {}): StoredEntity => ({
    lease: undefined,
    record: undefined,
    nextObservationAt: 0,
    lastPass: undefined,
    revision: 1,
    ...changes,
  });
  const refusal = (record: RotationRecord | undefined, request: StoredRequest, entity = entityWith()) =>
    withdrawalRefusal(
      { record: record === undefined ? { state: 'absent' } : present(record), entity },
      request,
      POLICY,
      NOW,
    );
  const leak = (extra: Partial<Request> = {}) => asked('compromised', { fingerprint: K1, ...extra });

  it('while nothing is done for it', () => {
    for (const record of [undefined, idle, preparing, propagating, retiring]) {
      expect(refusal(record, asked('rotate'))).toBeUndefined();
      expect(refusal(record, asked('compromised', { named: 'published' }))).toBeUndefined();
    }
    expect(refusal(idle, leak())).toBeUndefined();
    expect(refusal(propagating, leak({ fingerprint: propagating.published.fingerprint }))).toBeUndefined();
    expect(refusal(retiringUnattempted, leak())).toBeUndefined();
  });
  it('not after its end, nor after its key was replaced', () => {
    expect(refusal(idle, { ...asked('rotate'), closedAt: 1, outcome: 'RotationStarted' })).toStrictEqual({
      reason: 'RequestClosed',
      detail: 'The request has ended: RotationStarted.',
    });
    expect(refusal(retiring, leak({ replacedAt: 5 }))).toMatchObject({ reason: 'KeyReplaced' });
  });
  it('not after its rotation has begun; the rotation of another request is no obstacle', () => {
    const begun = { ...preparing, requestId: 'compromised-1' as RequestId };
    expect(refusal(begun, leak())).toStrictEqual({
      reason: 'RotationUnderWay',
      detail: 'Its rotation 8 has begun.',
    });
    expect(refusal({ ...begun, requestId: 'another' as RequestId }, leak())).toBeUndefined();
  });
  it('not while another key is published in its place: that overlap may never have been announced', () => {
    const { fingerprint } = propagating.superseded;
    expect(refusal(propagating, leak({ fingerprint }))).toStrictEqual({
      reason: 'RotationUnderWay',
      detail: 'Another key is published in place of the leaked key.',
    });
  });
  it('not while its key is regenerated: as the standby, as the superseded key, or as a sacrifice', () => {
    expect(refusal(preparing, leak({ fingerprint: preparing.before }))).toMatchObject({ reason: 'RegenerateUnderWay' });
    expect(refusal(retiring, leak({ fingerprint: retiring.superseded.fingerprint }))).toMatchObject({
      reason: 'RegenerateUnderWay',
    });
    const sacrifice = { slot: 'key1', before: K1, attemptAt: NOW - 1 } as const;
    expect(refusal({ ...idle, sacrifice }, leak())).toMatchObject({ reason: 'RegenerateUnderWay' });
    expect(refusal({ ...idle, sacrifice }, leak({ fingerprint: K2 }))).toBeUndefined();
  });
  it('not while a pass holds the account: it may have begun what the record does not show', () => {
    const held = (expiresAt: number) => entityWith({ lease: { owner: 'pass' as OwnerId, expiresAt } });
    const skew = POLICY.clockSkewMs;
    expect(refusal(idle, asked('rollBack'), held(NOW - skew + 1))).toStrictEqual({
      reason: 'PassUnderWay',
      detail: 'A pass is at work on the account, and may have begun an effect for the request.',
      until: NOW + 1,
    });
    expect(refusal(idle, asked('rollBack'), held(NOW - skew))).toBeUndefined();
  });
  it('not while the record cannot be understood: the write would lose the record', () => {
    const record = { state: 'unreadable', detail: 'damaged' } as const;
    expect(withdrawalRefusal({ record, entity: entityWith() }, leak(), POLICY, NOW)).toStrictEqual({
      reason: 'RecordUnreadable',
      detail: 'The stored record cannot be understood: damaged.',
    });
  });
  it('and is not the answer to the same words afterwards: the leak is reported again', () => {
    const wish = { kind: 'compromised', reason: 'leaked', fingerprint: K1 } as const;
    const closed = { ...leak({ at: NOW - 2 }), closedAt: NOW - 1 };
    expect(earlierRequest(wish, [{ ...closed, outcome: 'KeyReplaced' }], NOW)).toMatchObject({ isAnswer: true });
    expect(earlierRequest(wish, [{ ...closed, outcome: 'Withdrawn' }], NOW)).toBeUndefined();
  });
});

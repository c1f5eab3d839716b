// Requests about leaked keys: which value a name means, and what becomes of a request whose value is a key no longer.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Fingerprint, Observation, Request, RequestId } from '../../src/rotation/model.ts';
import {
  asked,
  atRest,
  blocks,
  ID,
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
  PUBLISHED_KEY1,
  PUBLISHED_KEY2,
  preparing,
  present,
  propagating,
  retiring,
  retiringUnattempted,
  verdicts,
} from './given.ts';

const step = (seen: Observation, policy = POLICY) => decide(seen, policy, NOW);
const named = (name: Request['named'] & string, at = NOW - 100) => asked('compromised', { named: name, at });
const leaked = (fingerprint: Fingerprint, extra: Partial<Request> = {}) =>
  asked('compromised', { fingerprint, ...extra });
const many = (count: number, request: Request): Request[] =>
  Array.from({ length: count }, (_, index) => ({ ...request, id: `c${index}` as RequestId }));

describe('the value that a name means', () => {
  /** The fingerprint that is written down for the one request. */
  const meant = (seen: Observation, request: Request) => {
    const decided = step({ ...seen, requests: [request] });
    return decided.kind === 'record' ? decided.marks : decided;
  };
  const written = (fingerprint: Fingerprint) => [{ id: 'compromised-1', fingerprint }];
  const renewed: Observation = { ...atRest, record: present(preparing), keys: { key1: K1, key2: K2_NEW } };

  it('is written down before anything is done about it, and changes nothing else', () => {
    expect(step({ ...atRest, requests: [named('key2')] })).toStrictEqual({
      kind: 'record',
      record: idle,
      closes: [],
      marks: [{ id: 'compromised-1', fingerprint: K2 }],
      history: [],
    });
  });
  it('is the live key of a slot, and the published one', () => {
    expect(meant(atRest, named('key1'))).toEqual(written(K1));
    expect(meant(atRest, named('key2'))).toEqual(written(K2));
    expect(meant(atRest, named('published'))).toEqual(written(K1));
    expect(meant(inOverlap, named('published', NOW - 9_000))).toEqual(written(K2_NEW));
  });
  it('is the value before a regenerate of the slot that was tried since the request', () => {
    expect(meant(renewed, named('key2', NOW - 1_000))).toEqual(written(K2));
    expect(meant(renewed, named('key2', NOW - 999))).toEqual(written(K2_NEW));
    expect(meant(renewed, named('key1', NOW - 1_000))).toEqual(written(K1));
  });
  it('is the superseded value where its slot was regenerated since the request', () => {
    expect(meant(inRetirement, named('key1', NOW - 1_000))).toEqual(written(K1));
    expect(meant(inRetirement, named('key1', NOW - 999))).toEqual(written(K1_NEW));
    expect(meant(inRetirement, named('key2', NOW - 1_000))).toEqual(written(K2_NEW));
  });
  it('is the present one where somebody else regenerated the slot: when is not known', () => {
    const seen = { ...inRetirement, record: present(retiringUnattempted) };
    expect(meant(seen, named('key1', NOW - 1_000))).toEqual(written(K1_NEW));
  });
  it('is no version that is younger than the request, but the one before it', () => {
    const at = (createdAt: number, seen: Observation) => ({
      ...seen,
      published: { state: 'live', ...PUBLISHED_KEY2, createdAt } as const,
    });
    // Key Vault tells the time of creation in whole seconds: a version of the same second may be the younger one.
    expect(meant(at(NOW - 1_100, inOverlap), named('published'))).toEqual(written(K2_NEW));
    expect(meant(at(NOW - 1_099, inOverlap), named('published'))).toEqual(written(K1));
    expect(meant(at(NOW - 1_099, inRetirement), named('published'))).toEqual(written(K1));
  });
  it('is what the record followed while it has not followed a younger version, live or dead', () => {
    const live = { state: 'live', ...PUBLISHED_KEY2, createdAt: NOW - 1_099 } as const;
    expect(meant({ ...renewed, published: live }, named('published'))).toEqual(written(K1));
    const dead = { state: 'dead', ...PUBLISHED_KEY2, fingerprint: K2, createdAt: NOW - 1_099 } as const;
    expect(meant({ ...renewed, published: dead }, named('published'))).toEqual(written(K1));
    const older = { ...dead, createdAt: NOW - 1_100 };
    expect(meant({ ...renewed, published: older }, named('published'))).toEqual(written(K2));
  });
  it('is the published value at rest however young its version is: a repair is no other value', () => {
    const published = { state: 'live', ...PUBLISHED_KEY1, createdAt: NOW - 99 } as const;
    expect(meant({ ...atRest, published }, named('published'))).toEqual(written(K1));
  });
  it('is the dead value that is published, until it is repaired', () => {
    const dead = { published: { state: 'dead', ...PUBLISHED_KEY1 }, keys: { key1: K1_NEW, key2: K2 } } as const;
    expect(meant({ ...atRest, ...dead }, named('published'))).toEqual(written(K1));
  });
  it('is the recorded one while there is no secret', () => {
    expect(meant({ ...atRest, published: { state: 'none' } }, named('published'))).toEqual(written(K1));
  });
  it('is the recorded one while Key Vault cannot be read only at rest, for an operator who accepts the outage', () => {
    const published = { state: 'unknown' } as const;
    const accepting = { ...named('published'), accepts: 'outage' } as const;
    const detail = 'name the leaked key as key1 or key2: which one is published cannot be read';
    expect(meant({ ...atRest, published }, accepting)).toEqual(written(K1));
    expect(meant({ ...atRest, published }, named('published'))).toEqual(blocks('SecretUnreachable', 1_000, detail));
    expect(meant({ ...inOverlap, published }, accepting)).toEqual(blocks('SecretUnreachable', 1_000, detail));
    const seen = { ...atRest, published: { ...published, cause: 'No answer.' } };
    expect(meant(seen, named('published'))).toEqual(blocks('SecretUnreachable', 1_000, `${detail}; No answer.`));
  });
  it('holds up no other request where it cannot be told', () => {
    const seen: Observation = { ...inOverlap, published: { state: 'unknown' } };
    const requests = [...many(20, named('published')), named('key1')];
    expect(step({ ...seen, requests })).toMatchObject({ marks: written(K1) });
  });
  it('waits for the record of an account that is not adopted yet', () => {
    const seen: Observation = { ...atRest, record: { state: 'absent' }, requests: [named('key2')] };
    expect(step(seen)).toMatchObject({ kind: 'record', record: { phase: 'idle', rotationId: 0 }, closes: [] });
    expect(step(seen)).not.toHaveProperty('marks');
  });
  it('is written for at most twenty requests at once', () => {
    expect(step({ ...atRest, requests: many(24, named('key2')) })).toMatchObject({
      marks: { length: 20, 0: { id: 'c0' }, 19: { id: 'c19' } },
    });
  });
  it('is not asked of a request that gives the value, or that is about no key', () => {
    const requests = [asked('rotate', { at: NOW - 900 }), leaked(K2)];
    expect(step({ ...atRest, requests })).toMatchObject({ kind: 'regenerate', slot: 'key2' });
  });
});

describe('a request whose value is a key no longer', () => {
  it('is closed as replaced: nothing keeps the value, so that its death cannot be asked about', () => {
    expect(step({ ...atRest, requests: [leaked(K2_NEW)] })).toStrictEqual({
      kind: 'record',
      record: idle,
      closes: [{ id: 'compromised-1', outcome: 'KeyReplaced', rotationId: ID }],
      history: [{ kind: 'RequestClosed', requestId: 'compromised-1', reason: 'KeyReplaced', fingerprint: K2_NEW }],
    });
  });
  it('stays open for the proof where the value is the superseded one', () => {
    expect(step({ ...inRetirement, requests: [leaked(K1)] })).toStrictEqual({
      kind: 'record',
      record: retiring,
      closes: [],
      marks: [{ id: 'compromised-1', replacedAt: NOW }],
      history: [{ kind: 'KeyReplaced', requestId: 'compromised-1', fingerprint: K1 }],
    });
    const gone = { ...inOverlap, keys: { key1: K1_NEW, key2: K2_NEW }, requests: [leaked(K1)] };
    expect(step(gone)).toMatchObject({ record: propagating, marks: [{ id: 'compromised-1', replacedAt: NOW }] });
  });
  it('is marked once, and holds nothing up from then on', () => {
    const requests = [leaked(K1, { replacedAt: NOW - 50 })];
    expect(step({ ...inRetirement, requests })).toEqual({ kind: 'probe', fingerprint: K2_NEW });
    expect(step({ ...inRetirement, requests, announced: { state: 'unknown' } })).toMatchObject({
      reason: 'AnnouncementUnknown',
    });
  });
  it('is no request about a live key, and is dealt with before what is', () => {
    const requests = [leaked(K2_NEW), { ...leaked(K2), id: 'c2' as RequestId }];
    expect(step({ ...atRest, requests })).toMatchObject({ kind: 'record', closes: [{ id: 'compromised-1' }] });
    expect(step({ ...atRest, requests: requests.slice(1) })).toMatchObject({ kind: 'regenerate', slot: 'key2' });
  });
  it('is marked or closed in portions of twenty, both counted', () => {
    const superseded = many(11, leaked(K1));
    const others = many(11, leaked(K2)).map((request) => ({ ...request, id: `d${request.id}` as RequestId }));
    expect(step({ ...inRetirement, requests: [...superseded, ...others] })).toMatchObject({
      marks: { length: 11 },
      closes: { length: 9 },
    });
  });
  it('is closed as dead when the death is proven, as replaced when it is not', () => {
    const requests = [
      leaked(K1, { replacedAt: NOW - 50 }),
      { ...leaked(K1, { replacedAt: NOW - 50 }), id: 'c2' as RequestId },
      asked('rotate'),
    ];
    const closes = (outcome: string) => [
      { id: 'compromised-1', outcome, rotationId: NEXT_ID },
      { id: 'c2', outcome, rotationId: NEXT_ID },
      { id: 'rotate-1', outcome: 'RotationStarted', rotationId: NEXT_ID },
    ];
    const seen = { ...inRetirement, requests };
    const proven = step({ ...seen, supersededVersion: 'markedRejected' });
    expect(proven).toMatchObject({ record: { phase: 'idle' }, closes: closes('KeyIsDead') });
    const unproven = step({ ...seen, supersededVersion: 'missing' });
    expect(unproven).toMatchObject({ record: { phase: 'idle' }, closes: closes('KeyReplaced') });
  });
  it('is closed as replaced when the proof gives way to another emergency', () => {
    const requests = [leaked(K1, { replacedAt: NOW - 50 }), { ...leaked(K2_NEW), id: 'c2' as RequestId }];
    expect(step({ ...inRetirement, requests })).toMatchObject({
      record: { phase: 'idle' },
      closes: [{ id: 'compromised-1', outcome: 'KeyReplaced' }],
    });
  });
  it('is closed in portions of ten where a retirement ends, the others after it', () => {
    const requests = [...many(12, leaked(K1, { replacedAt: NOW - 50 })), ...many(12, asked('rotate'))];
    const seen: Observation = { ...inRetirement, requests: requests.slice(0, 13), supersededVersion: 'markedRejected' };
    expect(step(seen)).toMatchObject({ closes: { length: 11, 9: { id: 'c9' }, 10: { outcome: 'RotationStarted' } } });
    const rested = present({ ...idle, published: PUBLISHED_KEY2 });
    expect(step({ ...inRetirement, record: rested, requests: requests.slice(10, 12) })).toMatchObject({
      closes: [
        { id: 'c10', outcome: 'KeyReplaced' },
        { id: 'c11', outcome: 'KeyReplaced' },
      ],
    });
  });
  it('is closed as replaced when its value is no longer the superseded one', () => {
    const record = present({ ...preparing, attemptAt: NOW - 12_000 });
    const seen = { ...atRest, record, keys: { key1: K1, key2: K2_NEW }, verdicts: verdicts({ [K2_NEW]: 'accepted' }) };
    expect(step({ ...seen, requests: [leaked(K2, { replacedAt: NOW - 9 })] })).toMatchObject({
      closes: [{ id: 'compromised-1', outcome: 'KeyReplaced', rotationId: NEXT_ID }],
    });
  });
});

// An operator's wish before it is stored.
import { describe, expect, it } from 'vitest';
import {
  admitRotation,
  earlierRequest,
  fingerprintNamed,
  isSameWish,
  type Wish,
} from '../../src/rotation/decide/request.ts';
import {
  asked,
  atRest,
  idle,
  inOverlap,
  K1,
  K2,
  K2_NEW,
  NOW,
  POLICY,
  PUBLISHED_KEY1,
  preparing,
  propagating,
  retiring,
} from './given.ts';

describe('which value a name means', () => {
  it('is the key of the slot, or the published one', () => {
    expect(fingerprintNamed('key1', atRest)).toBe(K1);
    expect(fingerprintNamed('key2', atRest)).toBe(K2);
    expect(fingerprintNamed('published', inOverlap)).toBe(K2_NEW);
  });
  it('is none when no live key is published', () => {
    expect(fingerprintNamed('published', { ...atRest, published: { state: 'none' } })).toBeUndefined();
    expect(
      fingerprintNamed('published', { ...atRest, published: { state: 'dead', ...PUBLISHED_KEY1 } }),
    ).toBeUndefined();
  });
});

describe('whether a repeated call means the same', () => {
  const stored = asked('compromised', { named: 'key1', overlapMs: 5, fingerprint: K1 });
  const wish: Wish = { kind: 'compromised', reason: 'asked', named: 'key1', overlapMs: 5 };
  it('does when everything that the caller says is equal', () => {
    expect(isSameWish(stored, wish)).toBe(true);
  });
  it.each([[{ kind: 'rotate' }], [{ reason: 'another' }], [{ named: 'key2' }], [{ overlapMs: 6 }]] as const)(
    'does not with %j',
    (difference) => {
      expect(isSameWish(stored, { ...wish, ...difference })).toBe(false);
    },
  );
});

describe('whether a rotation may be asked for', () => {
  it.each([
    ['an account at rest', idle],
    ['one that is not adopted', undefined],
    ['one whose new key does not come', preparing],
  ])('%s: yes', (_, record) => {
    expect(admitRotation(record, POLICY)).toEqual({ state: 'admitted' });
  });
  it('not inside an overlap, but when it is over', () => {
    expect(admitRotation(propagating, POLICY)).toEqual({ state: 'refused', phase: 'propagating', until: NOW + 25_000 });
  });
  // The runbook's way out of RegenerateHasNoEffect, in retiring as in preparing.
  it('for one whose superseded key does not go: it allows another round', () => {
    expect(admitRotation({ ...retiring, attempts: 3 }, POLICY)).toEqual({ state: 'admitted' });
    expect(admitRotation({ ...retiring, attempts: 2 }, POLICY)).toEqual({ state: 'refused', phase: 'retiring' });
  });
  it('not while the superseded key is retired', () => {
    expect(admitRotation(retiring, POLICY)).toEqual({ state: 'refused', phase: 'retiring' });
  });
});

describe('which stored request a wish is about', () => {
  const HOUR = 3_600_000;
  const wish: Wish = { kind: 'compromised', reason: 'leaked', named: 'published' };
  const first = { ...asked('compromised', { named: 'published', fingerprint: K1 }), at: NOW - 60_000 };

  it('is the open one about the same name, or the same fingerprint', () => {
    expect(earlierRequest(wish, [first], NOW)).toEqual({ request: first, isAnswer: true });
    const byValue: Wish = { kind: 'compromised', reason: 'leaked', fingerprint: K1 };
    expect(earlierRequest(byValue, [first], NOW)).toEqual({ request: first, isAnswer: true });
    expect(earlierRequest({ ...wish, named: 'key2' }, [first], NOW)).toBeUndefined();
    expect(earlierRequest({ ...byValue, fingerprint: K2 }, [first], NOW)).toBeUndefined();
  });
  it('is one that has ended for an hour more: by then the name means the successor', () => {
    const ended = { ...first, closedAt: NOW - HOUR + 1 };
    expect(earlierRequest(wish, [ended], NOW)).toEqual({ request: ended, isAnswer: true });
    expect(earlierRequest(wish, [{ ...first, closedAt: NOW - HOUR }], NOW)).toBeUndefined();
  });
  it('is none that is a week old: then the wish is its confirmation', () => {
    const old = { ...first, at: NOW - 7 * 24 * HOUR };
    expect(earlierRequest(wish, [old], NOW)).toBeUndefined();
    expect(earlierRequest(wish, [{ ...old, at: old.at + 1 }], NOW)).toMatchObject({ isAnswer: true });
  });
  it('does not answer a wish that says more, but the second of that kind answers the third', () => {
    const more: Wish = { ...wish, accepts: 'outage' };
    expect(earlierRequest(more, [first], NOW)).toEqual({ request: first, isAnswer: false });
    expect(earlierRequest({ ...wish, overlapMs: 5 }, [first], NOW)).toEqual({ request: first, isAnswer: false });
    const second = { ...first, accepts: 'outage' as const };
    expect(earlierRequest(more, [first, second], NOW)).toEqual({ request: second, isAnswer: true });
  });
  it('is an open one of the same kind for anything else', () => {
    const rotate: Wish = { kind: 'rotate', reason: 'now' };
    const open = asked('rotate');
    expect(earlierRequest(rotate, [first, open], NOW)).toEqual({ request: open, isAnswer: true });
    expect(earlierRequest(rotate, [first, { ...open, closedAt: NOW - 1 }], NOW)).toBeUndefined();
  });
});

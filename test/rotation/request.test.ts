// An operator's wish before it is stored.
import { describe, expect, it } from 'vitest';
import { admitRotation, fingerprintNamed, isSameWish, type Wish } from '../../src/rotation/request.ts';
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

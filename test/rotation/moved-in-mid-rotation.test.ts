// An account is moved twice, the second time in mid-rotation: the record of its second id is the last one.
import { expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { AccountId } from '../../src/rotation/model.ts';
import type { Place } from '../../src/rotation/place.ts';
import { predecessorOf } from '../../src/rotation/predecessor.ts';
import {
  atRest,
  idle,
  K1,
  K2,
  K2_NEW,
  NOW,
  PLACE,
  POLICY,
  PUBLISHED_KEY1,
  PUBLISHED_KEY2,
  propagating,
  V1,
} from './given.ts';

const OLD: Place = { ...PLACE, secretName: 'old-key', referenceKey: 'old:Key', flagName: 'old-uses-key2' };
const OLDER: Place = { ...OLD, secretName: 'older-key' };
const of = (name: string): AccountId => `/subscriptions/s/resourcegroups/${name}/accounts/language` as AccountId;

it('the predecessor is the record in mid-rotation, not an older one at rest whose key is the superseded one', () => {
  const first = {
    accountId: of('a'),
    record: { ...idle, place: OLDER, published: PUBLISHED_KEY1, rotatedAt: NOW - 900_000 },
  };
  const second = {
    accountId: of('b'),
    record: { ...propagating, place: OLD, published: PUBLISHED_KEY2, since: NOW - 10 },
  };
  expect(predecessorOf([first, second], { key1: K1, key2: K2_NEW })).toMatchObject({ place: OLD, slot: 'key2' });
});

it('an adoption publishes the key in use also where the new place holds a dead key of an earlier life', () => {
  const seen = {
    ...atRest,
    record: { state: 'absent' as const },
    predecessor: { accountId: '/former', place: OLD, slot: 'key2' as const },
    keys: { key1: K1, key2: K2 },
    published: { state: 'dead' as const, slot: 'key1' as const, version: V1, fingerprint: K2_NEW },
    verdicts: new Map([K1, K2].map((key) => [key, { verdict: 'accepted' as const, inARow: 1 }])),
  };
  expect(decide(seen, POLICY, NOW)).toMatchObject({ kind: 'publish', slot: 'key2' });
});

it('a former place that cannot be read any more holds up an adopted account for the maximum overlap, not for ever', () => {
  const record = { ...idle, place: PLACE, former: { place: OLD }, rotatedAt: NOW };
  const seen = { ...atRest, record: { state: 'present' as const, record }, former: { state: 'unknown' as const } };
  expect(decide(seen, POLICY, NOW + 1000 * POLICY.overlapMaximumMs)).not.toMatchObject({
    reason: 'FormerPlaceUnknown',
  });
});

// Which record an account had under another ARM id: only its keys show it.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { AccountId, IdleRecord, Observation, RotationId } from '../../src/rotation/model.ts';
import type { Place } from '../../src/rotation/place.ts';
import { predecessorOf } from '../../src/rotation/predecessor.ts';
import { atRest, idle, K1, K1_NEW, K2, NOW, PLACE, POLICY, PUBLISHED_KEY1, propagating, V1 } from './given.ts';

const OLD: Place = { ...PLACE, secretName: 'old-key', referenceKey: 'old:Key', flagName: 'old-uses-key2' };
const OLDER: Place = { ...OLD, secretName: 'older-key' };
const of = (name: string): AccountId => `/subscriptions/s/resourcegroups/${name}/accounts/language` as AccountId;
const KEYS = { key1: K1, key2: K2 };
const IN_KEY2 = { slot: 'key2' as const, version: V1, fingerprint: K2 };

describe('the former record of an account', () => {
  it('is the one whose published key is a key of the account, in whichever slot', () => {
    const stranger = {
      accountId: of('a'),
      record: { ...idle, place: OLDER, published: { ...IN_KEY2, fingerprint: K1_NEW } },
    };
    const same = { accountId: of('b'), record: { ...idle, place: OLD, published: IN_KEY2 } };
    expect(predecessorOf([stranger, same], KEYS)).toEqual({ accountId: of('b'), place: OLD, slot: 'key2' });
    expect(predecessorOf([stranger], KEYS)).toBeUndefined();
    expect(predecessorOf([], KEYS)).toBeUndefined();
  });
  it('is the last of several: the account was moved more than once', () => {
    const first = { accountId: of('a'), record: { ...propagating, place: OLDER, published: PUBLISHED_KEY1, since: 0 } };
    const second = { accountId: of('b'), record: { ...idle, place: OLDER, rotatedAt: 1 } };
    const third = { accountId: of('c'), record: { ...idle, place: OLD, rotatedAt: 2 } };
    expect(predecessorOf([second, first, third], KEYS)?.place).toBe(OLD);
    expect(predecessorOf([first, second], KEYS)?.place).toBe(OLDER);
  });
  it('is not known from a record of an earlier version, which names no place', () => {
    expect(predecessorOf([{ accountId: of('a'), record: idle }], KEYS)).toBeUndefined();
  });
});

const predecessor = { accountId: of('a'), place: OLD, slot: 'key2' as const };
const ADOPTING: Observation = { ...atRest, record: { state: 'absent' }, published: { state: 'none' }, predecessor };
const accepted = (fingerprint: typeof K1) => new Map([[fingerprint, { verdict: 'accepted' as const, inARow: 1 }]]);
const ADOPTED: IdleRecord = {
  phase: 'idle',
  rotationId: 0 as RotationId,
  published: PUBLISHED_KEY1,
  place: PLACE,
  rotatedAt: NOW,
  standby: K2,
  adoptedAt: NOW,
  jitterMs: 0,
};

describe('an account that was moved to another resource group', () => {
  it('is published with the key that its former id published', () => {
    expect(decide(ADOPTING, POLICY, NOW)).toEqual({ kind: 'probe', fingerprint: K2 });
    expect(decide({ ...ADOPTING, verdicts: accepted(K2) }, POLICY, NOW)).toEqual({
      kind: 'publish',
      slot: 'key2',
      fingerprint: K2,
      reason: 'AccountAdopted',
    });
  });
  it('is adopted in a move from the place where it was published', () => {
    expect(decide({ ...atRest, record: { state: 'absent' }, predecessor }, POLICY, NOW)).toEqual({
      kind: 'record',
      record: { ...ADOPTED, former: { place: OLD, accountId: of('a') } },
      closes: [],
      history: [{ kind: 'Adopted', ...PUBLISHED_KEY1 }, { kind: 'MoveBegan' }],
    });
  });
  it('is adopted as usual where its names have stayed', () => {
    const stayed = { ...predecessor, place: PLACE };
    expect(decide({ ...atRest, record: { state: 'absent' }, predecessor: stayed }, POLICY, NOW)).toMatchObject({
      record: ADOPTED,
      history: [{ kind: 'Adopted' }],
    });
  });
});

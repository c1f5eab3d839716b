// Both keys of an account at rest have changed: it was made again under its id, or renewed by hand.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { IdleRecord, Observation, SecretVersion } from '../../src/rotation/model.ts';
import { atRest, ID, idle, K1, K1_NEW, K2, K2_NEW, NOW, PLACE, POLICY, present } from './given.ts';

const REPAIRED = {
  slot: 'key1' as const,
  version: 'a00000000000000000000000000000ff' as SecretVersion,
  fingerprint: K1_NEW,
};
const settled: IdleRecord = { ...idle, place: PLACE, standby: K2, standbyApprovedAt: 1 };
const announced = { state: 'read' as const, isReferenceInLine: true, isFlagInLine: true };
const repaired = (record: IdleRecord, key2: Observation['keys']['key2']): Observation => ({
  ...atRest,
  record: present(record),
  published: { state: 'live', ...REPAIRED },
  keys: { key1: K1_NEW, key2 },
  announced,
});

describe('an account at rest whose published key was repaired', () => {
  it('is adopted again if the standby key has changed as well: an approval of before says nothing', () => {
    expect(decide(repaired(settled, K2_NEW), POLICY, NOW)).toEqual({
      kind: 'record',
      record: {
        phase: 'idle',
        rotationId: ID,
        published: REPAIRED,
        place: PLACE,
        rotatedAt: NOW,
        standby: K2_NEW,
        adoptedAt: NOW,
        jitterMs: 0,
      },
      closes: [],
      history: [{ kind: 'Adopted', ...REPAIRED }],
    });
  });
  it('keeps the intent of a sacrifice, whose attempt may still be under way', () => {
    const sacrifice = { slot: 'key1' as const, before: K1, attemptAt: NOW - 1_000 };
    expect(decide(repaired({ ...settled, sacrifice }, K2_NEW), POLICY, NOW)).toMatchObject({ record: { sacrifice } });
  });
  it('goes on if only the published key has changed', () => {
    expect(decide(repaired(settled, K2), POLICY, NOW)).toMatchObject({
      record: { ...settled, published: REPAIRED },
      history: [{ kind: 'Repaired' }],
    });
  });
  it('goes on if its record does not know the standby key', () => {
    expect(decide(repaired(idle, K2_NEW), POLICY, NOW)).toMatchObject({ history: [{ kind: 'Repaired' }] });
  });
  it('goes on if the same value was published again', () => {
    const again: Observation = {
      ...repaired(settled, K2_NEW),
      published: { state: 'live', ...REPAIRED, fingerprint: K1 },
      keys: { key1: K1, key2: K2_NEW },
    };
    expect(decide(again, POLICY, NOW)).toMatchObject({ history: [{ kind: 'Repaired' }] });
  });
});

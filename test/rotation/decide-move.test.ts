// An account whose configured names change moves: both places hold the published key until readers had an overlap.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { IdleRecord, Observation, SecretVersion } from '../../src/rotation/model.ts';
import { type Place } from '../../src/rotation/place.ts';
import { formerAfterMove, workingPlace } from '../../src/rotation/working-place.ts';
import {
  atRest,
  ID,
  idle,
  inOverlap,
  K1,
  K2,
  K2_NEW,
  NOW,
  PLACE,
  POLICY,
  present,
  propagating,
  V1,
  waits,
} from './given.ts';

const OLD: Place = { ...PLACE, secretName: 'old-key', referenceKey: 'old:Key', flagName: 'old-uses-key2' };
const THIRD: Place = { ...PLACE, secretName: 'third-key' };
const OLD_VERSION = 'a000000000000000000000000000000a' as SecretVersion;
const KEPT = {
  state: 'kept' as const,
  version: OLD_VERSION,
  fingerprint: K1,
  isReferenceInLine: true,
  isFlagInLine: true,
};
const placed: IdleRecord = { ...idle, place: OLD };
const moving: IdleRecord = { ...idle, place: PLACE, former: { place: OLD } };
const announced: IdleRecord = { ...idle, place: PLACE, former: { place: OLD, since: NOW - 10_000 } };
const step = (seen: Partial<Observation>) => decide({ ...atRest, ...seen }, POLICY, NOW);

describe('an account whose names have changed', () => {
  it('notes the new place before it publishes there', () => {
    expect(step({ record: present(placed), published: { state: 'none' } })).toEqual({
      kind: 'record',
      record: { ...idle, place: PLACE, former: { place: OLD } },
      closes: [],
      history: [{ kind: 'MoveBegan' }],
    });
  });
  it('publishes the key in use in the new place', () => {
    const verdicts = new Map([[K1, { verdict: 'accepted' as const, inARow: 1 }]]);
    expect(step({ record: present(moving), published: { state: 'none' }, verdicts })).toEqual({
      kind: 'publish',
      slot: 'key1',
      fingerprint: K1,
      reason: 'PlaceChanged',
    });
  });
  it('publishes the slot of its record where the new place holds a dead value of the other slot', () => {
    const verdicts = new Map([[K1, { verdict: 'accepted' as const, inARow: 1 }]]);
    const published = { state: 'dead' as const, slot: 'key2' as const, version: V1, fingerprint: K2_NEW };
    expect(step({ record: present(moving), published, verdicts })).toMatchObject({ kind: 'publish', slot: 'key1' });
  });
  it('notes when the new place is in line, and that the move is over after the maximum overlap', () => {
    expect(step({ record: present(moving), former: KEPT })).toMatchObject({
      kind: 'record',
      record: { former: { place: OLD, since: NOW } },
      history: [{ kind: 'MoveAnnounced' }],
    });
    expect(step({ record: present(announced), former: KEPT })).toEqual(waits('NotDue', 50_000));
    const over = decide({ ...atRest, record: present(announced), former: KEPT }, POLICY, NOW + 20_000);
    expect(over).toEqual({
      kind: 'record',
      record: { ...idle, place: PLACE },
      closes: [],
      history: [{ kind: 'MoveEnded' }],
    });
  });
});

describe('the place that an account has left', () => {
  it('gets the published key before the record follows, so that its readers have the whole overlap', () => {
    const record = present({ ...announced, published: { slot: 'key1', version: V1, fingerprint: K1 } });
    const seen = { ...inOverlap, record, former: KEPT };
    expect(decide(seen, POLICY, NOW)).toEqual({
      kind: 'publish',
      slot: 'key2',
      fingerprint: K2_NEW,
      reason: 'FormerPlaceBehind',
      at: 'former',
    });
  });
  it('gets its own reference and flag', () => {
    const former = { ...KEPT, isReferenceInLine: false, isFlagInLine: false };
    expect(step({ record: present(announced), former })).toEqual({
      kind: 'announceReference',
      version: OLD_VERSION,
      at: 'former',
    });
    expect(step({ record: present(announced), former: { ...former, isReferenceInLine: true } })).toEqual({
      kind: 'announceFlag',
      slot: 'key1',
      version: OLD_VERSION,
      at: 'former',
    });
  });
  it('counts for acknowledgements', () => {
    const record = present({ ...announced, published: { slot: 'key1', version: V1, fingerprint: K1 } });
    const former = { ...KEPT, fingerprint: K2_NEW };
    expect(decide({ ...inOverlap, record, former }, POLICY, NOW)).toMatchObject({
      record: { phase: 'propagating', rotationId: ID + 1, versions: [OLD_VERSION, expect.any(String)] },
    });
  });
  it('is not written any more once others have changed it', () => {
    expect(step({ record: present(announced), former: { state: 'left' } })).toEqual(waits('NotDue', 50_000));
  });
  it('holds routine steps while it cannot be read, until the move is over', () => {
    const seen = { ...atRest, record: present(announced), former: { state: 'unknown' as const } };
    expect(decide(seen, POLICY, NOW)).toEqual(waits('FormerPlaceUnknown', 1_000));
    const former = { ...seen.former, cause: 'No answer.' };
    expect(decide({ ...seen, former }, POLICY, NOW)).toEqual(waits('FormerPlaceUnknown', 1_000, 'No answer.'));
    expect(decide(seen, POLICY, NOW + 20_000)).toMatchObject({ history: [{ kind: 'MoveEnded' }] });
  });
  it('is not written any more once the move is over: a vault that refuses writes must not hold it up', () => {
    const seen = { ...atRest, record: present(announced), former: { ...KEPT, fingerprint: K2 } };
    expect(decide(seen, POLICY, NOW)).toMatchObject({ kind: 'publish', at: 'former' });
    expect(decide(seen, POLICY, NOW + 20_000)).toMatchObject({ history: [{ kind: 'MoveEnded' }] });
  });
  it('holds no emergency while it cannot be read', () => {
    const requests = [
      { id: 'r' as never, kind: 'compromised' as const, reason: '', by: '', at: NOW - 1, fingerprint: K2 },
    ];
    const seen = { ...atRest, record: present({ ...announced, former: { place: OLD, since: NOW } }), requests };
    expect(decide({ ...seen, former: { state: 'unknown' } }, POLICY, NOW)).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
    });
  });
});

describe('the place of a pass', () => {
  it('is the configured one at rest', () => {
    expect(workingPlace(placed, PLACE, false)).toBe(PLACE);
  });
  it('stays the recorded one in mid-rotation and in an emergency', () => {
    expect(workingPlace({ ...propagating, place: OLD }, PLACE, false)).toBe(OLD);
    expect(workingPlace(placed, PLACE, true)).toBe(OLD);
  });
  it('stays until a move is over, if a third place is configured', () => {
    expect(workingPlace(announced, THIRD, false)).toBe(PLACE);
    expect(workingPlace(moving, THIRD, false)).toBe(THIRD);
    expect(formerAfterMove(moving, THIRD)).toEqual({ place: OLD });
  });
  it('is the former one again as soon as it is configured again', () => {
    expect(workingPlace(announced, OLD, false)).toBe(OLD);
    expect(formerAfterMove(announced, OLD)).toEqual({ place: PLACE });
  });
});

describe('a former place that cannot be read', () => {
  const unknown = { state: 'unknown' as const };
  it('does not hold up the announcement while the key is the same: the overlap bounds the wait', () => {
    expect(step({ record: present(moving), former: unknown })).toMatchObject({ history: [{ kind: 'MoveAnnounced' }] });
  });
  it('holds up a record that would follow another key: it would not know the former content any more', () => {
    const key = '1111111111111119' as typeof K1;
    const published = { state: 'live' as const, slot: 'key1' as const, version: V1, fingerprint: key };
    const seen = { record: present(moving), former: unknown, published, keys: { key1: key, key2: K2 } };
    expect(step(seen)).toMatchObject({ kind: 'wait', reason: 'FormerPlaceUnknown' });
  });
});

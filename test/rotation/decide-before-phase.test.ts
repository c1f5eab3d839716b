// The rules before the phase, A to D, one sentence per row: who must look first, repair, announce, follow.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Observation, RequestId, SecretVersion } from '../../src/rotation/model.ts';
import {
  asked,
  atRest,
  blocks,
  IN_LINE,
  idle,
  inOverlap,
  inRetirement,
  K1,
  K1_NEW,
  K2,
  K2_NEW,
  NEXT_ID,
  NOW,
  PLACE,
  POLICY,
  PUBLISHED_KEY1,
  PUBLISHED_KEY2,
  preparing,
  present,
  propagating,
  retiring,
  V1,
  V2,
  V3,
  verdicts,
  waits,
} from './given.ts';

const OUT_OF_LINE = { state: 'read', isReferenceInLine: false, isFlagInLine: false } as const;
const step = (seen: Observation, policy = POLICY) => decide(seen, policy, NOW);

describe('A: somebody must look first', () => {
  it.each([
    ['the newest version is not ours', { published: { state: 'foreign', version: V3 } }, 'SecretNotRecognised'],
    ['the newest version is disabled', { published: { state: 'disabled' } }, 'SecretDisabled'],
    ['both slots hold the same value', { keys: { key1: K1, key2: K1 } }, 'KeysIdentical'],
  ] as const)('blocks when %s', (_, difference, reason) => {
    expect(step({ ...atRest, ...difference })).toStrictEqual(blocks(reason, 8_000));
  });
  it('blocks when the record cannot be understood, and says why', () => {
    const seen: Observation = { ...atRest, record: { state: 'unreadable', detail: 'schema 9' } };
    expect(step(seen)).toEqual(blocks('RecordUnreadable', 8_000, 'schema 9'));
  });

  it('blocks even for a compromised key', () => {
    const requests = [asked('compromised', { fingerprint: K1 })];
    expect(step({ ...atRest, requests, published: { state: 'disabled' } })).toEqual(blocks('SecretDisabled', 8_000));
  });

  it('does nothing when it may only observe, whatever there is to mend', () => {
    const seen: Observation = { ...atRest, published: { state: 'none' }, announced: OUT_OF_LINE };
    expect(step(seen, { ...POLICY, isObserveOnly: true })).toEqual(waits('ObserveOnly', 60_000));
  });
});

describe('B: repair', () => {
  const dead: Observation = {
    ...atRest,
    published: { state: 'dead', ...PUBLISHED_KEY1 },
    keys: { key1: K1_NEW, key2: K2 },
  };
  const repaired = { kind: 'publish', slot: 'key1', fingerprint: K1_NEW, reason: 'PublishedKeyDrifted' };

  it('asks the data plane about the present value of the slot first', () => {
    expect(step(dead)).toEqual({ kind: 'probe', fingerprint: K1_NEW });
  });
  it('publishes it when it is accepted', () => {
    expect(step({ ...dead, verdicts: verdicts({ [K1_NEW]: 'accepted' }) })).toEqual(repaired);
  });
  it('publishes it although nothing is certain: nothing better is left', () => {
    expect(step({ ...dead, verdicts: verdicts({ [K1_NEW]: 'inconclusive' }) })).toEqual(repaired);
  });
  it('asks about the published value before it replaces it by a rejected one', () => {
    expect(step({ ...dead, verdicts: verdicts({ [K1_NEW]: 'rejected' }) })).toEqual({ kind: 'probe', fingerprint: K1 });
  });
  it('waits while the new value is rejected and the published one still accepted', () => {
    const seen = { ...dead, verdicts: verdicts({ [K1_NEW]: 'rejected', [K1]: 'accepted' }) };
    expect(step(seen)).toEqual(blocks('RepairKeyNotAccepted', 1_000));
  });
  it('publishes a rejected value when the published one is rejected too', () => {
    expect(step({ ...dead, verdicts: verdicts({ [K1_NEW]: 'rejected', [K1]: 'rejected' }) })).toEqual(repaired);
  });
  it('takes the other slot when the present value is compromised', () => {
    const requests = [asked('compromised', { fingerprint: K1_NEW })];
    const seen = { ...dead, requests, verdicts: verdicts({ [K2]: 'accepted' }) };
    expect(step(seen)).toEqual({ ...repaired, slot: 'key2', fingerprint: K2 });
  });
  it('takes the compromised value when both are', () => {
    const requests = [
      asked('compromised', { fingerprint: K1_NEW }),
      asked('compromised', { id: 'c2' as RequestId, fingerprint: K2 }),
    ];
    expect(step({ ...dead, requests, verdicts: verdicts({ [K1_NEW]: 'accepted' }) })).toEqual(repaired);
  });
  it('publishes the recorded slot again when the secret is gone', () => {
    const seen: Observation = {
      ...inOverlap,
      published: { state: 'none' },
      verdicts: verdicts({ [K2_NEW]: 'rejected' }),
    };
    expect(step(seen)).toEqual({ kind: 'publish', slot: 'key2', fingerprint: K2_NEW, reason: 'SecretMissing' });
  });
  it('adopts an account without a secret by publishing key1, once it is accepted', () => {
    const seen: Observation = { ...atRest, record: { state: 'absent' }, published: { state: 'none' } };
    expect(step({ ...seen, verdicts: verdicts({ [K1]: 'accepted' }) })).toEqual({
      kind: 'publish',
      slot: 'key1',
      fingerprint: K1,
      reason: 'AccountAdopted',
    });
    expect(step({ ...seen, verdicts: verdicts({ [K1]: 'inconclusive' }) })).toEqual(
      blocks('AdoptionKeyNotAccepted', 1_000),
    );
  });
  it('stays with the slot that the dead version was published for, whatever the record followed last', () => {
    const seen: Observation = {
      ...dead,
      published: { state: 'dead', ...PUBLISHED_KEY2 },
      verdicts: verdicts({ [K2]: 'accepted' }),
    };
    expect(step(seen)).toEqual({ ...repaired, slot: 'key2', fingerprint: K2 });
  });
  it('adopts with key2 when key1 is compromised', () => {
    const requests = [asked('compromised', { fingerprint: K1 })];
    const seen: Observation = { ...atRest, record: { state: 'absent' }, published: { state: 'none' }, requests };
    expect(step(seen)).toEqual({ kind: 'probe', fingerprint: K2 });
  });
  it('repairs a dead version that only its tags call ours, before it is adopted', () => {
    const seen: Observation = {
      ...dead,
      record: { state: 'absent' },
      verdicts: verdicts({ [K1_NEW]: 'inconclusive' }),
    };
    expect(step(seen)).toEqual(repaired);
  });
  it('comes before announcing: a dead value is never announced', () => {
    expect(step({ ...dead, announced: OUT_OF_LINE })).toEqual({ kind: 'probe', fingerprint: K1_NEW });
  });
  it('happens while paused and frozen', () => {
    const seen = { ...dead, isPaused: true, verdicts: verdicts({ [K1_NEW]: 'accepted' }) };
    expect(step(seen, { ...POLICY, isFrozen: true })).toEqual(repaired);
  });
});

describe('C: announce', () => {
  it('sets the reference before the flag', () => {
    expect(step({ ...atRest, announced: OUT_OF_LINE })).toEqual({ kind: 'announceReference', version: V1 });
  });
  it('then sets the flag, stamped with the version', () => {
    const announced = { ...OUT_OF_LINE, isReferenceInLine: true };
    expect(step({ ...inOverlap, announced })).toEqual({ kind: 'announceFlag', slot: 'key2', version: V2 });
  });
  it('waits while App Configuration cannot be read', () => {
    const announced = { state: 'unknown' as const, cause: 'No answer.' };
    expect(step({ ...atRest, announced })).toEqual(waits('AnnouncementUnknown', 1_000, 'No answer.'));
  });
  it('does not wait for it when a leaked value is live', () => {
    const requests = [asked('compromised', { fingerprint: K2 })];
    expect(step({ ...atRest, requests, announced: { state: 'unknown' } })).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
    });
  });
  it('nor when the record has not followed yet', () => {
    const requests = [asked('compromised', { fingerprint: K1 })];
    const seen: Observation = { ...inOverlap, record: present(preparing), requests, announced: { state: 'unknown' } };
    expect(step(seen)).toMatchObject({ kind: 'record', record: { phase: 'propagating', since: NOW } });
  });
  it('nor while it is not known yet which value a request means', () => {
    const requests = [asked('compromised', { named: 'key2' })];
    expect(step({ ...atRest, requests, announced: { state: 'unknown' } })).toMatchObject({
      kind: 'record',
      marks: [{ id: 'compromised-1', fingerprint: K2 }],
    });
  });
  it('waits for it again when no leaked value is live, once it is noted that the leaked one is replaced', () => {
    const unknown: Observation = { ...atRest, announced: { state: 'unknown' } };
    const requests = [asked('compromised', { fingerprint: K1_NEW })];
    expect(step({ ...unknown, requests })).toMatchObject({ kind: 'record', closes: [{ outcome: 'KeyReplaced' }] });
    expect(step(unknown)).toEqual(waits('AnnouncementUnknown', 1_000));
  });
  it('comes before the record follows: the overlap begins when both places are in line', () => {
    const seen: Observation = { ...inOverlap, record: present(preparing), announced: OUT_OF_LINE };
    expect(step(seen)).toEqual({ kind: 'announceReference', version: V2 });
  });
});

describe('D: the record follows the vault', () => {
  it('adopts an account that it does not know', () => {
    expect(step({ ...atRest, record: { state: 'absent' } }, { ...POLICY, jitterMs: 77 })).toEqual({
      kind: 'record',
      record: {
        phase: 'idle',
        rotationId: 0,
        published: PUBLISHED_KEY1,
        place: PLACE,
        rotatedAt: NOW,
        standby: K2,
        adoptedAt: NOW,
        jitterMs: 77,
      },
      closes: [],
      history: [{ kind: 'Adopted', ...PUBLISHED_KEY1 }],
    });
  });
  it('begins the overlap when the other slot is published', () => {
    expect(step({ ...inOverlap, record: present(preparing) })).toEqual({
      kind: 'record',
      record: { ...propagating, since: NOW },
      closes: [],
      history: [{ kind: 'Published', ...PUBLISHED_KEY2 }],
    });
  });
  it('gives a switch by hand a rotation id of its own', () => {
    expect(step({ ...inOverlap, record: atRest.record })).toMatchObject({
      record: { phase: 'propagating', rotationId: NEXT_ID, superseded: PUBLISHED_KEY1 },
    });
  });
  it('restarts the overlap when the same slot got another value: the other key may have been published in between', () => {
    const published = { ...PUBLISHED_KEY2, version: V3, fingerprint: K2 };
    const seen: Observation = {
      ...inOverlap,
      keys: { key1: K1, key2: K2 },
      published: { state: 'live', ...published },
    };
    expect(step(seen)).toMatchObject({ kind: 'record', record: { phase: 'propagating', published, since: NOW } });
  });
  it('does not restart the overlap when the same slot got another version of the same value', () => {
    const published = { ...PUBLISHED_KEY2, version: V3 };
    expect(step({ ...inOverlap, published: { state: 'live', ...published } })).toEqual({
      kind: 'record',
      record: { ...propagating, published, versions: [V2, V3] },
      closes: [],
      history: [{ kind: 'Repaired', ...published }],
    });
  });
  it('takes another version of the same slot as it is, at rest', () => {
    const published = { ...PUBLISHED_KEY1, version: V3 };
    expect(step({ ...atRest, published: { state: 'live', ...published }, announced: IN_LINE })).toStrictEqual({
      kind: 'record',
      record: { ...idle, published },
      closes: [],
      history: [{ kind: 'Repaired', ...published }],
    });
  });
  it('keeps what retiring has attempted when the published slot got another version', () => {
    const published = { ...PUBLISHED_KEY2, version: V3 };
    expect(step({ ...inRetirement, published: { state: 'live', ...published } })).toMatchObject({
      record: { ...retiring, published, versions: [V2, V3] },
    });
  });
  it('remembers the last sixteen versions of an overlap', () => {
    const versions = Array.from({ length: 16 }, (_, index) => `b${index}` as SecretVersion);
    const published = { ...PUBLISHED_KEY2, version: V3 };
    const record = present({ ...propagating, versions });
    expect(step({ ...inOverlap, record, published: { state: 'live', ...published } })).toMatchObject({
      record: { versions: [...versions.slice(1), V3] },
    });
  });
  it('leaves a request to roll back open when a rotation publishes, and closes none when nobody asked', () => {
    const requests = [asked('rollBack')];
    expect(step({ ...inOverlap, record: present(preparing), requests })).toMatchObject({ closes: [] });
    const published = { ...PUBLISHED_KEY1, version: V3 };
    expect(
      step({ ...inRetirement, keys: { key1: K1, key2: K2_NEW }, published: { state: 'live', ...published } }),
    ).toMatchObject({ record: { phase: 'propagating', rotationId: NEXT_ID, rolledBack: true }, closes: [] });
  });
  it('swaps the roles when the superseded slot is published again, and closes the request for it', () => {
    const published = { ...PUBLISHED_KEY1, version: V3 };
    const seen: Observation = {
      ...inOverlap,
      published: { state: 'live', ...published },
      requests: [asked('rollBack')],
    };
    expect(step(seen)).toEqual({
      kind: 'record',
      record: {
        phase: 'propagating',
        rotationId: NEXT_ID,
        published,
        superseded: PUBLISHED_KEY2,
        since: NOW,
        rolledBack: true,
        versions: [V3],
      },
      closes: [{ id: 'rollBack-1', outcome: 'RolledBack', rotationId: NEXT_ID }],
      history: [{ kind: 'RolledBack', ...published }],
    });
  });
});

it('finds the account of these tests at rest', () => {
  expect(step(atRest)).toEqual({ kind: 'wait', isBlocked: false, reason: 'NotDue', until: NOW + 50_000 });
  expect(atRest.announced).toBe(IN_LINE);
});

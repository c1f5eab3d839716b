import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide.ts';
import type { Observation, RequestId } from '../../src/rotation/model.ts';
import {
  asked,
  atRest,
  IN_LINE,
  inOverlap,
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
  V1,
  V2,
  V3,
  verdicts,
} from './given.ts';

const OUT_OF_LINE = { state: 'read', isReferenceInLine: false, isFlagInLine: false } as const;
const waits = (reason: string, isBlocked = false) =>
  expect.objectContaining({ kind: 'wait', reason, isBlocked }) as unknown;
const step = (seen: Observation, policy = POLICY) => decide(seen, policy, NOW);

describe('A: somebody must look first', () => {
  it.each([
    ['the record cannot be understood', { record: { state: 'unreadable', detail: 'schema 9' } }, 'RecordUnreadable'],
    ['the newest version is not ours', { published: { state: 'foreign', version: V3 } }, 'SecretNotRecognised'],
    ['the newest version is disabled', { published: { state: 'disabled' } }, 'SecretDisabled'],
    ['both slots hold the same value', { keys: { key1: K1, key2: K1 } }, 'KeysIdentical'],
  ] as const)('blocks when %s', (_, difference, reason) => {
    expect(step({ ...atRest, ...difference })).toEqual(waits(reason, true));
  });

  it('says why a record cannot be understood', () => {
    const seen: Observation = { ...atRest, record: { state: 'unreadable', detail: 'schema 9' } };
    expect(step(seen)).toMatchObject({ detail: 'schema 9' });
  });

  it('blocks even for a compromised key', () => {
    const requests = [asked('compromised', { fingerprint: K1 })];
    expect(step({ ...atRest, requests, published: { state: 'disabled' } })).toEqual(waits('SecretDisabled', true));
  });

  it('does nothing when it may only observe, whatever there is to mend', () => {
    const seen: Observation = { ...atRest, published: { state: 'none' }, announced: OUT_OF_LINE };
    expect(step(seen, { ...POLICY, isObserveOnly: true })).toEqual(waits('ObserveOnly'));
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
    expect(step(seen)).toEqual(waits('RepairKeyNotAccepted', true));
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
      waits('AdoptionKeyNotAccepted', true),
    );
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
    expect(step({ ...atRest, announced: { state: 'unknown' } })).toEqual(waits('AnnouncementUnknown'));
  });
  it('does not wait for it when a leaked value is live and the record has followed', () => {
    const requests = [asked('compromised', { fingerprint: K2 })];
    expect(step({ ...atRest, requests, announced: { state: 'unknown' } })).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
    });
  });
  it('waits for it when the record has not followed, even then', () => {
    const requests = [asked('compromised', { fingerprint: K1 })];
    const seen: Observation = { ...inOverlap, record: present(preparing), requests, announced: { state: 'unknown' } };
    expect(step(seen)).toEqual(waits('AnnouncementUnknown'));
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
      record: { phase: 'idle', rotationId: 0, published: PUBLISHED_KEY1, rotatedAt: NOW, adoptedAt: NOW, jitterMs: 77 },
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
  it('does not restart the overlap when the same slot got another version', () => {
    const published = { ...PUBLISHED_KEY2, version: V3 };
    expect(step({ ...inOverlap, published: { state: 'live', ...published } })).toEqual({
      kind: 'record',
      record: { ...propagating, published, versions: [V2, V3] },
      closes: [],
      history: [{ kind: 'Repaired', ...published }],
    });
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

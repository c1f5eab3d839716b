// A leaked key while Key Vault cannot be used: what is done on the record's word, and what on an operator's word alone.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Fingerprint, Observation, Policy, Request, RequestId } from '../../src/rotation/model.ts';
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
  NOW,
  POLICY,
  preparing,
  present,
  retiring,
  V3,
  verdicts,
  waits,
} from './given.ts';

const step = (seen: Observation, policy: Policy = POLICY) => decide(seen, policy, NOW);
const leaked = (fingerprint: Fingerprint, extra: Partial<Request> = {}) =>
  asked('compromised', { fingerprint, ...extra });
const outage = (fingerprint: Fingerprint, extra: Partial<Request> = {}) =>
  leaked(fingerprint, { id: 'outage-1' as RequestId, accepts: 'outage', ...extra });

/** key1 is published by the record's word; Key Vault does not say. */
const unread: Observation = { ...atRest, published: { state: 'unknown' } };
const unreadOverlap: Observation = { ...inOverlap, published: { state: 'unknown' } };
const sacrificed = (slot: 'key1' | 'key2', fingerprint: Fingerprint) => ({
  kind: 'sacrifice',
  slot,
  fingerprint,
  requestId: 'outage-1',
  history: [{ kind: 'KeySacrificed', slot, fingerprint, requestId: 'outage-1', by: 'operator', reason: 'asked' }],
});

describe('without Key Vault', () => {
  it('a leaked key that the record does not name as published is regenerated on its word', () => {
    expect(step({ ...unread, requests: [leaked(K2)] })).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
      fingerprint: K2,
      intent: { phase: 'preparing', reason: 'KeyCompromised', before: K2 },
    });
  });
  it('but not in an overlap, nor once there is a new key: a publish whose answer was lost may have named it', () => {
    expect(step({ ...unreadOverlap, requests: [leaked(K1)] })).toEqual(blocks('SecretUnreachable', 1_000));
    const renewed = { ...unread, record: present(preparing), keys: { key1: K1, key2: K2_NEW } };
    expect(step({ ...renewed, requests: [leaked(K2_NEW)] })).toEqual(blocks('SecretUnreachable', 1_000));
  });
  it('a leaked published key stays: nothing can be published in its place', () => {
    expect(step({ ...unread, requests: [leaked(K1)] })).toEqual(blocks('SecretUnreachable', 1_000));
    const accepts = 'unverifiedKey';
    expect(step({ ...unread, requests: [leaked(K1, { accepts })] })).toEqual(blocks('SecretUnreachable', 1_000));
  });
  it('nor is its successor renewed, verified or published meanwhile', () => {
    const record = present(preparing);
    for (const keys of [
      { key1: K1, key2: K2 },
      { key1: K1, key2: K2_NEW },
    ]) {
      const seen = { ...unread, record, keys, requests: [leaked(K1)], verdicts: verdicts({ [K2_NEW]: 'accepted' }) };
      expect(step(seen)).toMatchObject({ kind: 'wait' });
    }
  });
  it('a leaked published key is sacrificed where an operator accepts the outage', () => {
    expect(step({ ...unread, requests: [outage(K1)] })).toStrictEqual(sacrificed('key1', K1));
    expect(step({ ...unreadOverlap, requests: [outage(K2_NEW)] })).toStrictEqual(sacrificed('key2', K2_NEW));
  });
  it('a leaked key is not taken for unpublished when the recorded one is no key any more', () => {
    const seen = { ...unread, keys: { key1: K1_NEW, key2: K2 } };
    expect(step({ ...seen, requests: [leaked(K2)] })).toEqual(blocks('SecretUnreachable', 1_000));
    expect(step({ ...seen, requests: [outage(K2)] })).toStrictEqual(sacrificed('key2', K2));
  });
  it('nothing is done without a record', () => {
    const seen: Observation = { ...unread, record: { state: 'absent' }, requests: [outage(K1), leaked(K2)] };
    expect(step(seen)).toEqual(blocks('SecretUnreachable', 1_000));
  });
  it('nothing is done where nothing leaked', () => {
    expect(step(unread)).toEqual(blocks('SecretUnreachable', 1_000));
    const due = present({ ...idle, rotatedAt: NOW - 100_000 });
    const seen = { ...unread, record: due, verdicts: verdicts({ [K1]: 'accepted' }) };
    expect(step(seen)).toEqual(blocks('SecretUnreachable', 1_000));
  });
  it('a name is written down, and a value that is a key no longer is told', () => {
    expect(step({ ...unread, requests: [asked('compromised', { named: 'key2' })] })).toMatchObject({
      kind: 'record',
      marks: [{ id: 'compromised-1', fingerprint: K2 }],
    });
    expect(step({ ...unread, requests: [leaked(K2_NEW)] })).toMatchObject({
      closes: [{ id: 'compromised-1', outcome: 'KeyReplaced', rotationId: ID }],
    });
    const retired = { ...inRetirement, published: { state: 'unknown' } } as const;
    expect(step({ ...retired, requests: [leaked(K1)] })).toMatchObject({
      marks: [{ id: 'compromised-1', replacedAt: NOW }],
    });
  });
  it('so is a value that was sacrificed, although the recorded key is then a key no longer', () => {
    const seen = { ...unread, keys: { key1: K1_NEW, key2: K2 }, requests: [outage(K1)] };
    expect(step(seen)).toMatchObject({ kind: 'record', closes: [{ id: 'outage-1', outcome: 'KeyReplaced' }] });
  });
  it('a leaked standby key dies before the published one is sacrificed', () => {
    expect(step({ ...unread, requests: [outage(K1), leaked(K2)] })).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
    });
  });
  it('a call under way holds up the next to its own slot', () => {
    const inFlight = { ...unread, record: present({ ...preparing, attemptAt: NOW - 8_999 }) };
    expect(step({ ...inFlight, requests: [leaked(K2)] })).toEqual(waits('SettleTimeNotOver', 1));
    expect(step({ ...inFlight, requests: [outage(K2)] })).toEqual(waits('SettleTimeNotOver', 1));
    const retried = { ...inFlight, record: present({ ...preparing, attemptAt: NOW - 9_000 }) };
    expect(step({ ...retried, requests: [outage(K2)] })).toMatchObject({ kind: 'regenerate', slot: 'key2' });
  });
  it('and no sacrifice of the other', () => {
    const inFlight = { ...unread, record: present({ ...preparing, attemptAt: NOW - 1 }) };
    expect(step({ ...inFlight, requests: [outage(K1)] })).toStrictEqual(sacrificed('key1', K1));
    const retrying = { ...unreadOverlap, record: present({ ...retiring, attemptAt: NOW - 1 }) };
    expect(step({ ...retrying, requests: [outage(K2_NEW)] })).toStrictEqual(sacrificed('key2', K2_NEW));
  });
  it('is no matter where the service may only observe', () => {
    const policy = { ...POLICY, isObserveOnly: true };
    expect(step({ ...unread, requests: [outage(K1)] }, policy)).toEqual(waits('ObserveOnly', 60_000));
  });
});

describe('a sacrifice', () => {
  const attempted = (ms: number, before = K1) =>
    present({ ...idle, sacrifice: { slot: 'key1', before, attemptAt: NOW - ms } });

  it('is tried again only after the last attempt has settled', () => {
    const seen = (ms: number) => ({ ...unread, record: attempted(ms), requests: [outage(K1)] });
    expect(step(seen(0))).toEqual(waits('SettleTimeNotOver', 9_000));
    expect(step(seen(8_999))).toEqual(waits('SettleTimeNotOver', 1));
    expect(step(seen(9_000))).toStrictEqual(sacrificed('key1', K1));
  });
  it('does not wait for one of another value', () => {
    expect(step({ ...unread, record: attempted(0, K2), requests: [outage(K1)] })).toStrictEqual(sacrificed('key1', K1));
  });
  it('needs the word of the request about that very key', () => {
    const requests = [leaked(K1), { ...asked('compromised'), fingerprint: K2_NEW, accepts: 'outage' as const }];
    expect(step({ ...unread, requests }).kind).not.toBe('sacrifice');
  });
  it('is held by no pause, freeze, window or policy that is not valid', () => {
    const policy: Policy = { ...POLICY, isFrozen: true, isInvalid: true, windowAt: () => ({ isOpen: false }) };
    const seen = { ...unread, isPaused: true, requests: [outage(K1)] };
    expect(step(seen, policy)).toStrictEqual(sacrificed('key1', K1));
  });
  it('begins no emergency that is older than seven days', () => {
    const at = (ms: number) => ({ ...unread, requests: [outage(K1, { at: NOW - ms })] });
    expect(step(at(604_799_999))).toStrictEqual(sacrificed('key1', K1));
    expect(step(at(604_800_000))).toEqual(blocks('RequestTooOld', 60_000));
    const disabled: Observation = { ...at(604_800_000), published: { state: 'disabled' } };
    expect(step(disabled)).toEqual(blocks('SecretDisabled', 8_000));
    const begun = { ...at(604_800_000), record: present(preparing), keys: { key1: K1, key2: K2_NEW } };
    expect(step(begun)).toStrictEqual(sacrificed('key1', K1));
  });
  it('is not made while a live key is published', () => {
    expect(step({ ...atRest, requests: [outage(K1)] })).toMatchObject({ kind: 'regenerate', slot: 'key2' });
  });
});

describe('where somebody must look first', () => {
  const BLOCKS = [
    ['SecretNotRecognised', { published: { state: 'foreign', version: V3 } }],
    ['SecretDisabled', { published: { state: 'disabled' } }],
  ] as const;
  it.each(BLOCKS)('%s: a leaked key dies on the word of an operator alone', (reason, difference) => {
    const seen: Observation = { ...atRest, ...difference };
    expect(step({ ...seen, requests: [leaked(K1)] })).toEqual(blocks(reason, 8_000));
    expect(step({ ...seen, requests: [leaked(K2, { accepts: 'unverifiedKey' })] })).toEqual(blocks(reason, 8_000));
    expect(step({ ...seen, requests: [outage(K1)] })).toStrictEqual(sacrificed('key1', K1));
    expect(step({ ...seen, requests: [outage(K2)] })).toStrictEqual(sacrificed('key2', K2));
  });
  it('KeysIdentical: one of them is regenerated, so that they can be told apart', () => {
    const seen: Observation = { ...atRest, keys: { key1: K1, key2: K1 } };
    expect(step({ ...seen, requests: [leaked(K1)] })).toEqual(blocks('KeysIdentical', 8_000));
    expect(step({ ...seen, requests: [outage(K1)] })).toStrictEqual(sacrificed('key1', K1));
  });
  it.each(BLOCKS)(
    '%s: on such a word names are written down, and what is a key no longer is told',
    (reason, difference) => {
      const seen: Observation = { ...atRest, ...difference };
      expect(step({ ...seen, requests: [asked('compromised', { named: 'key1', accepts: 'outage' })] })).toMatchObject({
        kind: 'record',
        marks: [{ id: 'compromised-1', fingerprint: K1 }],
      });
      expect(step({ ...seen, keys: { key1: K1_NEW, key2: K2 }, requests: [outage(K1)] })).toMatchObject({
        kind: 'record',
        closes: [{ id: 'outage-1', outcome: 'KeyReplaced' }],
      });
      for (const request of [asked('rotate'), asked('compromised', { named: 'key1' }), leaked(K2_NEW)]) {
        expect(step({ ...seen, requests: [request] })).toEqual(blocks(reason, 8_000));
      }
    },
  );
  it('RecordUnreadable: the account is taken in hand anew on such a word, and on no other', () => {
    const record = { state: 'unreadable', detail: 'schema 9' } as const;
    const seen: Observation = { ...atRest, record };
    for (const request of [leaked(K1), asked('compromised', { named: 'key2' }), outage(K1, { replacedAt: 5 })]) {
      expect(step({ ...seen, requests: [request] })).toEqual(blocks('RecordUnreadable', 8_000, 'schema 9'));
    }
    expect(step({ ...seen, requests: [outage(K1)] })).toMatchObject({
      kind: 'record',
      record: { phase: 'idle', rotationId: 0, published: { fingerprint: K1 } },
      history: [{ kind: 'Adopted' }],
    });
  });
});

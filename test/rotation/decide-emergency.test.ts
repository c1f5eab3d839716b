// A leaked published key: by which key it is replaced, how sure of that key an emergency must be, and what waits for it.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Observation, Policy, Request, RequestId } from '../../src/rotation/model.ts';
import type { Verdict } from '../../src/rotation/verdict.ts';
import {
  asked,
  atRest,
  blocks,
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
  propagating,
  retiring,
  V1,
  verdicts,
  waits,
} from './given.ts';

const step = (seen: Observation, policy: Policy = POLICY, now = NOW) => decide(seen, policy, now);
const leaked = (fingerprint: Request['fingerprint'] & string, extra: Partial<Request> = {}) =>
  asked('compromised', { fingerprint, ...extra });
const another = (request: Request, extra: Partial<Request> = {}): Request => ({
  ...request,
  id: 'another' as RequestId,
  ...extra,
});

/** key1 is published and leaked; key2 was renewed for that a second ago. */
const renewed: Observation = {
  ...atRest,
  record: present({ ...preparing, reason: 'KeyCompromised' }),
  keys: { key1: K1, key2: K2_NEW },
  requests: [leaked(K1)],
};
/** key2 is published and leaked; key1 is superseded and live. */
const escaping: Observation = { ...inOverlap, requests: [leaked(K2_NEW)] };

/** One situation of either phase: the key that may replace the leaked one, and the step that publishes it. */
const SUCCESSORS = [
  ['preparing', renewed, K2_NEW, K1, 'key2', 'NewKeyAccepted'],
  ['propagating', escaping, K1, K2_NEW, 'key1', 'PublishedKeyCompromised'],
] as const;

describe.each(SUCCESSORS)('%s, the published key leaked', (phase, seen, successor, published, slot, reason) => {
  const judged = (verdict: Verdict, ofPublished?: Verdict, inARow = verdict === 'rejected' ? 2 : 1) =>
    verdicts({ [successor]: verdict, ...(ofPublished === undefined ? {} : { [published]: ofPublished }) }, inARow);
  const accepting = (accepts: Request['accepts'] & string) => ({ ...seen, requests: [leaked(published, { accepts })] });
  const withoutVerdict = { kind: 'publish', slot, fingerprint: successor, reason: 'EmergencyWithoutVerdict' };
  /** As seen so many milliseconds after the key became one, the request being the younger of the two. */
  const after = (ms: number, { at }: { readonly at: number }): Observation => {
    const record = phase === 'preparing' ? { ...preparing, attemptAt: NOW - ms } : { ...propagating, since: NOW - ms };
    return { ...seen, record: present(record), requests: [leaked(published, { at: NOW - at })] };
  };

  it('asks about its successor at once, however young that is', () => {
    expect(step(seen)).toEqual({ kind: 'probe', fingerprint: successor });
  });
  it('publishes the successor when it was accepted once', () => {
    expect(step({ ...seen, verdicts: judged('accepted') })).toEqual({
      kind: 'publish',
      slot,
      fingerprint: successor,
      reason,
    });
  });
  it('waits a short time for a verdict, counted from the request where that is the younger', () => {
    const unclear = (at: number) => step({ ...after(9_000, { at }), verdicts: judged('inconclusive') });
    expect(unclear(100)).toEqual(waits('EmergencyKeyInconclusive', 1_000, 'inconclusive'));
    expect(unclear(2_500)).toEqual(waits('EmergencyKeyInconclusive', 1_500, 'inconclusive'));
    expect(unclear(3_999)).toEqual(waits('EmergencyKeyInconclusive', 1, 'inconclusive'));
    expect(unclear(4_000)).toEqual(withoutVerdict);
  });
  it('counts it from when the successor became a key where that is the younger', () => {
    const unclear = (ms: number) => step({ ...after(ms, { at: 60_000 }), verdicts: judged('inconclusive') });
    expect(unclear(3_999)).toEqual(waits('EmergencyKeyInconclusive', 1, 'inconclusive'));
    expect(unclear(4_000)).toEqual(withoutVerdict);
  });
  it('counts it from the oldest of several requests about that key', () => {
    const old = { ...after(9_000, { at: 10 }), verdicts: judged('inconclusive') };
    const requests = [...old.requests, another(leaked(published), { at: NOW - 4_000 })];
    expect(step({ ...old, requests })).toEqual(withoutVerdict);
  });
  it('does not count it from a request of another kind', () => {
    const old = { ...after(9_000, { at: 10 }), verdicts: judged('inconclusive') };
    const requests = [...old.requests, asked('rotate', { at: NOW - 4_000 })];
    expect(step({ ...old, requests })).toMatchObject({ reason: 'EmergencyKeyInconclusive' });
  });
  it.each(['unverifiedKey', 'outage'] as const)('waits for no verdict where an operator accepts: %s', (accepts) => {
    expect(step({ ...accepting(accepts), verdicts: judged('inconclusive') })).toEqual(withoutVerdict);
  });
  it('takes no single rejection for a verdict: another node may know the key already', () => {
    expect(step({ ...seen, verdicts: judged('rejected', 'accepted', 1) })).toEqual({
      kind: 'probe',
      fingerprint: successor,
    });
  });
  it('asks about the leaked key when the successor is rejected', () => {
    expect(step({ ...seen, verdicts: judged('rejected') })).toEqual({ kind: 'probe', fingerprint: published });
  });
  it.each(['rejected'] as const)(
    'takes a rejection for no verdict when the leaked key is %s too: it is the endpoint',
    (ofPublished) => {
      const at = (ms: number) => step({ ...after(9_000, { at: ms }), verdicts: judged('rejected', ofPublished) });
      expect(at(3_999)).toEqual(waits('EmergencyKeyInconclusive', 1, 'rejected'));
      expect(at(4_000)).toEqual(withoutVerdict);
      expect(step({ ...accepting('unverifiedKey'), verdicts: judged('rejected', ofPublished) })).toEqual(
        withoutVerdict,
      );
    },
  );
  it('publishes a rejected successor of an accepted key only where an operator accepts the outage', () => {
    expect(step({ ...accepting('outage'), verdicts: judged('rejected', 'accepted') })).toEqual(withoutVerdict);
    const verdictsOf = judged('rejected', 'accepted');
    for (const other of [after(9_000, { at: 60_000 }), accepting('unverifiedKey')]) {
      expect(step({ ...other, verdicts: verdictsOf }).kind).not.toBe('publish');
    }
  });
  it('is held by nothing: pause, freeze, a shut window, a policy that is not valid', () => {
    const policy: Policy = { ...POLICY, isFrozen: true, isInvalid: true, windowAt: () => ({ isOpen: false }) };
    const held = { ...seen, isPaused: true, verdicts: judged('accepted') };
    expect(step(held, policy)).toMatchObject({ kind: 'publish', slot });
  });
});

describe('preparing, where the leaked key is accepted and its successor is not', () => {
  const verdictsOf = verdicts({ [K2_NEW]: 'rejected', [K1]: 'accepted' }, 2);
  it('waits for the slow node, and blocks when its patience is over', () => {
    const after = (ms: number) =>
      step({ ...renewed, record: present({ ...preparing, attemptAt: NOW - ms }), verdicts: verdictsOf });
    expect(after(1_000)).toEqual(waits('NewKeyNotYetAccepted', 1_000, 'rejected'));
    expect(after(19_999)).toEqual(waits('NewKeyNotYetAccepted', 8_000, 'rejected'));
    expect(after(20_000)).toEqual(blocks('NewKeyNotAccepted', 8_000, 'rejected'));
  });
});

describe('propagating, where the leaked key is accepted and the superseded one is not', () => {
  it('renews the superseded slot to get a clean key', () => {
    const seen = { ...escaping, verdicts: verdicts({ [K1]: 'rejected', [K2_NEW]: 'accepted' }, 2) };
    expect(step(seen)).toMatchObject({ kind: 'regenerate', slot: 'key1', intent: { phase: 'retiring' } });
  });
  it('keeps to the overlap that the request states before it does', () => {
    const requests = [leaked(K2_NEW, { overlapMs: 7_000 })];
    const seen = { ...escaping, requests, verdicts: verdicts({ [K1]: 'rejected', [K2_NEW]: 'accepted' }, 2) };
    expect(step(seen)).toEqual(waits('OverlapNotOver', 2_000));
  });
});

describe('an emergency begins', () => {
  it('without a verdict, on a policy that is not valid, whatever holds a rotation', () => {
    const policy: Policy = { ...POLICY, isInvalid: true, isFrozen: true, standbyIsFree: false };
    const seen = { ...atRest, record: present({ ...idle, adoptedAt: NOW }), requests: [leaked(K1)], isPaused: true };
    expect(step(seen, policy)).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
      intent: { reason: 'KeyCompromised', requestId: 'compromised-1' },
    });
  });
  it('within seven days of its request, and not later without another', () => {
    const at = (ms: number) => ({ ...atRest, requests: [leaked(K1, { at: NOW - ms })] });
    expect(step(at(604_799_999))).toMatchObject({ kind: 'regenerate', slot: 'key2' });
    expect(step(at(604_800_000))).toEqual(blocks('RequestTooOld', 60_000));
    const again = [...at(604_800_000).requests, another(leaked(K1), { at: NOW - 5 })];
    expect(step({ ...atRest, requests: again })).toMatchObject({
      kind: 'regenerate',
      intent: { requestId: 'another' },
    });
  });
  it('goes on in any other phase, however old its request is', () => {
    const requests = [leaked(K1, { at: NOW - 604_800_000 })];
    expect(step({ ...inOverlap, requests })).toMatchObject({ kind: 'regenerate', slot: 'key1' });
    expect(step({ ...renewed, requests })).toEqual({ kind: 'probe', fingerprint: K2_NEW });
  });
});

describe('while a leaked key is live', () => {
  it('no other request is dealt with first, and none is lost', () => {
    const others = [asked('approve'), asked('rollBack'), asked('rotate'), another(asked('rotate'))];
    expect(step({ ...escaping, requests: [...others, leaked(K2_NEW)] })).toEqual({ kind: 'probe', fingerprint: K1 });
    expect(step({ ...atRest, requests: [...others, leaked(K1)] })).toMatchObject({
      kind: 'regenerate',
      closes: [{ id: 'rotate-1' }, { id: 'another' }],
    });
  });
  it('a rotation that it begins answers at most ten requests in the write of its intent', () => {
    const rotates = Array.from({ length: 14 }, (_, index) => asked('rotate', { id: `r${index}` as RequestId }));
    expect(step({ ...atRest, requests: [...rotates, leaked(K1)] })).toMatchObject({
      kind: 'regenerate',
      closes: { length: 10, 0: { id: 'r0' }, 9: { id: 'r9' } },
    });
  });
  it('a proof of another death is given up', () => {
    const seen = { ...inRetirement, record: present({ ...retiring, rejectedSince: NOW - 500 }) };
    expect(step({ ...seen, requests: [leaked(K2_NEW)] })).toMatchObject({
      record: { phase: 'idle', last: { rotationId: 8, outcome: 'completed' } },
      history: [{ reason: 'DeathNotProven' }],
    });
  });
});

describe('a policy that is not valid', () => {
  const policy: Policy = { ...POLICY, isInvalid: true };
  it('holds nothing of a rotation under way: publish, retire, prove', () => {
    const routine = { ...renewed, record: present({ ...preparing, attemptAt: NOW - 12_000 }), requests: [] };
    const twice = verdicts({ [K2_NEW]: 'accepted', [K1]: 'rejected' }, 2);
    expect(step({ ...routine, verdicts: twice }, policy)).toMatchObject({ kind: 'publish', slot: 'key2' });
    const over = { ...inOverlap, record: present({ ...propagating, since: NOW - 30_000 }), verdicts: twice };
    expect(step(over, policy)).toMatchObject({ kind: 'regenerate', slot: 'key1' });
    const proven = { ...inRetirement, record: present({ ...retiring, rejectedSince: NOW - 12_000 }), verdicts: twice };
    expect(step(proven, policy)).toEqual({ kind: 'disable', version: V1 });
  });
  it('holds neither repair nor a leaked standby key', () => {
    const dead: Observation = { ...atRest, published: { state: 'none' }, verdicts: verdicts({ [K1]: 'accepted' }) };
    expect(step(dead, policy)).toMatchObject({ kind: 'publish', reason: 'SecretMissing' });
    expect(step({ ...atRest, requests: [leaked(K2)] }, policy)).toMatchObject({ kind: 'regenerate', slot: 'key2' });
  });
});

describe('repair in an emergency', () => {
  const dead: Observation = {
    ...atRest,
    published: { state: 'dead', slot: 'key1', version: V1, fingerprint: K1 },
    keys: { key1: K1_NEW, key2: K2 },
    verdicts: verdicts({ [K1_NEW]: 'rejected', [K1]: 'accepted' }),
  };
  it('publishes a rejected key over an accepted dead one only where an operator accepts the outage', () => {
    expect(step({ ...dead, requests: [leaked(K2)] })).toEqual(blocks('RepairKeyNotAccepted', 1_000));
    expect(step({ ...dead, requests: [leaked(K2, { accepts: 'unverifiedKey' })] })).toMatchObject({ isBlocked: true });
    expect(step({ ...dead, requests: [leaked(K2, { accepts: 'outage' })] })).toEqual({
      kind: 'publish',
      slot: 'key1',
      fingerprint: K1_NEW,
      reason: 'PublishedKeyDrifted',
    });
  });
  it('adopts an account on an inconclusive verdict, but on no rejection', () => {
    const bare: Observation = { ...atRest, record: { state: 'absent' }, published: { state: 'none' } };
    const seen = { ...bare, requests: [leaked(K1)] };
    expect(step({ ...seen, verdicts: verdicts({ [K2]: 'inconclusive' }) })).toEqual({
      kind: 'publish',
      slot: 'key2',
      fingerprint: K2,
      reason: 'AccountAdopted',
    });
    expect(step({ ...seen, verdicts: verdicts({ [K2]: 'rejected' }) })).toEqual(
      blocks('AdoptionKeyNotAccepted', 1_000),
    );
  });
});

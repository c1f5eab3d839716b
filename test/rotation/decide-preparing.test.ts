// The phase preparing: the standby slot gets a new value, which is published once it is accepted.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Observation, Policy } from '../../src/rotation/model.ts';
import {
  asked,
  atRest,
  blocks,
  K1,
  K2,
  K2_NEW,
  NEXT_ID,
  NOW,
  POLICY,
  PUBLISHED_KEY1,
  preparing,
  present,
  renewedLongAgo,
  verdicts,
  waits,
} from './given.ts';

const step = (seen: Observation, policy: Policy = POLICY) => decide(seen, policy, NOW);

describe('preparing', () => {
  const unchanged: Observation = { ...atRest, record: present(preparing) };
  const renewed: Observation = { ...unchanged, record: present(renewedLongAgo), keys: { key1: K1, key2: K2_NEW } };

  it('waits for the last attempt to settle while the value is the old one', () => {
    expect(step(unchanged)).toMatchObject({ reason: 'SettleTimeNotOver', until: NOW + 8_000 });
  });
  it('regenerates again after that', () => {
    const record = present({ ...preparing, attemptAt: NOW - 9_000 });
    expect(step({ ...unchanged, record, verdicts: verdicts({ [K1]: 'accepted' }) })).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
      fingerprint: K2,
      intent: { phase: 'preparing', before: K2, attempts: 2 },
      history: [{ kind: 'RegenerateRepeated' }],
    });
  });
  it('stops for a person when regenerating has no effect, until a request allows another round', () => {
    const record = present({ ...preparing, attemptAt: NOW - 9_000, attempts: 3 });
    const seen = { ...unchanged, record, verdicts: verdicts({ [K1]: 'accepted' }) };
    expect(step(seen)).toEqual(blocks('RegenerateHasNoEffect', 8_000));
    expect(step({ ...seen, requests: [asked('rotate')] })).toMatchObject({
      kind: 'regenerate',
      intent: { attempts: 1 },
      closes: [{ id: 'rotate-1', outcome: 'RotationStarted' }],
    });
  });
  it('regenerates a new value that leaked before it was published', () => {
    const requests = [asked('compromised', { fingerprint: K2_NEW })];
    expect(step({ ...renewed, requests })).toMatchObject({
      kind: 'regenerate',
      slot: 'key2',
      intent: { before: K2_NEW },
    });
  });
  it('asks nothing about the new value until an attempt can have settled and become active on every node', () => {
    const after = (ms: number) => step({ ...renewed, record: present({ ...preparing, attemptAt: NOW - ms }) });
    expect(after(1_000)).toEqual(waits('ActivationTimeNotOver', 11_000));
    expect(after(11_999)).toEqual(waits('ActivationTimeNotOver', 1));
    expect(after(12_000)).toEqual({ kind: 'probe', fingerprint: K2_NEW });
  });
  it('does not publish sooner because of an acceptance: it is the word of one node', () => {
    const record = present({ ...preparing, attemptAt: NOW - 11_999 });
    const seen = { ...renewed, record, verdicts: verdicts({ [K2_NEW]: 'accepted' }, 9) };
    expect(step(seen)).toEqual(waits('ActivationTimeNotOver', 1));
  });
  it('looks at the account now and then during a long activation', () => {
    const record = present({ ...preparing, attemptAt: NOW - 1_000 });
    expect(step({ ...renewed, record }, { ...POLICY, observeEveryMs: 4_000 })).toEqual(
      waits('ActivationTimeNotOver', 4_000),
    );
  });
  it('verifies the new value by as many acceptances in a row as the policy says, then publishes it', () => {
    expect(step(renewed)).toEqual({ kind: 'probe', fingerprint: K2_NEW });
    expect(step({ ...renewed, verdicts: verdicts({ [K2_NEW]: 'accepted' }) })).toEqual({
      kind: 'probe',
      fingerprint: K2_NEW,
    });
    const twice = { ...renewed, verdicts: verdicts({ [K2_NEW]: 'accepted' }, 2) };
    expect(step(twice, { ...POLICY, verifyProbes: 3 })).toEqual({ kind: 'probe', fingerprint: K2_NEW });
    expect(step(twice)).toEqual({
      kind: 'publish',
      slot: 'key2',
      fingerprint: K2_NEW,
      reason: 'NewKeyAccepted',
    });
  });
  it('asks about the published key before it blames the new one', () => {
    expect(step({ ...renewed, verdicts: verdicts({ [K2_NEW]: 'rejected' }) })).toEqual({
      kind: 'probe',
      fingerprint: K1,
    });
  });
  it('waits, with back-off, while the new value is not accepted', () => {
    const seen = { ...renewed, verdicts: verdicts({ [K2_NEW]: 'rejected', [K1]: 'accepted' }) };
    expect(step(seen)).toEqual({
      kind: 'wait',
      isBlocked: false,
      reason: 'NewKeyNotYetAccepted',
      until: NOW + 1_000,
      detail: 'rejected',
    });
  });
  it('says so when the patience is over, and whether it is the endpoint', () => {
    const record = present({ ...preparing, attemptAt: NOW - 20_000 });
    const seen = { ...renewed, record, verdicts: verdicts({ [K2_NEW]: 'rejected', [K1]: 'rejected' }) };
    expect(step(seen)).toMatchObject({ isBlocked: true, reason: 'NewKeyNotAccepted', until: NOW + 8_000 });
    expect(step(seen)).toMatchObject({ detail: expect.stringContaining('check the endpoint') as unknown });
  });

  it('looks again after as long as it has waited since the key was to be active, within the bounds', () => {
    const quick: Policy = { ...POLICY, settleMs: 100, activationForMs: 50 };
    const after = (ms: number) =>
      step(
        {
          ...renewed,
          record: present({ ...preparing, attemptAt: NOW - ms }),
          verdicts: verdicts({ [K2_NEW]: 'inconclusive', [K1]: 'accepted' }),
        },
        quick,
      );
    expect(after(200)).toEqual(waits('NewKeyNotYetAccepted', 1_000, 'inconclusive'));
    expect(after(3_150)).toEqual(waits('NewKeyNotYetAccepted', 3_000, 'inconclusive'));
    expect(after(19_999)).toEqual(waits('NewKeyNotYetAccepted', 8_000, 'inconclusive'));
    expect(after(20_000)).toEqual(blocks('NewKeyNotAccepted', 8_000, 'inconclusive'));
  });
  it('keeps its rotation when it regenerates a leaked new value', () => {
    const requests = [asked('compromised', { fingerprint: K2_NEW })];
    expect(step({ ...renewed, requests })).toMatchObject({
      intent: {
        phase: 'preparing',
        rotationId: NEXT_ID,
        published: PUBLISHED_KEY1,
        reason: 'RotationDue',
        before: K2_NEW,
        attempts: 2,
      },
      closes: [],
    });
  });
  it('does not take a request for a rotation before it needs one', () => {
    const record = present({ ...preparing, attemptAt: NOW - 9_000, attempts: 2 });
    const seen = { ...unchanged, record, requests: [asked('rotate')], verdicts: verdicts({ [K1]: 'accepted' }) };
    expect(step(seen)).toMatchObject({ kind: 'regenerate', intent: { attempts: 3 }, closes: [] });
  });
  it('never stops trying while a leaked key is live', () => {
    const record = present({ ...preparing, attemptAt: NOW - 9_000, attempts: 3 });
    const requests = [asked('compromised', { fingerprint: K2 })];
    expect(step({ ...unchanged, record, requests })).toMatchObject({ kind: 'regenerate', intent: { attempts: 4 } });
  });
  it('does not settle sooner for an emergency: the call under way may still arrive', () => {
    const requests = [asked('compromised', { fingerprint: K2 })];
    expect(step({ ...unchanged, requests })).toEqual(waits('SettleTimeNotOver', 8_000));
  });
  it('does not regenerate again while the published key is not accepted', () => {
    const record = present({ ...preparing, attemptAt: NOW - 9_000 });
    const seen = { ...unchanged, record, verdicts: verdicts({ [K1]: 'rejected' }) };
    expect(step(seen)).toEqual(blocks('PublishedKeyNotAccepted', 1_000, 'rejected'));
  });
  it('publishes the new value although the published one is not accepted: that is the way out', () => {
    const seen = { ...renewed, verdicts: verdicts({ [K2_NEW]: 'accepted', [K1]: 'rejected' }, 2) };
    expect(step(seen)).toMatchObject({ kind: 'publish', slot: 'key2' });
  });
});

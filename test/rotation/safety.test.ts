// The second of each pair of assertions: what is refused at the effect, should a decision ever be wrong.
import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/rotation/decide/step.ts';
import { UnsafeStepError } from '../../src/rotation/errors.ts';
import type { Observation, OwnerId, RequestId } from '../../src/rotation/model.ts';
import {
  assertSafeToDisable,
  assertSafeToPublish,
  assertSafeToRegenerate,
  assertSafeToSacrifice,
  hasTimeForOneCall,
} from '../../src/rotation/pass/safety.ts';
import { buildAccount, buildPolicy } from '../support/account.ts';
import {
  asked,
  atRest,
  IN_LINE,
  idle,
  inOverlap,
  inRetirement,
  K1,
  K1_NEW,
  K2,
  K2_NEW,
  NOW,
  PUBLISHED_KEY1,
  preparing,
  V1,
  V2,
  V3,
  verdicts,
} from './given.ts';

const healthy: Observation = { ...atRest, verdicts: verdicts({ [K1]: 'accepted' }) };
const regenerate = (slot: 'key1' | 'key2', fingerprint = slot === 'key1' ? K1 : K2): Step & { kind: 'regenerate' } => ({
  kind: 'regenerate',
  slot,
  fingerprint,
  intent: preparing,
  closes: [],
  history: [],
});
const publish = (
  fingerprint = K2,
  reason: (Step & { kind: 'publish' })['reason'] = 'NewKeyAccepted',
): Step & { kind: 'publish' } => ({
  kind: 'publish',
  slot: 'key2',
  fingerprint,
  reason,
});

it('regenerates no slot that is called the published one, whatever value it holds', () => {
  const seen: Observation = { ...healthy, keys: { key1: K2_NEW, key2: K2 } };
  expect(() => assertSafeToRegenerate(seen, regenerate('key1', K2_NEW))).toThrow('it holds the published key');
});

describe('regenerate', () => {
  it('goes through for the standby slot while the published value is accepted', () => {
    expect(() => assertSafeToRegenerate(healthy, regenerate('key2'))).not.toThrow();
  });
  it.each([
    ['the published slot', healthy, regenerate('key1')],
    ['a slot that holds the published value', { ...healthy, keys: { key1: K1, key2: K1 } }, regenerate('key2', K1)],
    ['a value other than decided', healthy, regenerate('key2', K2_NEW)],
    [
      'anything while no live key is published',
      { ...healthy, published: { state: 'dead', ...PUBLISHED_KEY1 } },
      regenerate('key2'),
    ],
    [
      'anything while the published value was not accepted',
      { ...healthy, verdicts: verdicts({ [K1]: 'inconclusive' }) },
      regenerate('key2'),
    ],
    ['anything before the published value was asked about', atRest, regenerate('key2')],
  ] as const)('refuses %s', (_, seen, step) => {
    expect(() => assertSafeToRegenerate(seen, step)).toThrow(UnsafeStepError);
    expect(() => assertSafeToRegenerate(seen, step)).toThrow(/^Refused to regenerate/);
  });
  it('needs no accepted value in an emergency, but never touches the published slot', () => {
    const emergency: Observation = { ...atRest, requests: [asked('compromised', { fingerprint: K1 })] };
    expect(() => assertSafeToRegenerate(emergency, regenerate('key2'))).not.toThrow();
    expect(() => assertSafeToRegenerate(emergency, regenerate('key1'))).toThrow(UnsafeStepError);
  });
});

describe('regenerate, on the record’s word', () => {
  const unread: Observation = {
    ...atRest,
    published: { state: 'unknown' },
    requests: [asked('compromised', { fingerprint: K2 })],
  };
  it('goes through for a leaked key of the other slot than the recorded one', () => {
    expect(() => assertSafeToRegenerate(unread, regenerate('key2'))).not.toThrow();
  });
  it.each([
    ['a key that did not leak', { ...unread, requests: [] }, regenerate('key2')],
    [
      'the recorded published slot, leaked or not',
      { ...unread, requests: [asked('compromised', { fingerprint: K1 })] },
      regenerate('key1'),
    ],
    [
      'anything when the recorded key is no key any more',
      { ...unread, keys: { key1: K1_NEW, key2: K2 } },
      regenerate('key2'),
    ],
    ['anything without a record', { ...unread, record: { state: 'absent' } }, regenerate('key2')],
    [
      'a value other than decided',
      { ...unread, requests: [asked('compromised', { fingerprint: K1 })] },
      regenerate('key2', K1),
    ],
  ] as const)('refuses %s', (_, seen, step) => {
    expect(() => assertSafeToRegenerate(seen, step)).toThrow(/^Refused to regenerate/);
  });
});

describe('sacrifice', () => {
  const accepted = asked('compromised', { fingerprint: K1, accepts: 'outage' });
  const unread: Observation = { ...atRest, published: { state: 'unknown' }, requests: [accepted] };
  const step = { kind: 'sacrifice', slot: 'key1', fingerprint: K1, requestId: accepted.id, history: [] } as const;

  it.each([
    ['while Key Vault cannot be read', unread],
    ['of a disabled secret', { ...unread, published: { state: 'disabled' } }],
    ['of a secret that is not recognised', { ...unread, published: { state: 'foreign', version: V3 } }],
    ['of one of two equal keys', { ...atRest, requests: [accepted], keys: { key1: K1, key2: K1 } }],
  ] as const)('goes through %s, and answers the record to add its intent to', (_, seen) => {
    expect(assertSafeToSacrifice(seen, step)).toBe(idle);
  });
  it.each([
    ['while a live key is published', { ...atRest, requests: [accepted] }, step],
    ['without the word of an operator', { ...unread, requests: [asked('compromised', { fingerprint: K1 })] }, step],
    [
      'on a word for less',
      { ...unread, requests: [asked('compromised', { fingerprint: K1, accepts: 'unverifiedKey' })] },
      step,
    ],
    ['on the word of another request', unread, { ...step, requestId: 'compromised-2' as RequestId }],
    ['of another key than the request names', unread, { ...step, slot: 'key2', fingerprint: K2 }],
    ['of a slot that holds another key', unread, { ...step, slot: 'key2' }],
    ['of a key that is dead already', { ...unread, keys: { key1: K1_NEW, key2: K2 } }, step],
    ['without a record', { ...unread, record: { state: 'absent' } }, step],
  ] as const)('refuses one %s', (_, seen, refused) => {
    expect(() => assertSafeToSacrifice(seen, refused)).toThrow(/^Refused to sacrifice/);
  });
});

describe('publish', () => {
  const verified: Observation = { ...atRest, verdicts: verdicts({ [K2]: 'accepted' }) };
  const emergency: Observation = { ...atRest, requests: [asked('compromised', { fingerprint: K1 })] };
  const unclear: Observation = { ...emergency, verdicts: verdicts({ [K2]: 'inconclusive' }) };
  it('goes through in an emergency for a value that was asked about, whatever the answer', () => {
    const rejected: Observation = { ...emergency, verdicts: verdicts({ [K2]: 'rejected' }) };
    for (const seen of [unclear, rejected]) {
      expect(() => assertSafeToPublish(seen, publish(K2, 'EmergencyWithoutVerdict'))).not.toThrow();
    }
    expect(() => assertSafeToPublish(unclear, publish(K2, 'AccountAdopted'))).not.toThrow();
  });
  it('goes through for an accepted live value, and for repair without a verdict', () => {
    expect(() => assertSafeToPublish(verified, publish())).not.toThrow();
    expect(() => assertSafeToPublish(atRest, publish(K2, 'PublishedKeyDrifted'))).not.toThrow();
    expect(() => assertSafeToPublish(atRest, publish(K2, 'SecretMissing'))).not.toThrow();
  });
  it.each([
    [
      'a value that is not the live key of its slot, even an accepted one',
      { ...atRest, verdicts: verdicts({ [K2_NEW]: 'accepted' }) },
      publish(K2_NEW),
    ],
    ['over a secret that is not recognised', { ...verified, published: { state: 'foreign', version: V3 } }, publish()],
    ['over a disabled secret', { ...verified, published: { state: 'disabled' } }, publish()],
    ['over a secret that could not be read', { ...verified, published: { state: 'unknown' } }, publish()],
    [
      'a value without a verdict, where nothing leaked',
      { ...atRest, verdicts: verdicts({ [K2]: 'inconclusive' }) },
      publish(K2, 'EmergencyWithoutVerdict'),
    ],
    ['a value that was not accepted', { ...atRest, verdicts: verdicts({ [K2]: 'rejected' }) }, publish()],
    ['a value that was not asked about', atRest, publish()],
    ['a value that was not asked about, even in an emergency', emergency, publish(K2, 'EmergencyWithoutVerdict')],
    ['for another reason what was not accepted in an emergency', unclear, publish()],
    ['to roll back to what was not accepted in an emergency', unclear, publish(K2, 'RollBackRequested')],
  ] as const)('refuses %s', (_, seen, step) => {
    expect(() => assertSafeToPublish(seen, step)).toThrow(/^Refused to (publish|overwrite)/);
  });
});

describe('disable', () => {
  const step = { kind: 'disable', version: V1 } as const;
  it('goes through for a version that is neither newest nor referenced', () => {
    expect(() => assertSafeToDisable(inRetirement, step)).not.toThrow();
  });
  it.each([
    ['the newest version', atRest],
    [
      'the published version, whatever the reference names',
      { ...atRest, announced: { ...IN_LINE, referencedVersion: V3 } },
    ],
    ['a referenced version', { ...inOverlap, announced: IN_LINE }],
    ['any version while App Configuration is unknown', { ...inRetirement, announced: { state: 'unknown' } }],
    [
      'any version while no live key is published',
      { ...inRetirement, published: { state: 'dead', ...PUBLISHED_KEY1, version: V2 } },
    ],
  ] as const)('refuses %s', (_, seen) => {
    expect(() => assertSafeToDisable(seen, step)).toThrow('Refused to disable a version that is newest or referenced.');
  });
});

it('leaves time for one call and the clocks of others before a lease ends', () => {
  const account = buildAccount('a', { policy: buildPolicy({ callDeadlineMs: 2_000, clockSkewMs: 500 }) });
  const lease = { owner: 'me' as OwnerId, expiresAt: NOW + 2_500 };
  expect(hasTimeForOneCall(account, lease, NOW)).toBe(true);
  expect(hasTimeForOneCall(account, lease, NOW + 1)).toBe(false);
});

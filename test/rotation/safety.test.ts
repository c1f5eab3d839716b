// The second of each pair of assertions: what is refused at the effect, should a decision ever be wrong.
import { describe, expect, it } from 'vitest';
import { UnsafeStepError } from '../../src/rotation/errors.ts';
import type { Observation, OwnerId } from '../../src/rotation/model.ts';
import {
  assertSafeToDisable,
  assertSafeToPublish,
  assertSafeToRegenerate,
  hasTimeForOneCall,
} from '../../src/rotation/safety.ts';
import type { Step } from '../../src/rotation/step.ts';
import { buildAccount, buildPolicy } from '../support/account.ts';
import {
  asked,
  atRest,
  IN_LINE,
  inOverlap,
  inRetirement,
  K1,
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

describe('publish', () => {
  const verified: Observation = { ...atRest, verdicts: verdicts({ [K2]: 'accepted' }) };
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
    ['a value that was not accepted', { ...atRest, verdicts: verdicts({ [K2]: 'rejected' }) }, publish()],
    ['a value that was not asked about', atRest, publish()],
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

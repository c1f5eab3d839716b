// A kind without a call that proves a key, and a policy that takes Azure Resource Manager's word (`verification: listing`).
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Fingerprint, Observation, Policy } from '../../src/rotation/model.ts';
import { judged } from '../../src/rotation/pass/probed.ts';
import { assertSafeToPublish, assertSafeToRegenerate } from '../../src/rotation/pass/safety.ts';
import type { ProbeResult } from '../../src/rotation/ports.ts';
import type { KeyVerdict, VerdictCount } from '../../src/rotation/verdict.ts';
import { SIM_POLICY } from '../sim/sim-account.ts';
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
  present,
  renewedLongAgo,
  retiring,
  waits,
} from './given.ts';
import { dueAccount, passOver } from './given-pass.ts';

const LISTING: Policy = { ...POLICY, verification: 'listing' };
const UNPROVABLE: ProbeResult = { verdict: 'inconclusive', finding: 'noProof' };
const keys = { key1: K1, key2: K2 };
const said = (verdicts: Readonly<Record<string, KeyVerdict>>, inARow = 2): ReadonlyMap<Fingerprint, VerdictCount> =>
  new Map(Object.entries(verdicts).map(([key, verdict]) => [key as Fingerprint, { verdict, inARow }]));

describe('the word of Azure Resource Manager', () => {
  it('counts for a listed key that no call can prove, under this policy only', () => {
    expect(judged(LISTING, keys, K1, UNPROVABLE)).toBe('listed');
    expect(judged(POLICY, keys, K1, UNPROVABLE)).toBe('inconclusive');
  });
  it('says nothing of a value that is not listed, so it never proves a death', () => {
    expect(judged(LISTING, keys, K1_NEW, UNPROVABLE)).toBe('inconclusive');
  });
  it.each([
    { verdict: 'rejected', finding: 'dead' },
    { verdict: 'accepted', finding: 'live' },
    { verdict: 'inconclusive', finding: 'deniedByNetwork' },
    { verdict: 'inconclusive', finding: 'unreachable' },
  ] as const)('replaces no verdict of a call: $finding', (result) => {
    expect(judged(LISTING, keys, K1, result)).toBe(result.verdict);
  });
});

describe('by that word', () => {
  const due = present({ ...idle, rotatedAt: NOW - 100_000 });
  const renewed: Observation = { ...atRest, record: present(renewedLongAgo), keys: { key1: K1, key2: K2_NEW } };

  it('an account is adopted', () => {
    const seen = { ...atRest, record: { state: 'absent' as const }, published: { state: 'none' as const } };
    expect(decide({ ...seen, verdicts: said({ [K1]: 'listed' }) }, LISTING, NOW)).toMatchObject({
      kind: 'publish',
      reason: 'AccountAdopted',
    });
    expect(decide({ ...seen, verdicts: said({ [K1]: 'inconclusive' }) }, LISTING, NOW)).toEqual(
      blocks('AdoptionKeyNotAccepted', 1_000),
    );
  });
  it('a rotation begins', () => {
    const seen = { ...atRest, record: due, verdicts: said({ [K1]: 'listed' }) };
    expect(decide(seen, LISTING, NOW)).toMatchObject({ kind: 'regenerate', slot: 'key2' });
  });
  it('a new key is published when its activation time is over, and the reason says on whose word', () => {
    expect(decide({ ...renewed, verdicts: said({ [K2_NEW]: 'listed' }) }, LISTING, NOW)).toMatchObject({
      kind: 'publish',
      slot: 'key2',
      reason: 'NewKeyListed',
    });
    expect(decide({ ...renewed, verdicts: said({ [K2_NEW]: 'listed' }) }, LISTING, NOW - 1)).toMatchObject({
      reason: 'ActivationTimeNotOver',
    });
  });
  it('a rotation is rolled back', () => {
    const seen = { ...inOverlap, requests: [asked('rollBack')], verdicts: said({ [K1]: 'listed' }) };
    expect(decide(seen, LISTING, NOW)).toMatchObject({ kind: 'publish', slot: 'key1', reason: 'RollBackRequested' });
  });
  it('a death is never proven: the rotation ends without proof when the time for one is over', () => {
    const verdicts = said({ [K1]: 'inconclusive', [K2_NEW]: 'listed' }, 9);
    const began = (ms: number): Observation => ({
      ...inRetirement,
      record: present({ ...retiring, attemptAt: NOW - ms }),
      verdicts,
    });
    expect(decide(began(39_999), LISTING, NOW)).toMatchObject(waits('ConfirmationInconclusive', 8_000));
    expect(decide(began(40_000), LISTING, NOW)).toMatchObject({
      history: [{ kind: 'RotationCompleted', reason: 'DeathNotProven' }],
      record: { phase: 'idle', last: { outcome: 'completed' } },
    });
  });
  it('an emergency still waits for its patience', () => {
    const leaked = asked('compromised', { fingerprint: K1, at: NOW });
    const seen = { ...renewed, requests: [leaked], verdicts: said({ [K2_NEW]: 'listed', [K1]: 'listed' }) };
    expect(decide(seen, LISTING, NOW)).toMatchObject({ reason: 'EmergencyKeyInconclusive' });
  });
  it('the assertions at the effect let the same steps pass, and no step by an inconclusive verdict', () => {
    const publish = { kind: 'publish', slot: 'key2', fingerprint: K2_NEW, reason: 'NewKeyListed' } as const;
    const seen = (verdict: KeyVerdict): Observation => ({ ...renewed, verdicts: said({ [K2_NEW]: verdict }) });
    expect(() => assertSafeToPublish(seen('listed'), publish)).not.toThrow();
    expect(() => assertSafeToPublish(seen('inconclusive'), publish)).toThrow('not accepted');
    const regenerate = decide({ ...atRest, record: due, verdicts: said({ [K1]: 'listed' }) }, LISTING, NOW);
    if (regenerate.kind !== 'regenerate') throw new Error(regenerate.kind);
    const before = (verdict: KeyVerdict): Observation => ({ ...atRest, verdicts: said({ [K1]: verdict }) });
    expect(() => assertSafeToRegenerate(before('listed'), regenerate)).not.toThrow();
    expect(() => assertSafeToRegenerate(before('inconclusive'), regenerate)).toThrow('not accepted');
  });
});

describe('whole passes over a kind without proof', () => {
  const unprovable = async () => {
    const universe = await dueAccount();
    const { azureAccount } = universe;
    Object.assign(azureAccount, { seed: { ...azureAccount.seed, kind: 'ImmersiveReader' } });
    return universe;
  };
  it('rotate both keys, and say that the death is not proven', async () => {
    const universe = await unprovable();
    const policy = { verification: 'listing' } as const;
    const keysBefore = Object.values(universe.azureAccount.keys).map(({ value }) => value);
    for (let pass = 0; pass < 14 && universe.record?.rotationId !== 2; pass++) {
      await passOver(universe, { policy });
      universe.now += SIM_POLICY.overlapMaximumMs;
    }
    const completed = universe.rows.history.find(({ kind }) => kind === 'RotationCompleted');
    expect(completed).toMatchObject({ reason: 'DeathNotProven' });
    for (const { value } of Object.values(universe.azureAccount.keys)) expect(keysBefore).not.toContain(value);
  });
  it('without this policy are blocked before anything is regenerated', async () => {
    const universe = await unprovable();
    const { calls, report } = await passOver(universe);
    expect(calls).not.toContain('regenerate');
    expect(report.outcome).toMatchObject({ wait: { isBlocked: true, reason: 'PublishedKeyNotAccepted' } });
  });
});

// An answer that means either a dead key or a closed network: what it counts as, and which key shows it.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import type { Fingerprint } from '../../src/rotation/model.ts';
import { asResolved, resolved, witnessOf } from '../../src/rotation/pass/ambiguous.ts';
import type { ProbedCount } from '../../src/rotation/verdict.ts';
import { atRest, K1, K1_NEW, K2, NOW, POLICY } from './given.ts';

const keys = { key1: K1, key2: K2 };
const probed = (verdicts: Readonly<Record<string, ProbedCount['verdict']>>) =>
  new Map(Object.entries(verdicts).map(([key, verdict]) => [key as Fingerprint, { verdict, inARow: 2 }]));
const verdictOf = (fingerprint: Fingerprint, verdicts: Readonly<Record<string, ProbedCount['verdict']>>) =>
  resolved(probed(verdicts), keys).get(fingerprint);

describe('an ambiguous answer', () => {
  it('is a rejection while another listed key is accepted, as often in a row', () => {
    expect(verdictOf(K2, { [K1]: 'accepted', [K2]: 'ambiguous' })).toEqual({ verdict: 'rejected', inARow: 2 });
    expect(verdictOf(K1_NEW, { [K2]: 'accepted', [K1_NEW]: 'ambiguous' })?.verdict).toBe('rejected');
  });
  it.each(['ambiguous', 'rejected', 'inconclusive', 'listed'] as const)(
    'is inconclusive while the other key is %s',
    (other) => {
      expect(verdictOf(K2, { [K1]: other, [K2]: 'ambiguous' })?.verdict).toBe('inconclusive');
    },
  );
  it('is inconclusive if only a value is accepted that is no key of the account', () => {
    expect(verdictOf(K2, { [K1_NEW]: 'accepted', [K2]: 'ambiguous' })?.verdict).toBe('inconclusive');
  });
  it('leaves every other verdict as it is', () => {
    const given = { [K1]: 'rejected', [K2]: 'accepted', [K1_NEW]: 'inconclusive' } as const;
    expect([...resolved(probed(given), keys)]).toEqual([...probed(given)]);
  });
  it('is logged as what it counts as, with its finding', () => {
    const result = { verdict: 'ambiguous', finding: 'deadOrKeptOut', status: 403 } as const;
    const open = probed({ [K1]: 'accepted', [K2]: 'ambiguous' });
    expect(asResolved(result, K2, open, keys)).toEqual({ verdict: 'rejected', finding: 'deadOrKeptOut', status: 403 });
    const shut = probed({ [K2]: 'ambiguous' });
    expect(asResolved(result, K2, shut, keys).verdict).toBe('inconclusive');
  });
});

describe('the witness', () => {
  it('is a listed key that was not probed yet', () => {
    expect(witnessOf(probed({ [K2]: 'ambiguous' }), keys)).toBe(K1);
    expect(witnessOf(probed({ [K1_NEW]: 'ambiguous' }), keys)).toBe(K1);
    expect(witnessOf(probed({ [K1_NEW]: 'ambiguous', [K1]: 'inconclusive' }), keys)).toBe(K2);
  });
  it('is not needed without an ambiguous answer, or once one key is accepted', () => {
    expect(witnessOf(probed({ [K2]: 'rejected' }), keys)).toBeUndefined();
    expect(witnessOf(probed({ [K1_NEW]: 'ambiguous', [K2]: 'accepted' }), keys)).toBeUndefined();
  });
  it('is missing when every key was asked', () => {
    expect(witnessOf(probed({ [K1]: 'ambiguous', [K2]: 'ambiguous' }), keys)).toBeUndefined();
  });
  it('is probed before any other rule goes on', () => {
    expect(decide({ ...atRest, witness: K2 }, POLICY, NOW)).toEqual({ kind: 'probe', fingerprint: K2 });
  });
});

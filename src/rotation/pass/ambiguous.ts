// Ambiguous answers: a service answers a dead key and a closed network alike. If another key of the account is accepted
// in the same pass, the network is open, so the value is rejected. Otherwise nothing is known of it. Pure.
// It must not trust a key that Azure Resource Manager does not list, or a verdict of an earlier pass.
import type { Fingerprint, Observation } from '../model.ts';
import type { ProbeResult } from '../ports.ts';
import type { ProbedCount, VerdictCount } from '../verdict.ts';

export type Probed = ReadonlyMap<Fingerprint, ProbedCount>;

/** The verdicts as `decide` sees them. */
export function resolved(probed: Probed, keys: Observation['keys']): ReadonlyMap<Fingerprint, VerdictCount> {
  const counts = [...probed].map(([fingerprint, { verdict, inARow }]): [Fingerprint, VerdictCount] => {
    if (verdict !== 'ambiguous') return [fingerprint, { verdict, inARow }];
    const isOtherAccepted = others(fingerprint, keys).some((other) => probed.get(other)?.verdict === 'accepted');
    return [fingerprint, { verdict: isOtherAccepted ? 'rejected' : 'inconclusive', inARow }];
  });
  return new Map(counts);
}

/** The result as it counts in this pass: an ambiguous verdict is replaced, the finding stays. */
export function asResolved(
  result: ProbeResult,
  fingerprint: Fingerprint,
  probed: Probed,
  keys: Observation['keys'],
): ProbeResult {
  if (result.verdict !== 'ambiguous') return result;
  const isRejected = resolved(probed, keys).get(fingerprint)?.verdict === 'rejected';
  return { ...result, verdict: isRejected ? 'rejected' : 'inconclusive' };
}

/**
 * A listed key that has not been probed in this pass, and whose acceptance would show what an ambiguous answer means.
 * Undefined if no answer is open, or no key is left to ask with.
 */
export function witnessOf(probed: Probed, keys: Observation['keys']): Fingerprint | undefined {
  for (const [fingerprint, { verdict }] of probed) {
    const witnesses = others(fingerprint, keys);
    if (verdict !== 'ambiguous' || witnesses.some((other) => probed.get(other)?.verdict === 'accepted')) continue;
    const unasked = witnesses.find((other) => !probed.has(other));
    if (unasked !== undefined) return unasked;
  }
  return undefined;
}

function others(fingerprint: Fingerprint, { key1, key2 }: Observation['keys']): readonly Fingerprint[] {
  return [key1, key2].filter((key) => key !== fingerprint);
}

// What one probe adds to what a pass knows of a value. Pure.
// It must not resolve an ambiguous answer itself: ambiguous.ts does.
import type { Fingerprint, Observation, Policy } from '../model.ts';
import type { ProbeResult } from '../ports.ts';
import type { ProbedCount } from '../verdict.ts';
import { asResolved, type Probed } from './ambiguous.ts';

/** The verdict that counts in a pass. Only the list of keys and the kind decide on `listed`, never a failed call. */
export function judged(
  { verification }: Policy,
  keys: Observation['keys'],
  fingerprint: Fingerprint,
  { verdict, finding }: ProbeResult,
): ProbedCount['verdict'] {
  const isListed = keys.key1 === fingerprint || keys.key2 === fingerprint;
  return finding === 'noProof' && verification === 'listing' && isListed ? 'listed' : verdict;
}

export function withVerdict(verdicts: Probed, fingerprint: Fingerprint, verdict: ProbedCount['verdict']): Probed {
  const former = verdicts.get(fingerprint);
  const inARow = former?.verdict === verdict ? former.inARow + 1 : 1;
  return new Map(verdicts).set(fingerprint, { verdict, inARow });
}

/** The verdicts with that of one more probe, and its result as it counts, for the log. */
export function countProbe(
  policy: Policy,
  { verdicts, keys }: { readonly verdicts: Probed; readonly keys: Observation['keys'] },
  fingerprint: Fingerprint,
  result: ProbeResult,
): { readonly verdicts: Probed; readonly probed: ProbeResult } {
  const next = withVerdict(verdicts, fingerprint, judged(policy, keys, fingerprint, result));
  return { verdicts: next, probed: asResolved(result, fingerprint, next, keys) };
}

// What is known of a key: the verdict of a probe, and the verdict that counts in a pass.

/** Of the data plane. */
export type Verdict = 'accepted' | 'rejected' | 'inconclusive';

/**
 * What a pass knows of a value. `listed`: no call proves a key of this kind, Azure Resource Manager lists the value, and
 * the policy takes that word. It is said only of a live key, so it never proves a death.
 */
export type KeyVerdict = Verdict | 'listed';

/** The last verdict on a value in this pass, and how often in a row it was given. */
export interface VerdictCount {
  readonly verdict: KeyVerdict;
  readonly inARow: number;
}

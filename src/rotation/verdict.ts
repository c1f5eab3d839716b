// What is known of a key: the verdict of a probe, and the verdict that counts in a pass.

/** Of the data plane. */
export type Verdict = 'accepted' | 'rejected' | 'inconclusive';

/**
 * The verdict of one probe. `ambiguous`: the answer means either a dead key or a closed network. Only another key shows
 * which: `ambiguous.ts` makes one of the other verdicts of it.
 */
export type ProbeVerdict = Verdict | 'ambiguous';

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

/** As `VerdictCount`, before an ambiguous verdict is resolved. */
export interface ProbedCount {
  readonly verdict: KeyVerdict | 'ambiguous';
  readonly inARow: number;
}

/** What a pass knows of values, by their fingerprints. */
export interface Verdicts<Value> {
  readonly verdicts: ReadonlyMap<Value, VerdictCount>;
  /** Present while an answer of this pass means either a dead key or a closed network: the key that shows which. */
  readonly witness?: Value;
}

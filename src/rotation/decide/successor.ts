// The key that replaces a leaked published key, and how sure of it an emergency must be.
import type { Fingerprint, PreparingRecord, Slot } from '../model.ts';
import { backOff, block, emergenciesOf, type Followed, probe, verdictOn, wait } from './situation.ts';
import type { Step } from './step.ts';

/** A key that may be published in place of the leaked key; `since`: when it became a key, at the earliest. */
interface Successor {
  readonly slot: Slot;
  readonly fingerprint: Fingerprint;
  readonly since: number;
}

/**
 * The step that publishes another key in place of the leaked key. Azure Resource Manager says that the successor is a
 * key. It is published unless the data plane rejects it; without a verdict, after a short patience. Undefined if it is
 * rejected, unless the leaked key is rejected as well.
 */
export function replaceLeaked(followed: Followed, successor: Successor): Step | undefined {
  const { seen, policy, now, record, published } = followed;
  const { slot, fingerprint, since } = successor;
  const requests = emergenciesOf(seen).filter((request) => request.fingerprint === published.fingerprint);
  const verdict = verdictOn(seen, fingerprint);
  if (verdict === undefined) return probe(fingerprint);
  if (verdict === 'accepted') {
    const reason = record.phase === 'preparing' ? 'NewKeyAccepted' : 'PublishedKeyCompromised';
    return { kind: 'publish', slot, fingerprint, reason };
  }
  const withoutVerdict: Step = { kind: 'publish', slot, fingerprint, reason: 'EmergencyWithoutVerdict' };
  if (verdict === 'rejected') {
    // A node that lags answers only for itself; another node may know the key already.
    if ((seen.verdicts.get(fingerprint)?.inARow ?? 0) < policy.verifyProbes) return probe(fingerprint);
    const publishedVerdict = verdictOn(seen, published.fingerprint);
    if (publishedVerdict === undefined) return probe(published.fingerprint);
    if (publishedVerdict !== 'rejected') {
      return requests.some(({ accepts }) => accepts === 'outage') ? withoutVerdict : undefined;
    }
    // Both are rejected: then the endpoint is at fault, and nothing is known of either key.
  }
  const askedAt = Math.min(...requests.map(({ at }) => at));
  const patienceEndsAt = Math.max(since, askedAt) + policy.emergencyPatienceMs;
  if (now >= patienceEndsAt || requests.some(({ accepts }) => accepts !== undefined)) return withoutVerdict;
  const until = Math.min(patienceEndsAt, backOff(policy, now, Math.max(since, askedAt)));
  return wait('EmergencyKeyInconclusive', until, verdict);
}

/** The new key is rejected and the leaked key accepted: most likely a slow node. */
export function rejectedSuccessor({ policy, now }: Followed, { attemptAt }: PreparingRecord): Step {
  const until = backOff(policy, now, attemptAt);
  if (now < attemptAt + policy.activationPatienceMs) return wait('NewKeyNotYetAccepted', until, 'rejected');
  return block('NewKeyNotAccepted', until, 'rejected');
}

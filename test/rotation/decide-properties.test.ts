// What `decide` must never do, for any record and any observation, reachable or not.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide/decide.ts';
import { leakedValues } from '../../src/rotation/decide/situation.ts';
import type { Step } from '../../src/rotation/decide/step.ts';
import type { Phase } from '../../src/rotation/model.ts';
import {
  assertSafeToDisable,
  assertSafeToPublish,
  assertSafeToRegenerate,
  assertSafeToSacrifice,
} from '../../src/rotation/pass/safety.ts';
import type { KeyVerdict } from '../../src/rotation/verdict.ts';
import { always, isNote, recordOf, verdictOf, written } from './always.ts';
import { NOW } from './given.ts';

const isEffect = (step: Step): boolean => !['wait', 'probe', 'readSupersededVersion'].includes(step.kind);
/** Accepted, or listed under a policy that takes the list of keys for enough. */
const isEnough = (verdict: KeyVerdict | undefined): boolean => verdict === 'accepted' || verdict === 'listed';

describe('decide, for any record and observation', () => {
  it('is total and deterministic, and its waits end', () => {
    always((step, seen, edited) => {
      expect(decide(structuredClone(seen), edited, NOW)).toEqual(step);
      if (step.kind !== 'wait') return;
      expect(step.until).toBeGreaterThanOrEqual(NOW);
      expect(step.until).toBeLessThan(Number.POSITIVE_INFINITY);
    });
  });
  it('never regenerates the value that is published', () => {
    always((step, seen) => {
      if (step.kind !== 'regenerate') return;
      // While Key Vault cannot be read the record says which value that is.
      const published = seen.published.state === 'unknown' ? recordOf(seen)?.published : seen.published;
      expect(published).toHaveProperty('fingerprint');
      expect(published).not.toMatchObject({ fingerprint: seen.keys[step.slot] });
    });
  });
  it('never regenerates while the published value was not accepted, but for a leaked one', () => {
    always((step, seen) => {
      if (step.kind !== 'regenerate' || seen.published.state !== 'live') return;
      const verdict = seen.verdicts.get(seen.published.fingerprint)?.verdict;
      expect(isEnough(verdict) || leakedValues(seen).size > 0).toBe(true);
    });
  });
  it('publishes only live values, and only accepted ones but for repair and a leaked value', () => {
    always((step, seen) => {
      if (step.kind !== 'publish') return;
      expect(seen.keys[step.slot]).toBe(step.fingerprint);
      const isRepair = step.reason === 'PublishedKeyDrifted' || step.reason === 'SecretMissing';
      if (!isRepair && leakedValues(seen).size === 0) expect(isEnough(verdictOf(seen, step.fingerprint))).toBe(true);
    });
  });
  it('publishes in a rotation without a leak only what every probe of this pass has accepted, after its activation', () => {
    always((step, seen) => {
      const record = recordOf(seen);
      if (step.kind !== 'publish' || record?.phase !== 'preparing' || leakedValues(seen).size > 0) return;
      if (step.reason === 'PublishedKeyDrifted' || step.reason === 'SecretMissing') return;
      const { verdict, inARow } = seen.verdicts.get(step.fingerprint) ?? { verdict: undefined, inARow: 0 };
      expect(isEnough(verdict)).toBe(true);
      expect(inARow).toBeGreaterThanOrEqual(2);
      expect(NOW - record.attemptAt).toBeGreaterThanOrEqual(12_000);
    });
  });
  it('never publishes a leaked value while the other key is not leaked', () => {
    always((step, seen) => {
      if (step.kind !== 'publish') return;
      const leaked = leakedValues(seen);
      const areAllLeaked = leaked.has(seen.keys.key1) && leaked.has(seen.keys.key2);
      if (leaked.has(step.fingerprint)) expect(areAllLeaked).toBe(true);
    });
  });
  it('does nothing where it may only observe; where somebody must look first, only what an operator’s word allows', () => {
    always((step, seen, edited) => {
      const mustLook =
        seen.record.state === 'unreadable' ||
        seen.published.state === 'foreign' ||
        seen.published.state === 'disabled' ||
        seen.keys.key1 === seen.keys.key2;
      const isOutageAccepted = seen.requests.some(
        ({ kind, accepts }) => kind === 'compromised' && accepts === 'outage',
      );
      if (edited.isObserveOnly || (mustLook && !isOutageAccepted)) expect(isEffect(step)).toBe(false);
      // Without its record the account is taken in hand anew: then other rules apply.
      if (!mustLook || seen.record.state === 'unreadable' || step.kind === 'sacrifice') return;
      expect(isEffect(step) && !isNote(step, seen)).toBe(false);
    });
  });
  it('regenerates nothing while paused, frozen or outside the window, but for a leaked value', () => {
    always((step, seen, edited) => {
      const isHeld = seen.isPaused || edited.isFrozen || edited.windowAt !== undefined;
      if (isHeld && leakedValues(seen).size === 0) expect(step.kind).not.toBe('regenerate');
    });
  });
  it('announces only the newest version, the flag after the reference', () => {
    always((step, seen) => {
      if (step.kind !== 'announceReference' && step.kind !== 'announceFlag') return;
      expect(seen.published).toMatchObject({ state: 'live', version: step.version });
      if (step.kind === 'announceFlag') expect(seen.announced).toMatchObject({ isReferenceInLine: true });
    });
  });
  it('decides nothing that the assertions at the effect refuse', () => {
    always((step, seen) => {
      if (step.kind === 'regenerate') assertSafeToRegenerate(seen, step);
      if (step.kind === 'publish') assertSafeToPublish(seen, step);
      if (step.kind === 'disable') assertSafeToDisable(seen, step);
      if (step.kind === 'sacrifice') assertSafeToSacrifice(seen, step);
    });
  });
  it('never publishes a rejected value in the place of one that is still accepted', () => {
    always((step, seen) => {
      if (step.kind !== 'publish' || seen.published.state !== 'dead') return;
      const isWorse = verdictOf(seen, step.fingerprint) === 'rejected';
      const isOutageAccepted = seen.requests.some(({ accepts }) => accepts === 'outage');
      if (isWorse && !isOutageAccepted) expect(verdictOf(seen, seen.published.fingerprint)).not.toBe('accepted');
    });
  });
  it('begins a rotation only when it is due or asked for on a valid policy, or a leaked key is live', () => {
    always((step, seen, edited) => {
      const record = recordOf(seen);
      if (step.kind !== 'regenerate' || record?.phase !== 'idle') return;
      const isDue = NOW >= record.rotatedAt + 100_000 + record.jitterMs;
      const isAsked = seen.requests.some(({ kind }) => kind === 'rotate');
      const mayBegin = (isDue || isAsked) && edited.isInvalid !== true;
      expect(mayBegin || leakedValues(seen).size > 0).toBe(true);
    });
  });
  it('regenerates the superseded slot only after the minimum overlap, but for a leaked value', () => {
    always((step, seen) => {
      const record = recordOf(seen);
      if (step.kind !== 'regenerate' || record?.phase !== 'propagating' || leakedValues(seen).size > 0) return;
      expect(NOW - record.since).toBeGreaterThanOrEqual(10_000);
    });
  });
  it('regenerates again only after the last attempt has settled, or when it has had its effect', () => {
    always((step, seen) => {
      const record = recordOf(seen);
      if (step.kind !== 'regenerate' || record === undefined || !('attemptAt' in record)) return;
      const hadEffect = record.phase === 'preparing' && seen.keys[step.slot] !== record.before;
      const isSettled = NOW >= (record.attemptAt ?? 0) + 9_000;
      expect(hadEffect || isSettled).toBe(true);
    });
  });
  it('publishes after a regenerate only what differs from the value seen before', () => {
    always((step, seen) => {
      const record = recordOf(seen);
      if (
        step.kind !== 'publish' ||
        !['NewKeyAccepted', 'NewKeyListed'].includes(step.reason) ||
        record?.phase !== 'preparing'
      )
        return;
      expect(step.fingerprint).not.toBe(record.before);
    });
  });
  it('moves along the edges of the machine, and counts a rotation only where it leaves the rest', () => {
    const next: Readonly<Record<Phase, readonly Phase[]>> = {
      idle: ['idle', 'preparing', 'propagating'],
      preparing: ['preparing', 'propagating'],
      propagating: ['propagating', 'retiring'],
      retiring: ['retiring', 'propagating', 'idle'],
    };
    always((step, seen) => {
      const [record, after] = [recordOf(seen), written(step)];
      if (record === undefined || after === undefined) return;
      expect(next[record.phase]).toContain(after.phase);
      const leavesRest = record.phase === 'idle' && after.phase !== 'idle';
      expect(after.rotationId - record.rotationId).toBe(leavesRest ? 1 : 0);
    });
  });
  it('writes into a record only the version that is published, and no other while that is unknown', () => {
    always((step, seen) => {
      const after = written(step);
      if (after === undefined || isNote(step, seen)) return;
      const published = seen.published.state === 'unknown' ? recordOf(seen)?.published : seen.published;
      expect(published).toMatchObject({ version: after.published.version });
    });
  });
  it('calls a death proven only on our mark, or on rejections in a row, now and for long, next to an accepted key', () => {
    always((step, seen, policy) => {
      const record = recordOf(seen);
      const isProven = step.kind === 'record' && step.record.phase === 'idle' && step.record.last?.provenAt === NOW;
      if (record?.phase !== 'retiring' || !(isProven || step.kind === 'disable')) return;
      const count = seen.verdicts.get(record.superseded.fingerprint);
      const isRejected = count?.verdict === 'rejected' && count.inARow >= policy.confirmProbes;
      const isForLong = NOW - (record.rejectedSince ?? NOW) >= 12_000;
      const isProbed = isRejected && isForLong && verdictOf(seen, record.published.fingerprint) === 'accepted';
      expect(seen.supersededVersion === 'markedRejected' || isProbed).toBe(true);
    });
  });
  it('comes to rest only when the superseded value is no longer a live key', () => {
    always((step, seen) => {
      const record = recordOf(seen);
      if (step.kind !== 'record' || step.record.phase !== 'idle' || record?.phase !== 'retiring') return;
      expect(seen.keys[record.superseded.slot]).not.toBe(record.superseded.fingerprint);
    });
  });
  it('reaches every kind of step with these observations', () => {
    const kinds = new Set<Step['kind']>();
    always((step) => {
      kinds.add(step.kind);
    });
    expect([...kinds].toSorted()).toEqual([
      'announceFlag',
      'announceReference',
      'disable',
      'probe',
      'publish',
      'readSupersededVersion',
      'record',
      'regenerate',
      'sacrifice',
      'wait',
    ]);
  });
});

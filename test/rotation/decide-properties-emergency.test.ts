// What `decide` must never do about leaked keys and the requests that name them, for any record and any observation.
import { describe, expect, it } from 'vitest';
import { isLive, leakedValues } from '../../src/rotation/decide/situation.ts';
import { always, recordOf, verdictOf } from './always.ts';
import { NOW } from './given.ts';

describe('decide, for any record and observation', () => {
  it('never regenerates or sacrifices a published key that did not leak', () => {
    always((step, seen) => {
      if (step.kind !== 'regenerate' && step.kind !== 'sacrifice') return;
      const published = seen.published.state === 'unknown' ? recordOf(seen)?.published : seen.published;
      const isPublished =
        published !== undefined && 'fingerprint' in published && published.fingerprint === seen.keys[step.slot];
      if (isPublished) expect([step.kind, leakedValues(seen).has(step.fingerprint)]).toEqual(['sacrifice', true]);
    });
  });
  it('sacrifices only a leaked live key, on the word of a request about that key that accepts the outage', () => {
    always((step, seen) => {
      if (step.kind !== 'sacrifice') return;
      expect(seen.keys[step.slot]).toBe(step.fingerprint);
      expect(seen.requests.filter(({ id }) => id === step.requestId)).toMatchObject([
        { kind: 'compromised', fingerprint: step.fingerprint, accepts: 'outage' },
      ]);
    });
  });
  it('sacrifices nothing while another key can be published', () => {
    always((step, seen) => {
      if (step.kind !== 'sacrifice' || seen.keys.key1 === seen.keys.key2) return;
      expect(['unknown', 'foreign', 'disabled']).toContain(seen.published.state);
    });
  });
  it('sacrifices a value again only after the last attempt has settled', () => {
    always((step, seen) => {
      const former = recordOf(seen)?.sacrifice;
      if (step.kind !== 'sacrifice' || former?.before !== step.fingerprint) return;
      expect(NOW - former.attemptAt).toBeGreaterThanOrEqual(9_000);
    });
  });
  it('begins no emergency at rest for a request that is a week old', () => {
    always((step, seen) => {
      if (recordOf(seen)?.phase !== 'idle' || (step.kind !== 'regenerate' && step.kind !== 'sacrifice')) return;
      const emergencies = seen.requests.filter(
        ({ kind, fingerprint }) => kind === 'compromised' && fingerprint !== undefined && isLive(seen, fingerprint),
      );
      const isYoung = emergencies.some(({ at }) => NOW - at < 604_800_000);
      expect(emergencies.length === 0 || isYoung).toBe(true);
    });
  });
  it('publishes a value without a verdict in no case but repair', () => {
    always((step, seen) => {
      if (step.kind !== 'publish' || step.reason === 'SecretMissing') return;
      expect(verdictOf(seen, step.fingerprint)).toBeDefined();
    });
  });
  it('publishes a rejected value for an accepted leaked one only where the outage is accepted', () => {
    always((step, seen) => {
      if (step.kind !== 'publish' || seen.published.state !== 'live') return;
      const isWorse =
        verdictOf(seen, step.fingerprint) === 'rejected' && verdictOf(seen, seen.published.fingerprint) === 'accepted';
      if (isWorse) expect(seen.requests.some(({ accepts }) => accepts === 'outage')).toBe(true);
    });
  });
  it('publishes nothing while Key Vault could not be read', () => {
    always((step, seen) => {
      if (seen.published.state === 'unknown') expect(step.kind).not.toBe('publish');
    });
  });
  it('closes and marks at most twenty requests in one write, each once', () => {
    let most = 0;
    always((step) => {
      if (step.kind !== 'record' && step.kind !== 'regenerate') return;
      const ids = [...step.closes, ...('marks' in step ? (step.marks ?? []) : [])].map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      most = Math.max(most, ids.length);
    });
    expect(most).toBe(20);
  });
  it('closes and marks only open requests: names once, values that are keys no longer', () => {
    always((step, seen) => {
      if (step.kind !== 'record') return;
      for (const mark of step.marks ?? []) {
        const request = seen.requests.find(({ id }) => id === mark.id);
        expect(request?.kind).toBe('compromised');
        if (mark.fingerprint !== undefined) expect(request).not.toHaveProperty('fingerprint');
        if (mark.replacedAt === undefined) continue;
        expect(request).not.toHaveProperty('replacedAt');
        expect(request?.fingerprint !== undefined && isLive(seen, request.fingerprint)).toBe(false);
      }
    });
  });
  it('closes a request about a leaked key only when its value is a key no longer, as dead only when that is proven', () => {
    always((step, seen) => {
      if (step.kind !== 'record' && step.kind !== 'regenerate') return;
      for (const { id, outcome } of step.closes) {
        const request = seen.requests.find((entry) => entry.id === id);
        expect(request).toBeDefined();
        const isAboutKey = request?.kind === 'compromised';
        expect(outcome === 'KeyIsDead' || outcome === 'KeyReplaced').toBe(isAboutKey);
        if (isAboutKey) expect(request.fingerprint !== undefined && !isLive(seen, request.fingerprint)).toBe(true);
        if (outcome === 'KeyIsDead') expect(step).toMatchObject({ record: { phase: 'idle', last: { provenAt: NOW } } });
      }
    });
  });
  it('deals with no other request while a leaked key is live', () => {
    always((step, seen) => {
      if (step.kind !== 'record' || leakedValues(seen).size === 0) return;
      const outcomes = step.closes.map(({ outcome }) => outcome);
      expect(outcomes).not.toContain('StandbyApproved');
      expect(outcomes).not.toContain('AnsweredByEarlierRequest');
      expect(outcomes.filter((outcome) => outcome.startsWith('Refused'))).toEqual([]);
    });
  });
  it('waits for App Configuration only while no leaked key is live', () => {
    always((step, seen) => {
      if (step.kind === 'wait' && step.reason === 'AnnouncementUnknown') expect(leakedValues(seen).size).toBe(0);
    });
  });
});

// What `decide` must never do, for any record and any observation, reachable or not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rotation/decide.ts';
import type {
  Acknowledgement,
  Announced,
  Fingerprint,
  Observation,
  Policy,
  Published,
  PublishedVersion,
  Request,
  RotationRecord,
  SecretVersion,
  Step,
  SupersededVersion,
} from '../../src/rotation/model.ts';
import { assertSafeToDisable, assertSafeToPublish, assertSafeToRegenerate } from '../../src/rotation/safety.ts';
import { leakedValues } from '../../src/rotation/situation.ts';
import { NOW, POLICY } from './given.ts';

const RUNS = { numRuns: 5_000 };
/** Few names, so that they coincide often. */
const fingerprint = fc.constantFrom('f1', 'f2', 'f3', 'f4').map((name) => name as Fingerprint);
const version = fc.constantFrom('v1', 'v2', 'v3').map((name) => name as SecretVersion);
const slot = fc.constantFrom('key1' as const, 'key2' as const);
const instant = fc.integer({ min: NOW - 200_000, max: NOW + 20_000 });
const count = fc.integer({ min: 0, max: 5 });
const publishedVersion: fc.Arbitrary<PublishedVersion> = fc.record({ slot, version, fingerprint });
const base = { rotationId: count, published: publishedVersion };
const overlap = {
  superseded: publishedVersion,
  since: instant,
  rolledBack: fc.boolean(),
  versions: fc.array(version, { maxLength: 3 }),
};

const record = fc.oneof(
  fc.record(
    {
      ...base,
      phase: fc.constant('idle'),
      rotatedAt: instant,
      jitterMs: count,
      adoptedAt: instant,
      standbyApprovedAt: instant,
    },
    { requiredKeys: ['phase', 'rotationId', 'published', 'rotatedAt', 'jitterMs'] },
  ),
  fc.record({
    ...base,
    phase: fc.constant('preparing'),
    reason: fc.constant('RotationDue'),
    before: fingerprint,
    attemptAt: instant,
    attempts: count,
  }),
  fc.record({ ...base, ...overlap, phase: fc.constant('propagating') }),
  fc.record(
    { ...base, ...overlap, phase: fc.constant('retiring'), enteredAt: instant, attemptAt: instant, attempts: count },
    {
      requiredKeys: [
        'phase',
        'rotationId',
        'published',
        'superseded',
        'since',
        'rolledBack',
        'versions',
        'enteredAt',
        'attempts',
      ],
    },
  ),
) as unknown as fc.Arbitrary<RotationRecord>;

const recordRead: fc.Arbitrary<Observation['record']> = fc.oneof(
  { arbitrary: record.map((value) => ({ state: 'present' as const, record: value })), weight: 8 },
  { arbitrary: fc.constant({ state: 'absent' as const }), weight: 1 },
  { arbitrary: fc.constant({ state: 'unreadable' as const, detail: 'x' }), weight: 1 },
);
const request = fc.record(
  {
    id: fc.constantFrom('r1', 'r2', 'r3'),
    kind: fc.constantFrom('rotate', 'compromised', 'rollBack', 'approve'),
    reason: fc.constant('x'),
    by: fc.constant('y'),
    at: instant,
    fingerprint,
    overlapMs: count,
  },
  { requiredKeys: ['id', 'kind', 'reason', 'by', 'at'] },
) as unknown as fc.Arbitrary<Request>;
const announced: fc.Arbitrary<Announced> = fc.oneof(
  fc.constant({ state: 'unknown' as const }),
  fc.record({
    state: fc.constant('read' as const),
    isReferenceInLine: fc.boolean(),
    isFlagInLine: fc.boolean(),
    referencedVersion: version,
  }),
);
const verdictMap = fc
  .array(
    fc.tuple(
      fingerprint,
      fc.record({
        verdict: fc.constantFrom('accepted' as const, 'rejected' as const, 'inconclusive' as const),
        inARow: count,
      }),
    ),
    { maxLength: 4 },
  )
  .map((entries) => new Map(entries));

/** As `interpret` would have it: what is live equals the key of its slot, what is dead equals none. */
function publishedFor(keys: Observation['keys']): fc.Arbitrary<Published> {
  return fc.oneof(
    {
      arbitrary: fc
        .tuple(slot, version)
        .map(([at, name]) => ({ state: 'live' as const, slot: at, version: name, fingerprint: keys[at] })),
      weight: 6,
    },
    {
      arbitrary: fc
        .tuple(slot, version)
        .map(([at, name]) => ({ state: 'dead' as const, slot: at, version: name, fingerprint: 'f9' as Fingerprint })),
      weight: 2,
    },
    { arbitrary: fc.constant({ state: 'none' as const }), weight: 1 },
    { arbitrary: fc.constant({ state: 'disabled' as const }), weight: 1 },
    { arbitrary: version.map((name) => ({ state: 'foreign' as const, version: name })), weight: 1 },
  );
}

const observation: fc.Arbitrary<Observation> = fc.record({ key1: fingerprint, key2: fingerprint }).chain((keys) =>
  fc.record({
    record: recordRead,
    requests: fc.array(request, { maxLength: 3 }),
    acknowledgements: fc.array(
      fc.record({ consumer: fc.constantFrom('web', 'batch'), version, at: instant }) as fc.Arbitrary<Acknowledgement>,
      { maxLength: 2 },
    ),
    isPaused: fc.boolean(),
    published: publishedFor(keys),
    keys: fc.constant(keys),
    announced,
    verdicts: verdictMap,
    supersededVersion: fc.constantFrom<SupersededVersion>(
      'unread',
      'enabled',
      'markedRejected',
      'disabledByOthers',
      'missing',
    ),
    isSupersededValueKnown: fc.boolean(),
  }),
);
const policy: fc.Arbitrary<Policy> = fc
  .record({
    consumers: fc.subarray(['web', 'batch']),
    onMissing: fc.constantFrom('hold' as const, 'proceed' as const),
    standbyIsFree: fc.boolean(),
    isFrozen: fc.boolean(),
    isWindowOpen: fc.boolean(),
    isObserveOnly: fc.boolean(),
  })
  .map((edit) => ({ ...POLICY, ...edit }));

function always(holds: (step: Step, seen: Observation, policy: Policy) => void): void {
  fc.assert(
    fc.property(observation, policy, (seen, edited) => holds(decide(seen, edited, NOW), seen, edited)),
    RUNS,
  );
}

const isEffect = (step: Step): boolean => !['wait', 'probe', 'readSupersededVersion'].includes(step.kind);

describe('decide, for any record and observation', () => {
  it('is total and deterministic, and its waits end', () => {
    always((step, seen, edited) => {
      expect(decide(structuredClone(seen), edited, NOW)).toEqual(step);
      if (step.kind === 'wait') expect(step.until).toBeGreaterThanOrEqual(NOW);
    });
  });
  it('never regenerates the value that is published', () => {
    always((step, seen) => {
      if (step.kind !== 'regenerate') return;
      expect(seen.published.state).toBe('live');
      expect(seen.published).not.toMatchObject({ fingerprint: seen.keys[step.slot] });
    });
  });
  it('never regenerates while the published value was not accepted, but for a leaked one', () => {
    always((step, seen) => {
      if (step.kind !== 'regenerate' || seen.published.state !== 'live') return;
      const verdict = seen.verdicts.get(seen.published.fingerprint)?.verdict;
      expect(verdict === 'accepted' || leakedValues(seen).size > 0).toBe(true);
    });
  });
  it('publishes only live values, and only accepted ones but for repair', () => {
    always((step, seen) => {
      if (step.kind !== 'publish') return;
      expect(seen.keys[step.slot]).toBe(step.fingerprint);
      const isRepair = step.reason === 'PublishedKeyDrifted' || step.reason === 'SecretMissing';
      if (!isRepair) expect(seen.verdicts.get(step.fingerprint)?.verdict).toBe('accepted');
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
  it('has no effect at all where somebody must look first, or where it may only observe', () => {
    always((step, seen, edited) => {
      const mustLook =
        seen.record.state === 'unreadable' ||
        seen.published.state === 'foreign' ||
        seen.published.state === 'disabled' ||
        seen.keys.key1 === seen.keys.key2;
      if (mustLook || edited.isObserveOnly) expect(isEffect(step)).toBe(false);
    });
  });
  it('regenerates nothing while paused, frozen or outside the window, but for a leaked value', () => {
    always((step, seen, edited) => {
      const isHeld = seen.isPaused || edited.isFrozen || !edited.isWindowOpen;
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
    });
  });
});

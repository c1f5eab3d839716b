// Any record, any observation, any policy, reachable or not, for the properties of the core.
// Few names, so that they coincide often; no filters, so that a failure shrinks to its cause.
import fc from 'fast-check';
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
  SupersededVersion,
} from '../../src/rotation/model.ts';
import { NOW, POLICY } from './given.ts';

const fingerprint = fc.constantFrom('f1', 'f2', 'f3', 'f4', 'f9').map((name) => name as Fingerprint);
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

/** Live keys; never the value that `publishedFor` calls dead. */
const keyOf = fc.constantFrom('f1', 'f2', 'f3', 'f4').map((name) => name as Fingerprint);

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

/** Anything at all, reachable or not. */
const anything: fc.Arbitrary<Observation> = fc.record({ key1: keyOf, key2: keyOf }).chain((keys) =>
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
/** The same with everything before the phase in order, so that each rule of the phases is reached often. */
const settled: fc.Arbitrary<Observation> = anything.map((seen) => {
  const { published } = seen;
  if (seen.record.state !== 'present' || published.state !== 'live') return seen;
  const { state: _, ...followed } = published;
  const announced = { state: 'read' as const, isReferenceInLine: true, isFlagInLine: true };
  const read: Announced = { ...announced, referencedVersion: followed.version };
  return {
    ...seen,
    record: { state: 'present', record: { ...seen.record.record, published: followed } },
    announced: read,
  };
});

export const anyObservation: fc.Arbitrary<Observation> = fc.oneof(anything, settled);

export const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    consumers: fc.subarray(['web', 'batch']),
    onMissing: fc.constantFrom('hold' as const, 'proceed' as const),
    standbyIsFree: fc.boolean(),
    isFrozen: fc.boolean(),
    isWindowOpen: fc.boolean(),
    isObserveOnly: fc.boolean(),
  })
  .map((edit) => ({ ...POLICY, ...edit }));

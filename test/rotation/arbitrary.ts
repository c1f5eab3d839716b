// Any record, any observation, any policy, reachable or not, for the properties of the core.
// Few names, so that they coincide often; no filters, so that a failure shrinks to its cause.
import fc from 'fast-check';
import {
  type Acknowledgement,
  type Announced,
  type Fingerprint,
  type Observation,
  otherSlot,
  type Policy,
  type Published,
  type PublishedVersion,
  type Request,
  type RequestId,
  type RotationRecord,
  type SecretVersion,
  type SupersededVersion,
} from '../../src/rotation/model.ts';
import type { KeyVerdict, VerdictCount } from '../../src/rotation/verdict.ts';
import { NOW, PLACE, POLICY } from './given.ts';

const fingerprint = fc.constantFrom('f1', 'f2', 'f3', 'f4', 'f9').map((name) => name as Fingerprint);
const version = fc.constantFrom('v1', 'v2', 'v3').map((name) => name as SecretVersion);
const slot = fc.constantFrom('key1' as const, 'key2' as const);
/** Mostly about the spans of the policy, so that both sides of each bound are met. */
const instant = fc.oneof(
  fc.integer({ min: NOW - 200_000, max: NOW + 20_000 }),
  fc.integer({ min: NOW - 45_000, max: NOW + 1_000 }),
);
const seldom = fc.oneof({ arbitrary: fc.constant(false), weight: 9 }, fc.constant(true));
const count = fc.integer({ min: 0, max: 5 });
const publishedVersion: fc.Arbitrary<PublishedVersion> = fc.record({ slot, version, fingerprint });
const sacrifice = fc.record({ slot, before: fingerprint, attemptAt: instant });
const base = { rotationId: count, published: publishedVersion, sacrifice };
const overlap = {
  superseded: publishedVersion,
  since: instant,
  rolledBack: fc.boolean(),
  versions: fc.array(version, { maxLength: 3 }),
};

export const anyRecord = fc.oneof(
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
  fc.record(
    {
      ...base,
      phase: fc.constant('preparing'),
      reason: fc.constant('RotationDue'),
      before: fingerprint,
      attemptAt: instant,
      attempts: count,
    },
    { requiredKeys: ['phase', 'rotationId', 'published', 'reason', 'before', 'attemptAt', 'attempts'] },
  ),
  fc.record(
    { ...base, ...overlap, phase: fc.constant('propagating') },
    { requiredKeys: ['phase', 'rotationId', 'published', 'superseded', 'since', 'rolledBack', 'versions'] },
  ),
  fc.record(
    {
      ...base,
      ...overlap,
      phase: fc.constant('retiring'),
      enteredAt: instant,
      rejectedSince: instant,
      attemptAt: instant,
      attempts: count,
    },
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
  { arbitrary: anyRecord.map((value) => ({ state: 'present' as const, record: value })), weight: 8 },
  { arbitrary: fc.constant({ state: 'absent' as const }), weight: 1 },
  { arbitrary: fc.constant({ state: 'unreadable' as const, detail: 'x' }), weight: 1 },
);
/** Some are older than an emergency may be that has not begun. */
const askedAt = fc.oneof({ arbitrary: instant, weight: 4 }, fc.constantFrom(NOW - 604_799_999, NOW - 604_800_000));
const anyRequest = fc.record(
  {
    id: fc.constant('r'),
    kind: fc.constantFrom('rotate', 'compromised', 'compromised', 'rollBack', 'approve'),
    reason: fc.constant('x'),
    by: fc.constant('y'),
    at: askedAt,
    named: fc.constantFrom('key1', 'key2', 'published'),
    fingerprint,
    overlapMs: count,
    accepts: fc.constantFrom('unverifiedKey', 'outage', 'outage'),
    replacedAt: instant,
  },
  { requiredKeys: ['id', 'kind', 'reason', 'by', 'at', 'named', 'fingerprint'] },
) as unknown as fc.Arbitrary<Request>;
/** At times it is not known yet which value the name means. */
const request = fc
  .tuple(anyRequest, seldom)
  .map(([{ fingerprint: value, ...rest }, isUnnamed]) =>
    isUnnamed || value === undefined ? rest : { ...rest, fingerprint: value },
  );
const requestsOf = (one: fc.Arbitrary<Request>, constraints: fc.ArrayConstraints): fc.Arbitrary<Request[]> =>
  fc
    .array(one, constraints)
    .map((requests) => requests.map((entry, index) => ({ ...entry, id: `r${index}` as RequestId })));
/** None, a few, or more than one write may close. */
const requests: fc.Arbitrary<Request[]> = fc.oneof(
  { arbitrary: fc.constant<Request[]>([]), weight: 9 },
  { arbitrary: requestsOf(request, { maxLength: 3 }), weight: 10 },
  { arbitrary: requestsOf(anyRequest, { minLength: 25, maxLength: 60 }), weight: 1 },
);
const announced: fc.Arbitrary<Announced> = fc.oneof(
  fc.constant({ state: 'unknown' as const }),
  fc.record({
    state: fc.constant('read' as const),
    isReferenceInLine: fc.boolean(),
    isFlagInLine: fc.boolean(),
    referencedVersion: version,
  }),
);
/** `accepted` and `rejected` twice: some steps need several of them. */
const VERDICTS: readonly KeyVerdict[] = ['accepted', 'accepted', 'rejected', 'rejected', 'inconclusive', 'listed'];
const verdictCount = fc.record({
  verdict: fc.constantFrom(...VERDICTS),
  inARow: fc.integer({ min: 1, max: 5 }),
});
const verdictMap: fc.Arbitrary<Observation['verdicts']> = fc
  .dictionary(fingerprint, verdictCount, { minKeys: 3, maxKeys: 5 })
  .map((entries) => new Map(Object.entries(entries) as [Fingerprint, VerdictCount][]));

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
    { arbitrary: fc.constant({ state: 'unknown' as const }), weight: 1 },
    { arbitrary: fc.constant({ state: 'none' as const }), weight: 1 },
    { arbitrary: fc.constant({ state: 'disabled' as const }), weight: 1 },
    { arbitrary: version.map((name) => ({ state: 'foreign' as const, version: name })), weight: 1 },
  );
}

/** Anything at all, reachable or not. */
const anything: fc.Arbitrary<Observation> = fc.record({ key1: keyOf, key2: keyOf }).chain((keys) =>
  fc.record({
    record: recordRead,
    requests,
    acknowledgements: fc.array(
      fc.record({ consumer: fc.constantFrom('web', 'batch'), version, at: instant }) as fc.Arbitrary<Acknowledgement>,
      { maxLength: 4 },
    ),
    isPaused: seldom,
    place: fc.constant(PLACE),
    published: publishedFor(keys),
    keys: fc.constant(keys),
    announced,
    verdicts: verdictMap,
    supersededVersion: fc.constantFrom<SupersededVersion>(
      'unread',
      'enabled',
      'enabled',
      'enabled',
      'markedRejected',
      'disabledByOthers',
      'missing',
    ),
    isSupersededValueKnown: fc.boolean(),
  }),
);
const bias = fc.record({
  keys: fc.subarray(['f1', 'f2', 'f3', 'f4'] as Fingerprint[], { minLength: 2, maxLength: 2 }),
  slot,
  isSupersededLive: fc.boolean(),
  areNamedLive: fc.boolean(),
  isPublishedAccepted: fc.boolean(),
  referencedVersion: version,
  isReferenceOdd: seldom,
  isUnread: fc.oneof({ arbitrary: fc.constant(false), weight: 4 }, fc.constant(true)),
});

/**
 * The same, as it is when nothing before the phase objects: the record has followed a live version that is announced, the
 * slots differ, the superseded one is the other. So each rule of the phases is reached often. At times Key Vault could not
 * be read: then the record alone says what is published.
 */
const settled: fc.Arbitrary<Observation> = fc.tuple(anything, anyRecord, bias).map(([seen, former, biased]) => {
  const [key1 = seen.keys.key1, key2 = seen.keys.key2] = biased.keys;
  const keys = { key1, key2 };
  const published = { slot: biased.slot, version: former.published.version, fingerprint: keys[biased.slot] };
  const superseded = (of: PublishedVersion): PublishedVersion => {
    const at = otherSlot(biased.slot);
    return { slot: at, version: of.version, fingerprint: biased.isSupersededLive ? keys[at] : of.fingerprint };
  };
  const followed: RotationRecord =
    'superseded' in former
      ? { ...former, published, superseded: superseded(former.superseded) }
      : { ...former, published };
  const named = (entry: Request): Request =>
    entry.fingerprint === 'f4' || entry.fingerprint === undefined
      ? entry
      : { ...entry, fingerprint: keys[entry.fingerprint < 'f2' ? 'key1' : 'key2'] };
  const verdicts = new Map(seen.verdicts);
  if (biased.isPublishedAccepted) verdicts.set(published.fingerprint, { verdict: 'accepted', inARow: 1 });
  return {
    ...seen,
    record: { state: 'present', record: followed },
    requests: biased.areNamedLive ? seen.requests.map(named) : seen.requests,
    published: biased.isUnread ? { state: 'unknown' } : { state: 'live', ...published },
    keys,
    verdicts,
    announced: {
      state: 'read',
      isReferenceInLine: true,
      isFlagInLine: true,
      referencedVersion: biased.isReferenceOdd ? biased.referencedVersion : published.version,
    },
  };
});

export const anyObservation: fc.Arbitrary<Observation> = fc.oneof(anything, { arbitrary: settled, weight: 2 });

const SHUT: Partial<Policy> = { windowAt: () => ({ isOpen: false }) };

export const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    consumers: fc.subarray(['web', 'batch']),
    onMissing: fc.constantFrom('hold' as const, 'proceed' as const),
    standbyIsFree: fc.boolean(),
    isFrozen: seldom,
    isObserveOnly: seldom,
    isShut: seldom,
    isInvalid: seldom,
  })
  .map(({ isShut, isInvalid, ...edit }) => ({
    ...POLICY,
    ...edit,
    ...(isShut ? SHUT : {}),
    ...(isInvalid ? { isInvalid: true as const } : {}),
  }));

// The words in which the tests of the core are written: a policy in round numbers, an account at rest, and what differs.
import type {
  Announced,
  Fingerprint,
  IdleRecord,
  Observation,
  Policy,
  PreparingRecord,
  PropagatingRecord,
  PublishedVersion,
  Request,
  RequestId,
  RetiringRecord,
  RotationId,
  RotationRecord,
  SecretVersion,
  Verdict,
} from '../../src/rotation/model.ts';

export const NOW = 1_000_000;

export const POLICY: Policy = {
  rotationIntervalMs: 100_000,
  overlapMinimumMs: 10_000,
  overlapMaximumMs: 30_000,
  onMissing: 'hold',
  consumers: [],
  activationPatienceMs: 20_000,
  confirmForMs: 40_000,
  confirmProbes: 2,
  attemptsMaximum: 3,
  observeEveryMs: 60_000,
  backOffMinimumMs: 1_000,
  backOffMaximumMs: 8_000,
  leaseMs: 5_000,
  callDeadlineMs: 2_000,
  clockSkewMs: 500,
  settleMs: 9_000,
  jitterMs: 0,
  standbyIsFree: true,
  isObserveOnly: false,
  isFrozen: false,
  isWindowOpen: true,
};

export const K1 = '1111111111111111' as Fingerprint;
export const K2 = '2222222222222222' as Fingerprint;
/** What key2 becomes when it is regenerated. */
export const K2_NEW = '2222222222222223' as Fingerprint;
export const K1_NEW = '1111111111111112' as Fingerprint;
export const V1 = 'a0000000000000000000000000000001' as SecretVersion;
export const V2 = 'a0000000000000000000000000000002' as SecretVersion;
export const V3 = 'a0000000000000000000000000000003' as SecretVersion;
export const ID = 7 as RotationId;
export const NEXT_ID = 8 as RotationId;

export const PUBLISHED_KEY1: PublishedVersion = { slot: 'key1', version: V1, fingerprint: K1 };
export const PUBLISHED_KEY2: PublishedVersion = { slot: 'key2', version: V2, fingerprint: K2_NEW };

export const IN_LINE: Announced = {
  state: 'read',
  isReferenceInLine: true,
  isFlagInLine: true,
  referencedVersion: V1,
};

export const idle: IdleRecord = {
  phase: 'idle',
  rotationId: ID,
  published: PUBLISHED_KEY1,
  rotatedAt: NOW - 50_000,
  jitterMs: 0,
};

/** key2 is being renewed. */
export const preparing: PreparingRecord = {
  phase: 'preparing',
  rotationId: NEXT_ID,
  published: PUBLISHED_KEY1,
  reason: 'RotationDue',
  before: K2,
  attemptAt: NOW - 1_000,
  attempts: 1,
};

/** key2 is published, key1 superseded and still valid. */
export const propagating: PropagatingRecord = {
  phase: 'propagating',
  rotationId: NEXT_ID,
  published: PUBLISHED_KEY2,
  superseded: PUBLISHED_KEY1,
  since: NOW - 5_000,
  rolledBack: false,
  versions: [V2],
};

/** key1 has been regenerated a second ago. */
export const retiring: RetiringRecord = {
  phase: 'retiring',
  rotationId: NEXT_ID,
  published: PUBLISHED_KEY2,
  superseded: PUBLISHED_KEY1,
  since: NOW - 40_000,
  rolledBack: false,
  versions: [V2],
  enteredAt: NOW - 1_000,
  attemptAt: NOW - 1_000,
  attempts: 1,
};

export function verdicts(entries: Readonly<Record<string, Verdict>>, inARow = 1): Observation['verdicts'] {
  return new Map(
    Object.entries(entries).map(([fingerprint, verdict]) => [fingerprint as Fingerprint, { verdict, inARow }]),
  );
}

export function present(record: RotationRecord): Observation['record'] {
  return { state: 'present', record };
}

/** A healthy account at rest: key1 is published and in line, nothing is asked. */
export const atRest: Observation = {
  record: present(idle),
  requests: [],
  acknowledgements: [],
  isPaused: false,
  published: { state: 'live', ...PUBLISHED_KEY1 },
  keys: { key1: K1, key2: K2 },
  announced: IN_LINE,
  verdicts: new Map(),
  supersededVersion: 'unread',
  isSupersededValueKnown: false,
};

/** key2 was renewed, published and announced. */
export const inOverlap: Observation = {
  ...atRest,
  record: present(propagating),
  published: { state: 'live', ...PUBLISHED_KEY2 },
  keys: { key1: K1, key2: K2_NEW },
  announced: { ...IN_LINE, referencedVersion: V2 },
  isSupersededValueKnown: true,
};

/** key1 has got a new value. */
export const inRetirement: Observation = {
  ...inOverlap,
  record: present(retiring),
  keys: { key1: K1_NEW, key2: K2_NEW },
};

export function asked(kind: Request['kind'], extra: Partial<Request> = {}): Request {
  return { id: `${kind}-1` as RequestId, kind, reason: 'asked', by: 'operator', at: NOW - 100, ...extra };
}

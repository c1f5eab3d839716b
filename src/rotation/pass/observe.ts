// Reads the world for a pass (`Sighting`), and derives an `Observation` from it.
// It must not write or decide. Effects return parts of a new sighting; after any failure a new pass reads again.
//
// The record is read first: another pass that acts after that read has written the record before, so our next write of
// the record loses the race. The other reads are concurrent, so their order is not known.
import { allEnded } from '../../base/lanes.ts';
import { RotationError } from '../errors.ts';
import type {
  Account,
  Announced,
  Fingerprint,
  Observation,
  Published,
  SecretVersion,
  SupersededVersion,
} from '../model.ts';
import { areSameKeyValues, isSamePlace, isSameSecret, type Place, placeOf } from '../place.ts';
import type {
  Announcement,
  KeyPair,
  Namesake,
  NewestSecret,
  Ports,
  SecretVersionRead,
  StoredAccount,
  Urgency,
} from '../ports.ts';
import { predecessorOf } from '../predecessor.ts';
import type { SecretValue } from '../secret.ts';
import { urgencyOf } from '../urgency.ts';
import type { ProbedCount } from '../verdict.ts';
import { formerAfterMove, recordOf } from '../working-place.ts';
import { resolved, witnessOf } from './ambiguous.ts';
import { mayHavePredecessor, readNamesakes, withoutRecord } from './former-id.ts';

/** Everything read in this pass, values included; only `execute.ts` and this file see it. */
export interface Sighting {
  readonly stored: StoredAccount;
  readonly newest: NewestSecret;
  readonly announcement: Announcement | Unread;
  readonly keys: KeyPair;
  /** Every key and published value seen in this pass, so that a superseded value can still be probed. */
  readonly values: ReadonlyMap<Fingerprint, SecretValue>;
  readonly verdicts: ReadonlyMap<Fingerprint, ProbedCount>;
  /** The former place of an account that moves. Of parts in common with the present place, that one counts. */
  readonly former: FormerRead | undefined;
  readonly superseded: { readonly version: SecretVersion; readonly read: SecretVersionRead } | undefined;
  /** Read only for an account without a record. */
  readonly namesakes: readonly Namesake[];
}

/** App Configuration could not be read, or an attempt to write it was not answered. */
export interface Unread {
  /** The message of the error: for people, never a key. */
  readonly cause: string;
}

export interface FormerRead {
  readonly place: Place;
  readonly newest: NewestSecret;
  readonly announcement: Announcement | Unread;
}

/** What remains of a former place after a failed read or write: nothing is known of it. */
export function unknownFormer(place: Place, cause: string): FormerRead {
  return { place, newest: { state: 'unknown', cause }, announcement: { cause } };
}

/**
 * Reads the world after the record. A failed read of App Configuration is an observation; in an emergency, so is a
 * failed read of Key Vault. Any other failed read ends the pass.
 */
export async function look(account: Account, ports: Ports, stored: StoredAccount): Promise<Sighting> {
  const urgency = urgencyOf(stored);
  await ports.keys.admit(account, 'list', urgency);
  const sender = urgency === 'compromised' ? hurried(account) : account;
  const left = formerAccount(account, stored);
  const [newest, announcement, former, keys] = await allEnded([
    readNewest(sender, ports, urgency),
    readAnnouncement(sender, ports),
    left === undefined ? undefined : readFormer(left, ports),
    ports.keys.list(account),
  ]);
  const known = newest.state === 'enabled' ? [newest.value] : [];
  const values = withValues(new Map(), [...known, keys.key1, keys.key2]);
  const seen = { newest, announcement, keys, values, verdicts: new Map(), superseded: undefined };
  if (!mayHavePredecessor(account, stored)) return { ...seen, stored, former, namesakes: [] };
  const namesakes = await readNamesakes(sender, ports, stored);
  const predecessor = predecessorOf(namesakes, fingerprintsOf(keys));
  if (predecessor === undefined) return { ...seen, stored, former, namesakes: [] };
  // The account has come back to this id: what its record says is of the time before it was moved away.
  const fresh = withoutRecord(stored);
  if (isSamePlace(predecessor.place, account)) return { ...seen, stored: fresh, former: undefined, namesakes };
  return { ...seen, stored: fresh, former: await readFormer({ ...sender, ...predecessor.place }, ports), namesakes };
}

export function fingerprintsOf({ key1, key2 }: KeyPair): Observation['keys'] {
  return { key1: key1.fingerprint, key2: key2.fingerprint };
}

async function readNewest(account: Account, ports: Ports, urgency: Urgency): Promise<NewestSecret> {
  try {
    return await ports.secrets.readNewest(account);
  } catch (error) {
    if (error instanceof RotationError && urgency === 'compromised') return { state: 'unknown', cause: error.message };
    throw error;
  }
}

/** A former place that cannot be read is an observation: the vault may be gone. */
async function readFormer(left: Account, ports: Ports): Promise<FormerRead> {
  try {
    const [newest, announcement] = await allEnded([ports.secrets.readNewest(left), readAnnouncement(left, ports)]);
    return { place: placeOf(left), newest, announcement };
  } catch (error) {
    if (error instanceof RotationError) return unknownFormer(placeOf(left), error.message);
    throw error;
  }
}

/** The account at the place that it leaves, or is about to leave; undefined when it does not move. */
export function formerAccount(account: Account, stored: StoredAccount): Account | undefined {
  const record = recordOf(stored);
  const former = record === undefined ? undefined : formerAfterMove(record, account);
  return former === undefined ? undefined : { ...account, ...former.place };
}

/** How long an emergency waits for a service that it can do without. */
const HURRIED_CALL_MS = 5_000;

/** The account with a short deadline: for calls that an emergency makes at best effort. */
export function hurried(account: Account): Account {
  const callDeadlineMs = Math.min(account.policy.callDeadlineMs, HURRIED_CALL_MS);
  return { ...account, policy: { ...account.policy, callDeadlineMs } };
}

async function readAnnouncement(account: Account, ports: Ports): Promise<Announcement | Unread> {
  try {
    return await ports.announcements.read(account);
  } catch (error) {
    if (error instanceof RotationError) return { cause: error.message };
    throw error;
  }
}

export function withValues(
  values: ReadonlyMap<Fingerprint, SecretValue>,
  added: readonly SecretValue[],
): ReadonlyMap<Fingerprint, SecretValue> {
  const next = new Map(values);
  for (const value of added) next.set(value.fingerprint, value);
  return next;
}

/** The sighting as `decide` may see it: fingerprints instead of values. */
export function interpret(account: Account, sighting: Sighting): Observation {
  const { stored, verdicts } = sighting;
  const published = publishedOf(account, sighting);
  const keys = fingerprintsOf(sighting.keys);
  const witness = witnessOf(verdicts, keys);
  const isRecorded = stored.record.state !== 'absent';
  const predecessor = isRecorded ? undefined : predecessorOf(sighting.namesakes, keys);
  return {
    record: stored.record,
    requests: stored.requests.filter((request) => request.closedAt === undefined),
    acknowledgements: stored.acknowledgements,
    isPaused: stored.pause !== undefined,
    place: placeOf(account),
    ...formerOf(account, sighting, published),
    published,
    ...(predecessor === undefined ? {} : { predecessor }),
    keys,
    announced: announcedOf(published, sighting.announcement),
    verdicts: resolved(verdicts, keys),
    ...(witness === undefined ? {} : { witness }),
    ...supersededOf(sighting),
  };
}

/** The value gives the slot; tags and record only distinguish "ours but dead" from "not ours". */
function publishedOf(account: Account, { stored, newest, keys }: Sighting): Published {
  if (newest.state === 'unknown') return newest;
  if (newest.state === 'missing') return { state: 'none' };
  if (newest.state === 'disabled') return { state: 'disabled' };
  const { version, tags } = newest;
  const { otherInstallation: installations } = tags;
  if (installations !== undefined) return { state: 'foreign', version, installations };
  const { fingerprint } = newest.value;
  const of = { version, fingerprint, ...(newest.createdAt === undefined ? {} : { createdAt: newest.createdAt }) };
  if (keys.key1.fingerprint === fingerprint) return { state: 'live', slot: 'key1', ...of };
  if (keys.key2.fingerprint === fingerprint) return { state: 'live', slot: 'key2', ...of };
  const followed = stored.record.state === 'present' ? stored.record.record.published : undefined;
  if (followed?.version === version) return { state: 'dead', slot: followed.slot, ...of };
  if (tags.accountId === account.id && tags.slot !== undefined) return { state: 'dead', slot: tags.slot, ...of };
  return { state: 'foreign', version };
}

function formerOf(account: Account, sighting: Sighting, published: Published): Pick<Observation, 'former'> {
  const record = recordOf(sighting.stored);
  if (record?.former === undefined) return {};
  const { place, accountId } = record.former;
  const read = sighting.former !== undefined && isSamePlace(sighting.former.place, place) ? sighting.former : undefined;
  const newest = isSameSecret(place, account) ? sighting.newest : read?.newest;
  if (newest === undefined) return { former: { state: 'unknown' } };
  if (newest.state === 'unknown') return { former: newest };
  if (newest.state !== 'enabled' || newest.tags.otherInstallation !== undefined) return { former: { state: 'left' } };
  const { fingerprint } = newest.value;
  const isOurs =
    newest.tags.accountId === account.id ||
    (accountId !== undefined && newest.tags.accountId === accountId) ||
    [sighting.keys.key1.fingerprint, sighting.keys.key2.fingerprint, record.published.fingerprint].includes(
      fingerprint,
    );
  if (!isOurs) return { former: { state: 'left' } };
  const kept = { state: 'kept' as const, version: newest.version, fingerprint };
  if (areSameKeyValues(place, account)) {
    return { former: { ...kept, isReferenceInLine: true, isFlagInLine: true } };
  }
  const announcement = read?.announcement;
  if (announcement === undefined) return { former: { state: 'unknown' } };
  if ('cause' in announcement) return { former: { state: 'unknown', ...announcement } };
  const { reference, flag } = announcement;
  const slot = published.state === 'live' ? published.slot : undefined;
  return {
    former: {
      ...kept,
      // Absent, or without a version of this secret: others have changed it, and it is theirs.
      isReferenceInLine: reference?.version === undefined || reference.version === newest.version,
      isFlagInLine: flag?.version === undefined || (flag.version === newest.version && flag.slot === slot),
    },
  };
}

function announcedOf(published: Published, announcement: Announcement | Unread): Announced {
  if ('cause' in announcement) return { state: 'unknown', ...announcement };
  const { reference, flag } = announcement;
  const slot = published.state === 'live' ? published.slot : undefined;
  const version = published.state === 'live' ? published.version : undefined;
  return {
    state: 'read',
    isReferenceInLine: reference?.version !== undefined && reference.version === version,
    isFlagInLine: flag?.version !== undefined && flag.version === version && flag.slot === slot,
    ...(reference?.version === undefined ? {} : { referencedVersion: reference.version }),
  };
}

function supersededOf({
  stored,
  superseded,
  values,
}: Sighting): Pick<Observation, 'supersededVersion' | 'isSupersededValueKnown'> {
  const record = stored.record.state === 'present' ? stored.record.record : undefined;
  if (record?.phase !== 'propagating' && record?.phase !== 'retiring') {
    return { supersededVersion: 'unread', isSupersededValueKnown: false };
  }
  const read = superseded?.version === record.superseded.version ? superseded.read : undefined;
  return { supersededVersion: stateOf(read), isSupersededValueKnown: values.has(record.superseded.fingerprint) };
}

function stateOf(read: SecretVersionRead | undefined): SupersededVersion {
  if (read === undefined) return 'unread';
  if (read.state !== 'disabled') return read.state;
  return read.tags.rejectedAt === undefined ? 'disabledByOthers' : 'markedRejected';
}

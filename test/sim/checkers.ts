// The invariants as an onlooker sees them: each effect is judged by the world before and after it, each pass by the
// world that it leaves. They read the world, never the core's own opinion. Numbers are those of docs/state-machine.md.
// They must not change anything but `Universe.memory`.

import type { SecretVersionState } from '../../local/azure/world/key-vault.ts';
import type { KeyName } from '../../local/azure/world/nature.ts';
import { rejectedAtOf, TAGS } from '../../src/azure/key-vault/secret-tags.ts';
import { ALL_HOLDERS } from '../../src/holders/requirement.ts';
import type { Fingerprint, RotationRecord, StoredRequest } from '../../src/rotation/model.ts';
import { isSamePlace } from '../../src/rotation/place.ts';
import { isUsedByHolder } from './check-holders.ts';
import { checkRecordWrite } from './check-record.ts';
import { hashOf } from './hash-of.ts';
import { OTHER_INSTALLATION } from './moves.ts';
import type { Universe } from './universe.ts';

export interface Before {
  readonly keys: Readonly<Record<KeyName, string>>;
  readonly newest: SecretVersionState | undefined;
  readonly record: RotationRecord | undefined;
  /** By id, when the request was closed. */
  readonly requests: ReadonlyMap<string, number | undefined>;
  readonly referenced: string | undefined;
  readonly etags: readonly (string | undefined)[];
  readonly stamp: string | undefined;
  readonly wasNewestAccepted: boolean;
  readonly leaked: ReadonlySet<Fingerprint>;
}

export type Report = (violation: string) => void;

export function lookBefore(universe: Universe): Before {
  const { keys } = universe.azureAccount;
  const { newest, rows } = universe;
  return {
    keys: { key1: keys.key1.value, key2: keys.key2.value },
    newest,
    record: universe.record,
    requests: new Map(rows.requests.map((request) => [request.id, request.closedAt])),
    referenced: universe.referencedVersion,
    etags: [universe.reference?.etag, universe.flag?.etag],
    stamp: universe.flag?.tags['SecretVersion'],
    wasNewestAccepted: newest !== undefined && universe.accepts(newest.value),
    leaked: leakedNow(universe),
  };
}

/** Values named by open compromised-key requests that are live keys. */
export function leakedNow(universe: Universe): ReadonlySet<Fingerprint> {
  const leaked = new Set<Fingerprint>();
  for (const request of universe.rows.requests) {
    const meant = meantBy(universe, request);
    if (request.kind !== 'compromised' || meant === undefined || request.closedAt !== undefined) continue;
    if (universe.isLiveFingerprint(meant)) leaked.add(meant);
  }
  return leaked;
}

/** The value that a request about a leaked key means, written down or not. */
export function meantBy({ memory }: Universe, { id, fingerprint }: StoredRequest): Fingerprint | undefined {
  return memory.meant.get(id) ?? fingerprint;
}

/** Judges one effect. `isLate`: it was sent earlier, by a pass that is over. */
export function checkEffect(
  universe: Universe,
  before: Before,
  operation: string,
  isLate: boolean,
  report: Report,
): void {
  const publisher = before.newest?.tags[TAGS.installation];
  if (publisher === OTHER_INSTALLATION && operation !== 'write' && !isLate) {
    report(`27: ${operation} although another installation has published`);
  }
  switch (operation) {
    case 'regenerate':
      checkRegenerate(universe, before, isLate, report);
      break;
    case 'publish':
      checkPublish(universe, before, isLate, report);
      break;
    case 'writeReference':
      checkReference(universe, before, isLate, report);
      break;
    case 'writeFlag':
      checkFlag(universe, before, isLate, report);
      break;
    case 'disable':
      checkDisable(universe, before, isLate, report);
      break;
    case 'write':
      checkRecordWrite(universe, before, isLate, report);
      break;
  }
  rememberNamed(universe);
}

function checkRegenerate(universe: Universe, before: Before, isLate: boolean, report: Report): void {
  const { now, account, memory } = universe;
  const { keys } = universe.azureAccount;
  const slot: KeyName = keys.key1.value === before.keys.key1 ? 'key2' : 'key1';
  const value = before.keys[slot];
  const isEmergency = before.leaked.size > 0;
  const isSacrificed = isSacrifice(universe, before, value);
  if (before.newest?.value === value && !memory.isDisturbed && !isSacrificed) {
    report('1: the published key was regenerated');
  }
  if (!isLate && before.newest !== undefined && !before.wasNewestAccepted && !isEmergency && !memory.isDisturbed) {
    report('17: a key was regenerated while the published one is not accepted');
  }
  if (!isLate && universe.isShut && !isEmergency && !memory.isDisturbed) {
    report('17: a key was regenerated through a closed network, where no probe can have been accepted');
  }
  const namedAt = memory.named.get(hashOf(value));
  const overlapMs = overlapOwed(universe, value) - universe.toleranceMs;
  // Others acted while the call was under way: no core can know of that.
  const isOvertaken = isLate && memory.isDisturbed;
  if (namedAt !== undefined && now - namedAt < overlapMs && !isEmergency && !isOvertaken) {
    report(`3: a value named ${(now - namedAt) / 1000} s ago was regenerated, the overlap is ${overlapMs / 1000} s`);
  }
  if (universe.rows.pause !== undefined && !isEmergency && !isLate) report('16: a key was regenerated while paused');
  if (account.policy.isFrozen && !isEmergency && !isLate) report('16: a key was regenerated while frozen');
  const isShut = account.policy.windowAt?.(now).isOpen === false;
  if (isShut && !isEmergency && !isLate) report('16: a key was regenerated outside the window');
  if (!isSacrificed && !isOvertaken) checkIntent(universe, before, slot, report);
}

/** The one exception: an operator has said of this very value that the leak is worse than an outage; and it is recorded. */
function isSacrifice(universe: Universe, { record, leaked }: Before, value: string): boolean {
  const fingerprint = hashOf(value);
  const isAccepted = universe.rows.requests.some(
    (request) => request.accepts === 'outage' && meantBy(universe, request) === fingerprint,
  );
  const { sacrifice } = record ?? {};
  const isRecorded =
    sacrifice?.before === fingerprint && universe.now - sacrifice.attemptAt <= universe.account.policy.settleMs;
  return isAccepted && isRecorded && leaked.has(fingerprint);
}

/** The shortest time for which a value that is no longer named must stay a key. */
function overlapOwed(universe: Universe, value: string): number {
  const { policy } = universe.account;
  if (policy.consumers.length === 0) return policy.overlapMaximumMs;
  const { record } = universe;
  const versions = universe.versions.map(({ version }) => version);
  const supersededAt = record?.phase === 'retiring' ? versions.indexOf(record.superseded.version) : -1;
  const isAcknowledged = policy.consumers.every((consumer) =>
    consumer === ALL_HOLDERS
      ? !isUsedByHolder(universe, value)
      : universe.rows.acknowledgements.some(
          (entry) => entry.consumer === consumer && versions.indexOf(entry.version) > supersededAt,
        ),
  );
  if (isAcknowledged) return policy.overlapMinimumMs;
  return policy.onMissing === 'hold' ? Number.POSITIVE_INFINITY : policy.overlapMaximumMs;
}

function checkIntent({ now, account, toleranceMs }: Universe, before: Before, slot: KeyName, report: Report): void {
  const { record } = before;
  const isPreparing = record?.phase === 'preparing' && slot !== record.published.slot;
  const isRetiring = record?.phase === 'retiring' && slot === record.superseded.slot;
  if (record === undefined || (!isPreparing && !isRetiring)) {
    report(`intent: ${slot} was regenerated in phase ${record?.phase ?? 'none'}`);
    return;
  }
  const attemptAt = isPreparing || isRetiring ? record.attemptAt : undefined;
  if (attemptAt === undefined || now - attemptAt > account.policy.settleMs + toleranceMs) {
    report('intent: the attempt is not recorded, or longer ago than the settling time');
  }
  const value = hashOf(before.keys[slot]);
  const expected = isPreparing ? record.before : isRetiring ? record.superseded.fingerprint : undefined;
  if (value !== expected) report('intent: a value was regenerated that the record does not name');
}

function checkPublish(universe: Universe, before: Before, isLate: boolean, report: Report): void {
  const { newest, memory } = universe;
  if (newest === undefined || memory.isDisturbed) return;
  if (newest.version === before.newest?.version) {
    const former = memory.left === undefined ? newest : universe.newestAt(memory.left.place);
    if (former?.value !== newest.value && !isLate)
      report('23: the former place got another value than the published key');
    return;
  }
  const isEmergency = before.leaked.size > 0;
  if (!universe.isLive(newest.value)) report('2: a value was published that is no live key');
  const former = before.newest;
  const isRepair = former === undefined || !universe.isLive(former.value);
  if (!universe.accepts(newest.value) && (!isRepair || before.wasNewestAccepted)) {
    report('7: a value was published that the data plane does not accept');
  }
  const since = keySince(universe, newest.value);
  const isTooEarly = since !== undefined && universe.now - since < universe.account.policy.activationForMs;
  if (isTooEarly && !isRepair && !isEmergency && !isLate) {
    report(`20: a key was published ${(universe.now - since) / 1000} s after it was regenerated`);
  }
  if (former?.isEnabled === false) report('13: a disabled secret was overwritten');
  const fingerprint = hashOf(newest.value);
  const others = Object.values(before.keys).filter(
    (value) => value !== newest.value && !before.leaked.has(hashOf(value)),
  );
  if (before.leaked.has(fingerprint) && others.length > 0 && !isLate) report('14: a compromised value was published');
  const isRollBack = universe.rows.requests.some((entry) => entry.kind === 'rollBack' && entry.closedAt === undefined);
  const isHeld = universe.rows.pause !== undefined && !isEmergency && !isLate;
  if (isHeld && !isRepair && !isRollBack) report('16: a new value was published while paused');
  const { record } = before;
  if (record?.phase === 'preparing' && fingerprint === record.before && !isRepair) {
    report('18: a rotation published the value that it was to replace');
  }
  if (before.wasNewestAccepted && former?.value === newest.value && !isLate && !universe.isConcurrent)
    report('a value was published twice');
}

/** Since when a value has been a key. */
function keySince({ azureAccount }: Universe, value: string): number | undefined {
  return Object.values(azureAccount.keys).find((key) => key.value === value)?.since;
}

function checkReference(universe: Universe, before: Before, isLate: boolean, report: Report): void {
  // The reference of the former place was written.
  if (universe.reference?.etag === before.etags[0]) return;
  const version = universe.version(universe.referencedVersion);
  if (version?.isEnabled !== true) {
    if (!universe.memory.isDisturbed) report('12: the reference was pointed at a version that is missing or disabled');
    return;
  }
  const isSame = universe.isConcurrent
    ? version.value === before.newest?.value
    : version.version === before.newest?.version;
  if (!isLate && !universe.memory.isDisturbed && !isSame) {
    report('12: the reference was pointed at a version that is not the newest');
  }
  // An emergency goes on without App Configuration. Its write may land after the leaked value was replaced.
  const isOvertaken = isLate && universe.memory.compromised.has(hashOf(version.value));
  if (!universe.isLive(version.value) && !universe.memory.isDisturbed && !isOvertaken) {
    report('12: the reference was pointed at a dead value');
  }
}

function checkFlag(universe: Universe, before: Before, isLate: boolean, report: Report): void {
  // The flag of the former place was written.
  if (universe.flag?.etag === before.etags[1]) return;
  const stamp = universe.flag?.tags['SecretVersion'];
  if (stamp !== before.referenced && !universe.memory.isDisturbed && !isLate) {
    report('12: the flag was set before the reference');
  }
  const version = universe.version(stamp);
  const slot = universe.flag?.value === 'true' ? 'key2' : 'key1';
  if (version !== undefined && universe.isLive(version.value) && before.keys[slot] !== version.value) {
    report('12: the flag names another slot than the version holds');
  }
}

/** One node among several lags for longer than rejections are looked for: then a proof can be wrong, and is said to be. */
export function isBeyondProof({ azureAccount, lagOldMs, account }: Universe): boolean {
  return azureAccount.knobs.nodes.length > 1 && lagOldMs > account.policy.confirmOverMs;
}

function checkDisable(universe: Universe, before: Before, isLate: boolean, report: Report): void {
  if (!isLate && universe.isShut) report('4: a value was marked as rejected through a closed network');
  const secret = universe.world.vault.secrets.get(universe.place.secretName);
  const rejected = secret?.versions.filter((entry) => rejectedAtOf(entry.contentType) !== undefined) ?? [];
  for (const version of rejected) {
    if (universe.isUnprovable) report('4: a value was marked as rejected although no call proves a key of its kind');
    if (version === universe.newest) report('12: the newest version was disabled');
    if (version.version === before.referenced) report('12: the referenced version was disabled');
    if (universe.accepts(version.value) && !isBeyondProof(universe)) {
      report('4: a value was marked as rejected that the data plane accepts');
    }
    if (version.isEnabled) report('12: a version was marked as rejected and left enabled');
  }
}

/** Readers of the place that was left can read the next one from now on. */
function noteMoved({ memory, newest, referencedVersion, now, record, account }: Universe): void {
  const { left } = memory;
  if (left === undefined || left.since !== undefined || newest === undefined) return;
  const isThere =
    record?.place !== undefined && isSamePlace(record.place, account) && !isSamePlace(left.place, account);
  if (isThere && newest.version === referencedVersion) memory.left = { ...left, since: now };
}

/** Keeps when a live value was last named by the vault or by the reference. */
export function rememberNamed(universe: Universe): void {
  const { memory, now } = universe;
  noteMoved(universe);
  for (const version of [universe.newest, universe.newestLeft, universe.version(universe.referencedVersion)]) {
    if (version !== undefined) memory.named.set(hashOf(version.value), now);
  }
  for (const fingerprint of memory.named.keys()) {
    if (!universe.isLiveFingerprint(fingerprint)) memory.named.delete(fingerprint);
  }
}

// The canonical form of a universe: two states with the same form have the same future up to names, and up to the number
// of faults that may still come. Values and versions are numbered in the order in which they are met, times are relative
// to now, and what nothing reads any more is left out.

import type { GatewayNode } from '../../local/azure/world/world.ts';
import { rejectedAtOf } from '../../src/azure/key-vault/secret-tags.ts';
import type { Policy, RotationRecord, StoredRequest } from '../../src/rotation/model.ts';
import { holdersPart, knownText, type Names } from './canonical-holders.ts';
import { hashOf } from './hash-of.ts';
import type { Sent } from './sent.ts';
import { ACCOUNT, TICK_MS } from './sim-account.ts';
import type { Universe } from './universe.ts';

/** Older than any span of the policy: what lies further back is equally long ago. */
const HORIZON_MS = 12 * TICK_MS;

/** The age of a request about a leaked key matters until the emergency's patience is over. */
const PATIENCE_MS = 2 * TICK_MS;

class Numbering {
  readonly #numbers = new Map<string, number>();

  of(name: string | undefined): string {
    if (name === undefined) return '-';
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(name, number);
    }
    return String(number);
  }

  get names(): readonly string[] {
    return [...this.#numbers.keys()];
  }
}

export function canonical(universe: Universe): string {
  const values = new Numbering();
  const versions = new Numbering();
  const { now } = universe;
  const ago = (instant: number | undefined): string =>
    instant === undefined ? '-' : String(Math.max(instant - now, -HORIZON_MS) / 1000);
  const parts = [
    accountPart(universe, values),
    `v${versions.of(universe.newest?.version)}`,
    storePart(universe, versions),
    movePart(universe, values, ago),
    recordPart(universe, values, versions, ago),
    holdersPart(universe, namesOf(values, versions)),
    // Before versions and values are described: a late effect may name some that nothing else names.
    universe.late.map((effect) => `${ago(effect.landsAt)} ${sentText(universe, effect.sent, values, versions, ago)}`),
    versions.names.map((id) => versionPart(universe, id, values)).join(';'),
    predecessorPart(universe, values),
    formerPart(universe, values),
    memoryPart(universe, values, ago),
    universe.outage === undefined ? '' : `${universe.outage.service}${ago(universe.outage.until)}`,
    universe.movesLeft.join(','),
  ];
  return parts.join('|');
}

type Ago = (instant: number | undefined) => string;

function namesOf(values: Numbering, versions: Numbering): Names {
  return { value: (fingerprint) => values.of(fingerprint), version: (version) => versions.of(version) };
}

/** The world is looked at once a tick: between two looks it does not matter when something comes about. */
function ticksLeft(ms: number): number {
  return Math.max(0, Math.ceil(ms / TICK_MS));
}

/** What each node still has to learn of the keys. */
function accountPart({ azureAccount, account, now }: Universe, values: Numbering): string {
  const { keys, knobs } = azureAccount;
  const left = (since: number, lagOf: (node: GatewayNode) => number): string =>
    knobs.nodes.map((node) => ticksLeft(since + lagOf(node) - now)).join('+');
  const { activationForMs } = account.policy;
  const live = [keys.key1, keys.key2].map((key) => {
    const name = values.of(hashOf(key.value));
    return `${name}:${ticksLeft(key.since + activationForMs - now)}:${left(key.since, (node) => node.acceptsNewAfterMs)}`;
  });
  return [...live, JSON.stringify(Object.values(knobs))].join(' ');
}

/** Former values that a node still accepts; those that nothing names any more are never asked about. */
function formerPart({ azureAccount, now }: Universe, values: Numbering): string {
  const { knobs, superseded } = azureAccount;
  const named = new Set(values.names);
  return superseded
    .filter(({ value }) => named.has(hashOf(value)))
    .filter((entry) => knobs.nodes.some((node) => entry.replacedAt + node.acceptsOldForMs > now))
    .map(({ value, replacedAt }) => {
      const left = knobs.nodes.map((node) => ticksLeft(replacedAt + node.acceptsOldForMs - now));
      return `${values.of(hashOf(value))}:${left.join('+')}`;
    })
    .join(' ');
}

function storePart(universe: Universe, versions: Numbering): string {
  const { reference, flag } = universe;
  const named = reference === undefined ? 'absent' : versions.of(universe.referencedVersion);
  const stamp = flag === undefined ? 'absent' : `${flag.value} ${versions.of(flag.tags['SecretVersion'])}`;
  return `r${named} g${stamp}`;
}

/** The places: where the record and the configuration are, and what is left to do at the former one. */
function movePart(universe: Universe, values: Numbering, ago: Ago): string {
  const { memory, record, account, world } = universe;
  const { left } = memory;
  if (left === undefined) return '';
  const newest = universe.newestAt(left.place);
  const version = newest?.version;
  const reference = world.store.get(left.place.referenceKey, null)?.value;
  const flag = world.store.get(`.appconfig.featureflag/${left.place.flagName}`, null);
  return [
    account.secretName,
    placesText(record, ago),
    ago(left.since),
    left.place.secretName,
    newest === undefined ? '-' : `${values.of(hashOf(newest.value))}${newest.isEnabled}`,
    version !== undefined && reference?.endsWith(version) === true,
    flag?.value,
    version !== undefined && flag?.tags['SecretVersion'] === version,
  ].join(' ');
}

/** The record under the id that the account had before. It is read until the account has a record under its id. */
function predecessorPart({ account, record, ports }: Universe, values: Numbering): string {
  if (account.id === ACCOUNT.id || record !== undefined) return '';
  const { published, place } = ports.records.rowsOf(ACCOUNT.id).entity.record ?? {};
  return `${values.of(published?.fingerprint)}${place?.secretName}`;
}

function versionPart(universe: Universe, id: string, values: Numbering): string {
  const version = universe.version(id);
  if (version === undefined) return 'missing';
  const { CredentialId: slot, ProviderAddress: owner } = version.tags;
  const rejectedAt = rejectedAtOf(version.contentType);
  const tags = `${slot ?? '-'}${owner === undefined ? '-' : 'o'}${rejectedAt === undefined ? '-' : 'x'}`;
  return `${values.of(hashOf(version.value))}${version.isEnabled ? 'e' : 'd'}${tags}`;
}

function recordPart(universe: Universe, values: Numbering, versions: Numbering, ago: Ago): string {
  const { rows } = universe;
  const { lease } = rows.entity;
  const asked = rows.requests
    .filter((request) => request.closedAt === undefined)
    .map((request) => (request.kind === 'compromised' ? leakText(universe, request, values, ago) : request.kind));
  const acknowledged = rows.acknowledgements.map((entry) => `${entry.consumer}${versions.of(entry.version)}`);
  return [
    rows.unreadable ?? '',
    universe.isDueDriven ? `${ago(rows.entity.nextObservationAt)} ${rows.entity.lastPass?.failures ?? ''}` : '',
    lease === undefined ? 'free' : ago(lease.expiresAt),
    rows.entity.record === undefined ? 'none' : recordText(rows.entity.record, values, versions, ago),
    ...asked,
    ...acknowledged,
    rows.pause === undefined ? '' : 'paused',
    policyText(universe.account.policy),
  ].join(' ');
}

/** Its age matters while it is not known which value it means, and while an emergency may wait for a verdict. */
function leakText(universe: Universe, request: StoredRequest, values: Numbering, ago: Ago): string {
  const { id, fingerprint, named, accepts, overlapMs, replacedAt, at } = request;
  const { nodes } = universe.azureAccount.knobs;
  const meant = values.of(universe.memory.meant.get(id));
  const mayWait = universe.isWithoutVerdict || nodes.length > 1 || (nodes[0]?.acceptsNewAfterMs ?? 0) > 0;
  const age = fingerprint === undefined || mayWait ? ago(Math.max(at, universe.now - PATIENCE_MS)) : '';
  // Which value a name means depends on whether the newest version is younger than the request.
  const name = fingerprint === undefined ? `${named ?? ''}${ago((universe.newest?.created ?? 0) * 1_000)}` : '';
  const seen = replacedAt === undefined ? '' : 'r';
  return `c${values.of(fingerprint)}${meant}${name}${accepts ?? ''}${overlapMs ?? ''}${age}${seen}`;
}

/** What a late effect will do. Its condition holds still: `prune` lets go of effects that will be refused. */
function sentText(universe: Universe, sent: Sent, values: Numbering, versions: Numbering, ago: Ago): string {
  const { operation, account } = sent;
  const { secretName, referenceKey, flagName } = account;
  const whose = account.id === universe.account.id ? '' : 'former';
  const place = `${operation}${whose} ${secretName} ${referenceKey} ${flagName}`;
  const named = (version: string): string => {
    const isNewest = universe.newestAt(account)?.version === version;
    return `${versions.of(version)}${isNewest ? 'n' : ''}`;
  };
  switch (sent.operation) {
    case 'regenerate':
      return `${place} ${sent.slot}`;
    case 'publish': {
      const { value, slot, held } = sent.content;
      return `${place} ${values.of(value.fingerprint)} ${slot} ${JSON.stringify(held)}`;
    }
    case 'disable':
      return `${place} ${named(sent.version)}`;
    case 'writeReference':
      return `${place} ${named(sent.version)} ${JSON.stringify(sent.former?.held.tags)}`;
    case 'writeFlag': {
      const tags = { ...sent.former?.held.tags, SecretVersion: undefined };
      return `${place} ${sent.slot} ${named(sent.version)} ${JSON.stringify(tags)}`;
    }
    case 'bringHolder':
      return `${operation} ${sent.resource} ${sent.effect} ${sent.effect === 'write' ? values.of(sent.value.fingerprint) : ''}`;
    case 'writeHolders':
      return `${operation} ${knownText(sent.known, universe.now, namesOf(values, versions))}`;
    case 'write': {
      const { entity, closes, marks = [], at } = sent.change;
      return [
        place,
        universe.isDueDriven ? `${ago(entity.nextObservationAt)} ${entity.lastPass?.failures ?? ''}` : '',
        entity.lease === undefined ? 'free' : ago(entity.lease.expiresAt),
        entity.record === undefined ? 'none' : recordText(entity.record, values, versions, ago),
        placesText(entity.record, ago),
        ...closes.map(({ id, outcome }) => `${id} ${outcome}`),
        ...marks.map(({ id, fingerprint, replacedAt }) => `${id} ${values.of(fingerprint)} ${ago(replacedAt)}`),
        ago(at),
      ].join(' ');
    }
  }
}

function placesText(record: RotationRecord | undefined, ago: Ago): string {
  const { place, former } = record ?? {};
  return `${place?.secretName} ${former?.place.secretName} ${ago(former?.since)}`;
}

const policyTexts = new WeakMap<Policy, string>();

/** Policies are few and never changed in place. A function, such as that of a shut window, shows as `null`. */
function policyText(policy: Policy): string {
  const known = policyTexts.get(policy) ?? JSON.stringify(Object.values(policy));
  policyTexts.set(policy, known);
  return known;
}

function recordText(record: RotationRecord, values: Numbering, versions: Numbering, ago: Ago): string {
  const { published } = record;
  const { sacrifice } = record;
  const sacrificed = sacrifice === undefined ? '' : `${values.of(sacrifice.before)}${ago(sacrifice.attemptAt)}`;
  const base = `${record.phase} ${published.slot} ${versions.of(published.version)} ${values.of(published.fingerprint)} ${sacrificed}`;
  switch (record.phase) {
    case 'idle':
      return [
        base,
        values.of(record.standby),
        ago(record.rotatedAt),
        ago(record.adoptedAt),
        ago(record.standbyApprovedAt),
      ].join(' ');
    case 'preparing':
      return [base, values.of(record.before), ago(record.attemptAt), record.attempts].join(' ');
    case 'propagating':
    case 'retiring': {
      const { superseded, since, rolledBack } = record;
      const retiring =
        record.phase === 'retiring'
          ? [
              ago(record.attemptAt),
              ago(record.enteredAt),
              ago(record.rejectedSince),
              ago(record.acceptedAt),
              record.attempts,
            ]
          : [];
      return [
        base,
        superseded.slot,
        versions.of(superseded.version),
        values.of(superseded.fingerprint),
        ago(since),
        rolledBack,
        ...record.versions.map((version) => versions.of(version)),
        ...retiring,
      ].join(' ');
    }
  }
}

function memoryPart({ memory, rows }: Universe, values: Numbering, ago: Ago): string {
  const named = values.names.map((fingerprint) => ago(memory.named.get(fingerprint as never)));
  const compromised = values.names.map((fingerprint) => (memory.compromised.has(fingerprint as never) ? 'c' : '.'));
  // The age of a rest matters only to the checker of early starts, while there is a record at rest.
  const idleAt = rows.entity.record?.phase === 'idle' ? ago(memory.idleAt) : '';
  return [
    named.join(','),
    compromised.join(''),
    idleAt,
    memory.isDisturbed,
    memory.isRotationDisturbed,
    memory.leakedForPasses,
    memory.areHoldersDisturbed,
    memory.refusedForPasses,
    memory.remadeAt === undefined ? '' : 'again',
  ].join(' ');
}

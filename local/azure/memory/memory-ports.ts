// The core's ports directly on a `World`, without a network: the simulator runs the shipped core against them.
// They pass the same contract suite as the adapters over the wire. They must not be kinder than Azure.

import { obstacleOf } from '../../../src/azure/data-plane/find-kind.ts';
import {
  heldOf,
  otherThan,
  rejectedAtOf,
  rejectedContentType,
  TAGS,
} from '../../../src/azure/key-vault/secret-tags.ts';
import { type ErrorCode, RotationError, type ServiceName } from '../../../src/rotation/errors.ts';
import type { Account, ETag, SecretVersion } from '../../../src/rotation/model.ts';
import type {
  AnnouncementsPort,
  KeyPair,
  KeysPort,
  Ports,
  ProbeResult,
  ProbesPort,
  SecretsPort,
  SecretTags,
} from '../../../src/rotation/ports.ts';
import { SecretValue } from '../../../src/rotation/secret.ts';
import type { SecretVersionState } from '../world/key-vault.ts';
import type { KeyName } from '../world/nature.ts';
import { isSearchService, type World } from '../world/world.ts';
import { WorldError, type WorldErrorKind } from '../world/world-error.ts';
import { MemoryRecords } from './memory-records.ts';

const CODES: Record<WorldErrorKind, ErrorCode> = {
  notFound: 'NotFound',
  invalid: 'Misconfigured',
  conflict: 'Misconfigured',
  preconditionFailed: 'LostRace',
  disabled: 'Forbidden',
  locked: 'Misconfigured',
};

function refused(service: ServiceName, operation: string, error: unknown): Error {
  if (!(error instanceof WorldError)) throw error;
  // An account that is still being made becomes usable by itself: wait, correct nothing.
  const isPassing = error.code === 'AccountProvisioningStateInvalid';
  return new RotationError({
    code: isPassing ? 'Unavailable' : CODES[error.kind],
    service,
    operation,
    message: error.message,
    providerCode: error.code,
  });
}

/** Runs `act` as a call of `service`; its refusals become the core's errors. */
function call<T>(service: ServiceName, operation: string, act: () => T): Promise<T> {
  try {
    return Promise.resolve(act());
  } catch (error) {
    return Promise.reject(refused(service, operation, error));
  }
}

const VALUES_KEPT = 100_000;
const secretValues = new Map<string, SecretValue>();

/** One object per value: a simulation reads the same few keys millions of times, and each new object is hashed. */
function secretValueOf(value: string): SecretValue {
  let made = secretValues.get(value);
  if (made === undefined) {
    if (secretValues.size >= VALUES_KEPT) secretValues.clear();
    made = new SecretValue(value);
    secretValues.set(value, made);
  }
  return made;
}

function keyPair(keys: Record<KeyName, string>): KeyPair {
  return { key1: secretValueOf(keys.key1), key2: secretValueOf(keys.key2) };
}

function createKeys(world: World): KeysPort {
  return {
    admit: () => Promise.resolve(),
    list: (account) => call('arm', 'list', () => keyPair(world.listKeys(account.id))),
    regenerate: (account, slot) => call('arm', 'regenerate', () => keyPair(world.regenerateKey(account.id, slot))),
  };
}

const MEMORY_INSTALLATION = { name: 'memory/KeyRotation' };

function readTags(version: SecretVersionState): SecretTags {
  const slot = version.tags[TAGS.slot];
  const accountId = version.tags[TAGS.account];
  const otherInstallation = otherThan(MEMORY_INSTALLATION, version.tags[TAGS.installation]);
  const rejectedAt = rejectedAtOf(version.contentType);
  return {
    ...(slot === 'key1' || slot === 'key2' ? { slot } : {}),
    ...(accountId === undefined ? {} : { accountId: accountId.toLowerCase() }),
    ...(rejectedAt === undefined ? {} : { rejectedAt }),
    ...(otherInstallation === undefined ? {} : { otherInstallation }),
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof WorldError && error.kind === 'notFound';
}

function createSecrets(world: World): SecretsPort {
  const { vault } = world;
  const find = (account: Account, version?: SecretVersion): SecretVersionState | undefined => {
    try {
      return vault.find(account.secretName, version);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
  return {
    readNewest: (account) =>
      call('keyVault', 'readNewest', () => {
        const found = find(account);
        if (found === undefined) return { state: 'missing' };
        if (!found.isEnabled) return { state: 'disabled' };
        return {
          state: 'enabled',
          version: found.version as SecretVersion,
          value: secretValueOf(found.value),
          tags: readTags(found),
          held: heldOf({ tags: found.tags, contentType: found.contentType ?? '' }),
          createdAt: found.created * 1_000,
        };
      }),
    readVersion: (account, version) =>
      call('keyVault', 'readVersion', () => {
        const found = find(account, version);
        if (found === undefined) return { state: 'missing' };
        const tags = readTags(found);
        return found.isEnabled
          ? { state: 'enabled', value: secretValueOf(found.value), tags }
          : { state: 'disabled', tags };
      }),
    publish: (account, content) =>
      call('keyVault', 'publish', () => {
        const tags = {
          ...content.held?.tags,
          [TAGS.slot]: content.slot,
          [TAGS.account]: account.id,
          [TAGS.installation]: MEMORY_INSTALLATION.name,
        };
        const { contentType = 'text/plain' } = content.held ?? {};
        const version = vault.set(account.secretName, { value: content.value.reveal(), tags, contentType });
        return version.version as SecretVersion;
      }),
    disable: (account, version, rejectedAt) =>
      call('keyVault', 'disable', () => {
        const contentType = rejectedContentType(rejectedAt);
        vault.update(account.secretName, version, { isEnabled: false, contentType });
      }),
  };
}

function referenceUri(account: Account, version: SecretVersion): string {
  return `${account.vaultUrl}/secrets/${account.secretName}/${version}`;
}

function createAnnouncements(world: World): AnnouncementsPort {
  const { store } = world;
  const flagKey = (account: Account): string => `.appconfig.featureflag/${account.flagName}`;
  const labelOf = (account: Account): string | null => account.label ?? null;
  const conditionOf = (former: { readonly etag: ETag } | undefined) =>
    former === undefined ? { ifNoneMatch: '*' } : { ifMatch: former.etag };
  return {
    read: (account) =>
      call('appConfiguration', 'read', () => {
        const reference = store.get(account.referenceKey, labelOf(account));
        const flag = store.get(flagKey(account), labelOf(account));
        const prefix = referenceUri(account, '' as SecretVersion);
        const version = reference?.value.startsWith(prefix) === true ? reference.value.slice(prefix.length) : undefined;
        const stamp = flag?.tags['SecretVersion'];
        return {
          reference:
            reference === undefined
              ? undefined
              : {
                  etag: reference.etag as ETag,
                  held: reference,
                  ...(version === undefined ? {} : { version: version as SecretVersion }),
                },
          flag:
            flag === undefined
              ? undefined
              : {
                  etag: flag.etag as ETag,
                  held: flag,
                  ...(flag.value === 'true' || flag.value === 'false'
                    ? { slot: flag.value === 'true' ? ('key2' as const) : ('key1' as const) }
                    : {}),
                  ...(stamp === undefined ? {} : { version: stamp as SecretVersion }),
                },
        };
      }),
    writeReference: (account, version, former) =>
      call('appConfiguration', 'writeReference', () => {
        const content = { value: referenceUri(account, version), tags: { ...former?.held.tags } };
        const written = store.set(account.referenceKey, labelOf(account), content, conditionOf(former));
        return { etag: written.etag as ETag, version, held: content };
      }),
    writeFlag: (account, slot, version, former) =>
      call('appConfiguration', 'writeFlag', () => {
        const content = { value: String(slot === 'key2'), tags: { ...former?.held.tags, SecretVersion: version } };
        const written = store.set(flagKey(account), labelOf(account), content, conditionOf(former));
        return { etag: written.etag as ETag, slot, version, held: content };
      }),
  };
}

/** Each probe is a connection of its own, which may meet any node. If all nodes agree, none is chosen. */
function isAccepted(world: World, { id }: Account, value: string): boolean {
  const answers = world.account(id).knobs.nodes.map((_, node) => world.acceptsKey(id, value, node));
  const [first = false] = answers;
  return answers.every((answer) => answer === first) ? first : (answers[world.meetNode(id)] ?? first);
}

function createProbes(world: World): ProbesPort {
  /** A search service answers 403 to a dead key, to a caller that it keeps out, and to any key while keys are off. */
  const judgeSearch = (account: Account, value: SecretValue, isKeptOut: boolean): ProbeResult => {
    const { isLocalAuthDisabled } = world.account(account.id).knobs;
    if (isLocalAuthDisabled) return { verdict: 'inconclusive', finding: 'keyAuthenticationOff', status: 403 };
    if (!isKeptOut && isAccepted(world, account, value.reveal()))
      return { verdict: 'accepted', finding: 'live', status: 200 };
    return { verdict: 'ambiguous', finding: 'deadOrKeptOut', status: 403 };
  };
  const judge = (account: Account, value: SecretValue): ProbeResult => {
    if (!world.accounts.has(account.id)) return { verdict: 'inconclusive', finding: 'unreachable' };
    const { knobs, seed } = world.account(account.id);
    if (obstacleOf(seed.kind) !== undefined) return { verdict: 'inconclusive', finding: 'noProof' };
    const isKeptOut = knobs.isDeniedByFirewall || knobs.publicNetworkAccess === 'Disabled';
    if (isSearchService(seed)) return judgeSearch(account, value, isKeptOut);
    if (isKeptOut) return { verdict: 'inconclusive', finding: 'deniedByNetwork', status: 403 };
    if (knobs.isLocalAuthDisabled) return { verdict: 'inconclusive', finding: 'keyAuthenticationOff', status: 403 };
    if (!isAccepted(world, account, value.reveal())) return { verdict: 'rejected', finding: 'dead', status: 401 };
    if (knobs.isOutOfQuota) return { verdict: 'accepted', finding: 'liveOutOfQuota', status: 403 };
    return { verdict: 'accepted', finding: 'live', status: 200 };
  };
  return { probe: (account, value) => call('dataPlane', 'probe', () => judge(account, value)) };
}

export type MemoryPorts = Ports & { readonly records: MemoryRecords };

export function createMemoryPorts(world: World): MemoryPorts {
  return {
    keys: createKeys(world),
    secrets: createSecrets(world),
    announcements: createAnnouncements(world),
    probes: createProbes(world),
    records: new MemoryRecords(() => world.nature.newETag()),
  };
}

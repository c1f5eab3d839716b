// What people and other programs may do to an account, each at most once per scenario and at any moment between passes.

import { PROMPT_NODE } from '../../local/azure/world/world.ts';
import { TAGS } from '../../src/azure/key-vault/secret-tags.ts';
import type { AccountAlias, AccountId, Policy, Request, RequestId, SecretVersion } from '../../src/rotation/model.ts';
import { otherSlot } from '../../src/rotation/model.ts';
import { type Place, placeOf } from '../../src/rotation/place.ts';
import { hashOf } from './hash-of.ts';
import { ACCOUNT, TICK_MS } from './sim-account.ts';
import { letIntervalsPass } from './sim-holders.ts';
import type { Outage, Universe } from './universe.ts';
import { withdrawable, withdrawNewest } from './withdrawal.ts';

export interface Move {
  /** Whether the move makes sense now; moves are offered only then. */
  readonly isPossible: (universe: Universe) => boolean;
  readonly make: (universe: Universe) => void;
}

function request(universe: Universe, kind: Request['kind'], extra: Partial<Request> = {}): void {
  // After the last pass, which took no time.
  const at = universe.now + 1;
  const entry = { id: `${kind}-1` as RequestId, kind, reason: 'simulated', by: 'operator', at, ...extra };
  universe.rows.requests.push(entry);
}

function publishedSlot({ newest, azureAccount }: Universe): 'key1' | 'key2' | undefined {
  if (newest === undefined) return undefined;
  const { keys } = azureAccount;
  return keys.key1.value === newest.value ? 'key1' : keys.key2.value === newest.value ? 'key2' : undefined;
}

/** By the words of an operator: which value they mean is for a pass to find out. */
function compromise(universe: Universe, named: 'key1' | 'key2' | 'published', extra: Partial<Request> = {}): void {
  const slot = named === 'published' ? publishedSlot(universe) : named;
  if (slot === undefined) return;
  const fingerprint = hashOf(universe.azureAccount.keys[slot].value);
  const id = `compromised-${named === 'published' ? 'published' : 'standby'}`;
  // Key Vault tells the time of a version in whole seconds: within one, the name may mean the version before as well.
  const isAmbiguous = named === 'published' && universe.now < ((universe.newest?.created ?? 0) + 1) * 1_000;
  universe.memory.compromised.add(fingerprint);
  if (!isAmbiguous) universe.memory.meant.set(id, fingerprint);
  request(universe, 'compromised', { id: id as RequestId, named, ...extra });
}

const standbySlot = (universe: Universe): 'key1' | 'key2' => otherSlot(publishedSlot(universe) ?? 'key1');

const hasPublished = (universe: Universe): boolean => publishedSlot(universe) !== undefined;
const always = (): boolean => true;

/** Somebody regenerates a key in the portal. */
function regenerateByHand(universe: Universe, slot: 'key1' | 'key2' | undefined): void {
  if (slot === undefined) return;
  universe.memory.isDisturbed = true;
  universe.world.regenerateKey(universe.account.id, slot);
}

function valueOf(universe: Universe, which: 'published' | 'standby'): string {
  const slot = publishedSlot(universe) ?? 'key1';
  return universe.azureAccount.keys[which === 'published' ? slot : otherSlot(slot)].value;
}

function editPolicy(universe: Universe, edit: Partial<Policy>): void {
  const { account } = universe;
  universe.account = { ...account, policy: { ...account.policy, ...edit } };
}

const SHORTER: Partial<Policy> = { overlapMaximumMs: TICK_MS };
const FROZEN: Partial<Policy> = { isFrozen: true };
const THAWED: Partial<Policy> = { isFrozen: false };
export const SHUT: Partial<Policy> = { windowAt: () => ({ isOpen: false }) };

/** How long a service is out: longer than a lease and the settling time together. */
const OUTAGE_MS = 4 * TICK_MS;

function takeOut(
  outage: Omit<Outage, 'until' | 'isForEffectsOnly'> & { readonly isForEffectsOnly?: true },
  forMs: number = OUTAGE_MS,
): Move {
  return {
    isPossible: ({ outage: present }) => present === undefined,
    make: (universe) => {
      universe.outage = { isForEffectsOnly: false, ...outage, until: universe.now + forMs };
    },
  };
}

const HOUR_MS = 3_600_000;
export const OTHER_INSTALLATION = 'other/KeyRotation';

const RENAMED = { secretName: 'renamed-key', referenceKey: 'renamed:Key', flagName: 'renamed-uses-key2' };

function rename(universe: Universe, names: Partial<Place>): void {
  universe.memory.left = { place: placeOf(universe.place), since: undefined };
  universe.account = { ...universe.account, ...names };
}

export const MOVES: Readonly<Record<string, Move>> = {
  requestRotation: { isPossible: always, make: (universe) => request(universe, 'rotate') },
  compromisePublished: {
    isPossible: hasPublished,
    make: (universe) => compromise(universe, 'published'),
  },
  compromiseStandby: {
    isPossible: hasPublished,
    make: (universe) => compromise(universe, standbySlot(universe)),
  },
  compromisePublishedAtAnyCost: {
    isPossible: hasPublished,
    make: (universe) => compromise(universe, 'published', { accepts: 'outage' }),
  },
  /** The slow nodes of the gateway have learnt of everything. */
  nodesLearn: {
    isPossible: ({ azureAccount }) => azureAccount.knobs.nodes.length > 1,
    make: ({ azureAccount }) => {
      azureAccount.knobs.nodes = azureAccount.knobs.nodes.map(() => PROMPT_NODE);
    },
  },
  /** An administrator closes the network of the account, and perhaps opens it again. */
  shutNetwork: {
    isPossible: always,
    make: ({ azureAccount }) => {
      azureAccount.knobs.isDeniedByFirewall = true;
    },
  },
  openNetwork: {
    isPossible: ({ isShut }) => isShut,
    make: ({ azureAccount }) => {
      azureAccount.knobs.isDeniedByFirewall = false;
    },
  },
  rollBack: {
    isPossible: (universe) => universe.record !== undefined,
    make: (universe) => request(universe, 'rollBack'),
  },
  pause: {
    isPossible: always,
    make: (universe) => {
      universe.rows.pause = { by: 'operator', reason: 'simulated', at: universe.now };
    },
  },
  resume: {
    isPossible: (universe) => universe.rows.pause !== undefined,
    make: (universe) => {
      universe.rows.pause = undefined;
    },
  },
  /** The newest open request, if nothing was done for it. */
  withdraw: { isPossible: (universe) => withdrawable(universe) !== undefined, make: withdrawNewest },
  approve: {
    isPossible: (universe) => universe.record !== undefined,
    make: (universe) => request(universe, 'approve'),
  },
  freeze: { isPossible: always, make: (universe) => editPolicy(universe, FROZEN) },
  thaw: {
    isPossible: (universe) => universe.account.policy.isFrozen,
    make: (universe) => editPolicy(universe, THAWED),
  },
  shutWindow: { isPossible: always, make: (universe) => editPolicy(universe, SHUT) },
  openWindow: {
    isPossible: (universe) => universe.account.policy.windowAt !== undefined,
    make: (universe) => {
      const policy = { ...universe.account.policy };
      Reflect.deleteProperty(policy, 'windowAt');
      universe.account = { ...universe.account, policy };
    },
  },
  shortenOverlap: { isPossible: always, make: (universe) => editPolicy(universe, SHORTER) },
  acknowledge: {
    isPossible: hasPublished,
    make: (universe) => {
      const version = universe.newest?.version as SecretVersion;
      universe.rows.acknowledgements = [{ consumer: 'application', version, at: universe.now }];
    },
  },
  regeneratePublishedByHand: {
    isPossible: hasPublished,
    make: (universe) => regenerateByHand(universe, publishedSlot(universe)),
  },
  regenerateStandbyByHand: {
    isPossible: hasPublished,
    make: (universe) => {
      const slot = publishedSlot(universe);
      if (slot !== undefined) regenerateByHand(universe, otherSlot(slot));
    },
  },
  /** The account is deleted and made again under its id: both keys are others. */
  makeAgain: {
    isPossible: ({ record }) => record?.phase === 'idle',
    make: (universe) => {
      universe.memory.remadeAt = universe.now;
      regenerateByHand(universe, 'key1');
      regenerateByHand(universe, 'key2');
    },
  },
  switchByHand: {
    isPossible: hasPublished,
    make: (universe) => {
      universe.memory.isDisturbed = true;
      universe.world.vault.set(universe.place.secretName, { value: valueOf(universe, 'standby') });
    },
  },
  deleteSecret: {
    isPossible: hasPublished,
    make: (universe) => {
      universe.memory.isDisturbed = true;
      // Deleted and purged: nothing of it is left.
      universe.world.vault.secrets.delete(universe.place.secretName);
    },
  },
  overwriteReference: {
    isPossible: (universe) => universe.reference !== undefined,
    make: (universe) => {
      universe.memory.isDisturbed = true;
      universe.world.store.set(universe.place.referenceKey, null, {
        value: 'https://elsewhere.example/secrets/other',
      });
    },
  },
  /** The account is taken out of the configuration, and perhaps put in again. */
  takeOut: { isPossible: always, make: (universe) => editPolicy(universe, { leaves: 'atRest' }) },
  putBack: {
    isPossible: (universe) => universe.account.policy.leaves !== undefined,
    make: (universe) => {
      const policy = { ...universe.account.policy };
      Reflect.deleteProperty(policy, 'leaves');
      universe.account = { ...universe.account, policy };
    },
  },
  /** An administrator gives the account another alias. */
  rename: {
    isPossible: (universe) => hasPublished(universe) && universe.record?.place !== undefined,
    make: (universe) => rename(universe, RENAMED),
  },
  /** The same, but the key-values keep their names. */
  renameSecret: {
    isPossible: (universe) => hasPublished(universe) && universe.record?.place !== undefined,
    make: (universe) => rename(universe, { secretName: RENAMED.secretName }),
  },
  renameBack: {
    isPossible: (universe) => universe.record?.place?.secretName === RENAMED.secretName && hasPublished(universe),
    make: (universe) => rename(universe, placeOf(ACCOUNT)),
  },
  /** The account gets another resource group, and with it another id, alias and secret. It keeps its keys. */
  moveAccount: {
    isPossible: (universe) => hasPublished(universe) && universe.record?.place !== undefined,
    make: (universe) => {
      const id = universe.world.moveAccount(universe.account.id, 'elsewhere').id.toLowerCase() as AccountId;
      rename(universe, RENAMED);
      universe.account = { ...universe.account, id, resourceGroup: 'elsewhere', alias: 'renamed' as AccountAlias };
    },
  },
  /** The service stands still for longer than the interval of each platform. */
  aDayPasses: {
    isPossible: ({ late }) => late.length === 0,
    make: (universe) => {
      universe.now += 26 * HOUR_MS;
      letIntervalsPass(universe);
    },
  },
  /** Another installation of the service, with records of its own, publishes the standby key. */
  publishElsewhere: {
    isPossible: hasPublished,
    make: (universe) => {
      const slot = standbySlot(universe);
      universe.memory.isDisturbed = true;
      const tags = { [TAGS.slot]: slot, [TAGS.account]: universe.account.id, [TAGS.installation]: OTHER_INSTALLATION };
      universe.world.vault.set(universe.place.secretName, { value: valueOf(universe, 'standby'), tags });
    },
  },
  throttleArm: takeOut({ service: 'arm', code: 'Throttled', retryAfterMs: 2 * TICK_MS }),
  // Key Vault does not say when to come back.
  throttleVault: takeOut({ service: 'keyVault', code: 'Throttled' }),
  // 412 and 409: somebody else writes all the time, or the key-value is locked.
  contendStore: takeOut({ service: 'appConfiguration', code: 'LostRace', isForEffectsOnly: true }),
  throttleStore: takeOut({ service: 'appConfiguration', code: 'Throttled', retryAfterMs: TICK_MS }),
  /** For good: locked key-values, or a role that was taken away. */
  refuseStoreWrites: takeOut(
    { service: 'appConfiguration', code: 'Misconfigured', isForEffectsOnly: true },
    Number.POSITIVE_INFINITY,
  ),
  loseStore: takeOut({ service: 'appConfiguration', code: 'Unavailable' }, Number.POSITIVE_INFINITY),
  stopTable: takeOut({ service: 'table', code: 'Unavailable' }),
};

// The state of a small Azure and the effect of each operation on it: accounts with two keys, one vault, one
// configuration store. The simulator uses it behind in-memory ports, everything else behind HTTPS servers.
// It must not know HTTP, clocks or chance: time, keys and ids come from its `Nature`.

import type { CloudName } from '../data-plane-names.ts';
import { ConfigurationStore } from './configuration-store.ts';
import { KeyVault } from './key-vault.ts';
import type { KeyName, KeyShape, Nature } from './nature.ts';
import type { NetworkRules } from './network-rules.ts';
import { VaultResources } from './vault-resources.ts';
import { WorldError } from './world-error.ts';

/**
 * One node of the gateway that checks keys. It works from a cached configuration, so it learns of a regenerate later
 * than Azure Resource Manager lists it. The new value and the old one have separate lags, in milliseconds.
 */
export interface GatewayNode {
  acceptsNewAfterMs: number;
  acceptsOldForMs: number;
}

/** Switches of one account: an administrator's settings and outside conditions. */
export interface AccountKnobs {
  /** The nodes of the gateway, at least one. A connection stays on its node; a new connection may meet any. */
  nodes: readonly GatewayNode[];
  isLocalAuthDisabled: boolean;
  /** The network rules keep the caller out at every host. */
  isDeniedByFirewall: boolean;
  /** Address rules. With a default of deny, only the account's own subdomain is served. */
  networkRules: NetworkRules | undefined;
  publicNetworkAccess: 'Enabled' | 'Disabled';
  isOutOfQuota: boolean;
  provisioningState: string;
  /** ARM actions on the account that the caller's roles lack. Shown in the list of permissions, never enforced. */
  missingActions: readonly string[];
  hasCustomSubdomain: boolean;
  /** Path of the endpoint as Azure Resource Manager lists it: `sts/v1.0/issuetoken` for some Speech accounts. */
  endpointPath: string;
  /** API versions that the data plane does not know any more. */
  retiredVersions: readonly string[];
  /** True: the data plane refuses Entra tokens, because the caller has no role there. */
  isEntraRoleMissing: boolean;
}

export interface AccountSeed {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  /** `TextAnalytics`, `OpenAI`, `SpeechServices`, … a free string in Azure. `Search`: a search service. */
  readonly kind: string;
  readonly location: string;
  readonly keyShape: KeyShape;
  /** Default: `S0`. */
  readonly sku?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** The cloud whose host names the account has. Default: `public`. */
  readonly cloud?: CloudName;
}

export interface AccountState {
  readonly id: string;
  readonly seed: AccountSeed;
  /** `since`: the time at which the value became a key. */
  readonly keys: Record<KeyName, { value: string; since: number }>;
  /** The newest former keys, oldest first: a node may still accept them. */
  superseded: { value: string; replacedAt: number }[];
  readonly knobs: AccountKnobs;
  /** Any caller with the permission may change them: a tag enrols an account. */
  tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  /** Changes with each regenerate, as Azure's does. */
  etag: string;
}

/** Number of former values that a node with an endless lag accepts. */
const SUPERSEDED_KEPT = 4;

/** A gateway of one node that learns at once. */
export const PROMPT_NODE: GatewayNode = { acceptsNewAfterMs: 0, acceptsOldForMs: 0 };

/** States of an account in which ARM does not act on it. */
const SETTLING_STATES = ['Accepted', 'Creating', 'Deleting', 'Moving', 'ResolvingDNS'];

export interface ResourceGroup {
  /** ARM id. */
  readonly id: string;
  readonly name: string;
  readonly location: string;
}

function groupIdOf(subscriptionId: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
}

/** The kind of every search service. Azure lists none: the type of the resource says it. */
export const SEARCH_KIND = 'Search';

export function isSearchService({ kind }: Partial<Pick<AccountSeed, 'kind'>>): boolean {
  return kind?.toLowerCase() === SEARCH_KIND.toLowerCase();
}

type Named = Pick<AccountSeed, 'subscriptionId' | 'resourceGroup' | 'name'> & Partial<Pick<AccountSeed, 'kind'>>;

/** Without a kind: of an account of Azure AI services. */
export function accountIdOf({ subscriptionId, resourceGroup, name, kind = '' }: Named): string {
  const type = isSearchService({ kind }) ? 'Microsoft.Search/searchServices' : 'Microsoft.CognitiveServices/accounts';
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${name}`;
}

type KeyAction = 'listKeys' | 'regenerateKey' | 'listAdminKeys' | 'regenerateAdminKey';

export class World {
  readonly nature: Nature;
  readonly vault: KeyVault;
  readonly vaults = new VaultResources();
  readonly store: ConfigurationStore;
  /** By lower-cased ARM id. */
  readonly accounts = new Map<string, AccountState>();
  /** By lower-cased ARM id. */
  readonly #groups = new Map<string, ResourceGroup>();
  readonly #subscriptionNames = new Map<string, string>();
  /** Keys of Function Apps' hosts, by the app's lower-cased ARM id, in the shape in which Azure lists them. */
  readonly hostKeys = new Map<string, Readonly<Record<string, unknown>>>();
  /** Called after each action on an account's keys, for events. */
  onAction: ((id: string, action: KeyAction) => void) | undefined;

  constructor(nature: Nature) {
    this.nature = nature;
    this.vault = new KeyVault(nature);
    this.store = new ConfigurationStore(nature);
  }

  addAccount(seed: AccountSeed): AccountState {
    const id = accountIdOf(seed);
    const state: AccountState = {
      id,
      seed,
      keys: {
        key1: { value: this.nature.newKey(seed.keyShape), since: Number.NEGATIVE_INFINITY },
        key2: { value: this.nature.newKey(seed.keyShape), since: Number.NEGATIVE_INFINITY },
      },
      superseded: [],
      knobs: {
        nodes: [PROMPT_NODE],
        isLocalAuthDisabled: false,
        isDeniedByFirewall: false,
        networkRules: undefined,
        publicNetworkAccess: 'Enabled',
        isOutOfQuota: false,
        provisioningState: 'Succeeded',
        missingActions: [],
        hasCustomSubdomain: true,
        endpointPath: '',
        retiredVersions: [],
        isEntraRoleMissing: false,
      },
      tags: seed.tags ?? {},
      createdAt: this.nature.now(),
      etag: this.nature.newETag(),
    };
    this.accounts.set(id.toLowerCase(), state);
    this.#groupOf(seed);
    return state;
  }

  /** Moves the account to another resource group: it gets another id, and keeps its keys. Returns it. */
  moveAccount(id: string, resourceGroup: string): AccountState {
    const former = this.account(id);
    const seed = { ...former.seed, resourceGroup };
    const moved = { ...former, id: accountIdOf(seed), seed };
    this.accounts.delete(former.id.toLowerCase());
    this.accounts.set(moved.id.toLowerCase(), moved);
    this.#groupOf(seed);
    return moved;
  }

  addGroup(subscriptionId: string, name: string, location: string): ResourceGroup {
    const group = { id: groupIdOf(subscriptionId, name), name, location };
    this.#groups.set(group.id.toLowerCase(), group);
    return group;
  }

  group(subscriptionId: string, name: string): ResourceGroup | undefined {
    return this.#groups.get(groupIdOf(subscriptionId, name).toLowerCase());
  }

  hasSubscription(subscriptionId: string): boolean {
    const start = groupIdOf(subscriptionId, '').toLowerCase();
    return [...this.#groups.keys()].some((id) => id.startsWith(start));
  }

  nameSubscription(subscriptionId: string, name: string): void {
    this.#subscriptionNames.set(subscriptionId.toLowerCase(), name);
  }

  /** Its id if it was not named. */
  subscriptionName(subscriptionId: string): string {
    return this.#subscriptionNames.get(subscriptionId.toLowerCase()) ?? subscriptionId;
  }

  /** With its accounts. */
  removeGroup(id: string): void {
    this.#groups.delete(id.toLowerCase());
    for (const account of this.accounts.keys()) {
      if (account.startsWith(`${id.toLowerCase()}/`)) this.accounts.delete(account);
    }
  }

  account(id: string): AccountState {
    const found = this.accounts.get(id) ?? this.accounts.get(id.toLowerCase());
    if (found === undefined) throw new WorldError('notFound', 'ResourceNotFound', id);
    return found;
  }

  listKeys(id: string): Record<KeyName, string> {
    const account = this.#accountWithKeys(id);
    this.onAction?.(account.id, isSearchService(account.seed) ? 'listAdminKeys' : 'listKeys');
    return keysOf(account);
  }

  regenerateKey(id: string, name: KeyName): Record<KeyName, string> {
    const account = this.#accountWithKeys(id);
    const now = this.nature.now();
    account.superseded.push({ value: account.keys[name].value, replacedAt: now });
    account.superseded = account.superseded.slice(-SUPERSEDED_KEPT);
    account.keys[name] = { value: this.nature.newKey(account.seed.keyShape), since: now };
    account.etag = this.nature.newETag();
    this.onAction?.(account.id, isSearchService(account.seed) ? 'regenerateAdminKey' : 'regenerateKey');
    return keysOf(account);
  }

  /** The node that a new connection to the account's gateway meets. */
  meetNode(id: string): number {
    return this.nature.chooseNode(this.account(id).knobs.nodes.length);
  }

  /** Whether a node of the account's gateway accepts this key now. */
  acceptsKey(id: string, value: string, node = 0): boolean {
    const { keys, knobs, superseded } = this.account(id);
    const { acceptsNewAfterMs, acceptsOldForMs } = knobs.nodes[node] ?? PROMPT_NODE;
    const now = this.nature.now();
    return (
      Object.values(keys).some((key) => key.value === value && now - key.since >= acceptsNewAfterMs) ||
      superseded.some((entry) => entry.value === value && now - entry.replacedAt < acceptsOldForMs)
    );
  }

  /** By its name, in any resource group. */
  accountNamed(name: string): AccountState {
    const found = [...this.accounts.values()].find(({ seed }) => seed.name.toLowerCase() === name.toLowerCase());
    if (found === undefined) throw new WorldError('notFound', 'ResourceNotFound', name);
    return found;
  }

  /** The account that has this key, or had it lately; undefined for any other value. */
  accountOfKey(value: string): AccountState | undefined {
    const has = ({ keys, superseded }: AccountState): boolean =>
      keys.key1.value === value || keys.key2.value === value || superseded.some((entry) => entry.value === value);
    return [...this.accounts.values()].find(has);
  }

  /** The group of an account is there with it. */
  #groupOf({ subscriptionId, resourceGroup, location }: AccountSeed): void {
    if (this.group(subscriptionId, resourceGroup) === undefined) this.addGroup(subscriptionId, resourceGroup, location);
  }

  /** The account. Throws when its keys cannot be requested now. */
  #accountWithKeys(id: string): AccountState {
    const account = this.account(id);
    const { isLocalAuthDisabled, provisioningState } = account.knobs;
    if (SETTLING_STATES.includes(provisioningState)) {
      throw new WorldError('invalid', 'AccountProvisioningStateInvalid', account.id, provisioningState);
    }
    if (isLocalAuthDisabled) throw new WorldError('invalid', 'LocalAuthDisabled', id);
    return account;
  }
}

function keysOf({ keys }: AccountState): Record<KeyName, string> {
  return { key1: keys.key1.value, key2: keys.key2.value };
}

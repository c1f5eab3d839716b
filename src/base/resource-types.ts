// The types of resources with two keys: how Azure Resource Manager lists and renews the keys of each, and what else
// differs. A type is a row here, and a kind with its probe in src/azure/data-plane/kinds.ts; no other file names one.
// It must not send anything. It is in this room because settings, events, checks and adapters all need it.
// Sources: the management APIs of Azure AI services and of Azure AI Search at learn.microsoft.com.

type Slot = 'key1' | 'key2';

/** One POST below the resource; without `body` it has none. */
export interface KeyRequest {
  readonly path: string;
  readonly body?: Readonly<Record<string, string>>;
}

export interface ResourceType {
  /** As Azure writes it. Types are compared without regard to case. */
  readonly type: string;
  /** For people: what one resource is called. */
  readonly label: string;
  /** Of the calls to Azure Resource Manager. */
  readonly apiVersion: string;
  /** A name, as a part of a regular expression without regard to case. */
  readonly namePattern: string;
  /** Prints the id of a resource. */
  readonly showCommand: string;
  readonly list: KeyRequest;
  /** The fields of both keys in the answers. */
  readonly keyFields: Readonly<Record<Slot, string>>;
  readonly regenerate: Readonly<Record<Slot, KeyRequest>> & {
    /** `nothing`: the keys are listed after the regenerate. */
    readonly returns: 'pair' | 'nothing';
    /** The answer comes when the key is renewed. An operation that goes on after its answer is not built (ADR 0023). */
    readonly completes: 'atOnce';
  };
  /** The property that says that no key is taken, and its value then. */
  readonly keyAccessOff: { readonly property: string; readonly is: boolean };
  /** The secret holds the key and nothing else. A connection string is not built (ADR 0023). */
  readonly secretForm: 'bareKey';
  /** Of every resource of the type; absent: Azure Resource Manager lists the kind. */
  readonly kind?: string;
  /**
   * The field of `Cloud` with the suffix of the hosts: each resource answers below its name alone, and no listed endpoint
   * counts, because its owner could write it and would get the key. Absent: the listed endpoint counts.
   */
  readonly hostSuffix?: 'searchSuffix';
  /** The field of `Cloud` with the scope of tokens for the data plane. */
  readonly dataPlaneScope: 'dataPlaneScope' | 'searchScope';
  /** Azure's role with which applications work without keys. */
  readonly dataPlaneRole: string;
  /** The property with the address rules. `byDefault`: `defaultAction` says whether others are let in. */
  readonly networkRules: { readonly property: string; readonly denies: 'byDefault' | 'byAnyRule' };
  /** Both calls count as writes of the subscription. */
  readonly throttling: 'subscriptionWrites';
  /** What is known of the time between a regenerate and its effect. */
  readonly activation: string;
  readonly actions: { readonly read: string; readonly list: string; readonly regenerate: string };
}

const COGNITIVE = 'Microsoft.CognitiveServices/accounts';
const SEARCH = 'Microsoft.Search/searchServices';

export const RESOURCE_TYPES: readonly ResourceType[] = [
  {
    type: COGNITIVE,
    label: 'Azure AI services account',
    apiVersion: '2025-09-01',
    namePattern: '[A-Z0-9][A-Z0-9_.-]{1,63}',
    showCommand: 'az cognitiveservices account show --query id',
    list: { path: 'listKeys' },
    keyFields: { key1: 'key1', key2: 'key2' },
    regenerate: {
      // The case of the names matters.
      key1: { path: 'regenerateKey', body: { keyName: 'Key1' } },
      key2: { path: 'regenerateKey', body: { keyName: 'Key2' } },
      returns: 'pair',
      completes: 'atOnce',
    },
    keyAccessOff: { property: 'disableLocalAuth', is: true },
    secretForm: 'bareKey',
    dataPlaneScope: 'dataPlaneScope',
    dataPlaneRole: 'Cognitive Services User',
    networkRules: { property: 'networkAcls', denies: 'byDefault' },
    throttling: 'subscriptionWrites',
    activation: 'The gateway learns of a regenerate within minutes, rarely hours, each node in its own time.',
    actions: {
      read: `${COGNITIVE}/read`,
      list: `${COGNITIVE}/listKeys/action`,
      regenerate: `${COGNITIVE}/regenerateKey/action`,
    },
  },
  {
    type: SEARCH,
    label: 'Azure AI Search service',
    apiVersion: '2025-05-01',
    namePattern: '(?=[^/]{2,60}(?:/|$))[A-Z0-9]{2,}(?:-[A-Z0-9]+)*',
    showCommand: 'az search service show --query id',
    list: { path: 'listAdminKeys' },
    keyFields: { key1: 'primaryKey', key2: 'secondaryKey' },
    regenerate: {
      key1: { path: 'regenerateAdminKey/primary' },
      key2: { path: 'regenerateAdminKey/secondary' },
      returns: 'pair',
      completes: 'atOnce',
    },
    keyAccessOff: { property: 'disableLocalAuth', is: true },
    secretForm: 'bareKey',
    kind: 'Search',
    hostSuffix: 'searchSuffix',
    dataPlaneScope: 'searchScope',
    dataPlaneRole: 'Search Index Data Reader',
    networkRules: { property: 'networkRuleSet', denies: 'byAnyRule' },
    throttling: 'subscriptionWrites',
    activation: 'No document says when a new admin key is taken; the waits are those of the policy.',
    actions: {
      read: `${SEARCH}/read`,
      list: `${SEARCH}/listAdminKeys/action`,
      regenerate: `${SEARCH}/regenerateAdminKey/action`,
    },
  },
];

/** The types for people. */
export const KNOWN_TYPES: string = RESOURCE_TYPES.map(({ type }) => `\`${type}\``).join(' or ');

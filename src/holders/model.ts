// Holders: resources outside the vault that hold a key of an account, or point at its secret (ADR 0022).
// A web app with a Key Vault reference, a named value of API Management, a connection of Azure AI Foundry.
// These are the words of the room. It must not read or change a resource: adapters do, behind `ports.ts`.
import type { Fingerprint, SecretVersion, Slot } from '../rotation/model.ts';

/** Each kind has an adapter, and a role of its own. */
export const HOLDER_KINDS = [
  /** A setting of a web app, a function app or one of their slots that is a Key Vault reference. */
  'appServiceReference',
  /** A setting of these with a plain value. Inspected only: the platform has no way to write one setting safely. */
  'appServiceSetting',
  /** A named value of API Management: a reference to a vault, or a value. */
  'namedValue',
  /** A connection of an Azure AI Foundry account or project that is signed in with a key. */
  'foundryConnection',
  /** A skill or vectorizer of Azure AI Search with a key. Inspected only: it is written as a whole, by its owner. */
  'searchKey',
] as const;
export type HolderKind = (typeof HOLDER_KINDS)[number];

/** Names one holder. */
export interface Holder {
  readonly kind: HolderKind;
  /** Lower-cased ARM id of the resource: a site or slot, a service, a Foundry account or project. */
  readonly resource: string;
  /** The setting, named value, connection, or `skillset/skill` within it. */
  readonly name: string;
}

/** What a holder has, as its adapter reads it. A value appears as its fingerprint only. */
export type HolderContent =
  | {
      readonly has: 'reference';
      /** `https://host[:port]`, no trailing slash. */
      readonly vaultUrl: string;
      readonly secretName: string;
      /** The version that the reference names. It never follows. */
      readonly pinnedTo?: SecretVersion;
      /** Whether the platform could read the secret when it last tried. */
      readonly isResolved: boolean;
      /** When it last tried, milliseconds since the epoch; absent if the platform does not say. */
      readonly resolvedAt?: number;
      /** The version that it uses; absent if the platform does not say. */
      readonly activeVersion?: SecretVersion;
      /** For people: the platform's own word for its state. */
      readonly detail?: string;
    }
  | {
      readonly has: 'value';
      readonly fingerprint: Fingerprint;
      /** Lower-cased host that the value is sent to; absent if the holder does not say. */
      readonly sentTo?: string;
    }
  /** It could not be read, or its value is blanked. Nothing about it is known. */
  | {
      readonly has: 'unseen';
      readonly cause: string;
      /** As in a value. */
      readonly sentTo?: string;
    };

/** One holder, read. */
export interface HolderRead extends Holder {
  readonly content: HolderContent;
}

/** All holders of one kind within its scopes. */
export interface HolderInventory {
  readonly holders: readonly HolderRead[];
  /** Resources that could not be looked into: the ARM id, and why. Their holders are not known. */
  readonly unseen: readonly { readonly resource: string; readonly cause: string }[];
  /** Resources that were looked into. */
  readonly searched: number;
  /** False if there are more resources than are looked at. */
  readonly isComplete: boolean;
}

/** At most this many resources of a kind are looked into in one search; the rest makes it incomplete. */
export const RESOURCES_MAXIMUM = 2_000;

/** The changes of a holder. Each may be repeated without harm: it brings the holder to the published version. */
export const HOLDER_EFFECTS = [
  /** The platform is to fetch the secret again. */
  'refresh',
  /** The application is to read its settings again. A refresh alone may not do this. */
  'restart',
  /** The published value is written, and read back. */
  'write',
] as const;
export type HolderEffect = (typeof HOLDER_EFFECTS)[number];

/** The effects that bring a holder of a kind to the published version, by what it has. Another holder is inspected only. */
export const EFFECTS: Readonly<Partial<Record<HolderKind, EffectsOf>>> = {
  appServiceReference: { reference: ['refresh', 'restart'] },
  namedValue: { reference: ['refresh'], value: ['write'] },
  foundryConnection: { value: ['write'] },
};

/** In their order. */
type EffectsOf = Readonly<Partial<Record<HolderContent['has'], readonly HolderEffect[]>>>;

/** How a holder stands to an account. */
export type HolderState =
  /** Points at the account's secret, and follows it. */
  | { readonly state: 'follows' }
  /** Points at one version of the secret, for ever. */
  | { readonly state: 'pinned'; readonly pinnedTo: SecretVersion }
  /** Holds the value of one of the account's keys. */
  | { readonly state: 'copy'; readonly slot: Slot }
  /** Still holds the value that it held as a copy; the key has been renewed since. */
  | { readonly state: 'formerCopy' }
  /** Sends its value to the account, or was one of the above, and holds neither key. */
  | { readonly state: 'otherValue' }
  | { readonly state: 'unseen'; readonly cause: string };

export const STANDINGS = [
  'follows',
  'pinned',
  'copy',
  'formerCopy',
  'otherValue',
  'unseen',
] as const satisfies readonly HolderState['state'][];

/**
 * How a holder is known to use a version, the strongest first. `seen`: the version or the value was read. `refreshed`:
 * it was brought after the publish, and resolved since. `elapsed`: the platform's own interval is over.
 */
export const GRADES = ['seen', 'refreshed', 'elapsed'] as const;
export type Grade = (typeof GRADES)[number];

export interface Evidence {
  readonly version: SecretVersion;
  readonly grade: Grade;
  readonly at: number;
}

/** The intent to bring a holder to a version, recorded before the effect. Instants in milliseconds since the epoch. */
export interface Bringing {
  readonly version: SecretVersion;
  readonly effect: HolderEffect;
  readonly attemptAt: number;
  readonly attempts: number;
  /** When the platform answered the effect; absent while that is unknown. */
  readonly answeredAt?: number;
  /** Why the last attempt failed, for people. */
  readonly failure?: string;
  /** Until then an earlier effect whose answer was lost may still happen, also one for another version. */
  readonly unsettledUntil?: number;
}

/** A holder of an account, as kept between passes. */
export interface KnownHolder extends Holder {
  readonly standing: HolderState;
  /** The value that it last held as a copy of a key. A value that was never a copy belongs to others. */
  readonly held?: Fingerprint;
  /** Values that were sent to it, the last first: it may hold one that it was never seen with. */
  readonly written?: readonly Fingerprint[];
  /** When it was last read. */
  readonly readAt: number;
  /** The last effect; absent if it was never brought. */
  readonly bringing?: Bringing;
  readonly evidence?: Evidence;
}

/** Everything known of the holders of one account. */
export interface AccountHolders {
  /** When all scopes were last searched; absent before the first search. */
  readonly searchedAt?: number;
  readonly holders: readonly KnownHolder[];
  /** Resources of the scopes that the search could not look into: their holders are not known. At most twenty. */
  readonly unseen: readonly { readonly resource: string; readonly cause: string }[];
  /** How many resources these stand for, those beyond the twenty included. */
  readonly unseenCount: number;
  /** The version that all holders were last looked at for; only a schedule: evidence has a version of its own. */
  readonly lookedFor?: SecretVersion | undefined;
  /** When to look again; absent if nothing is to be brought or seen. */
  readonly nextAt?: number | undefined;
}

/** Before the first search. */
export const NOTHING_KNOWN: AccountHolders = { holders: [], unseen: [], unseenCount: 0 };

/** How often all scopes are searched for holders of an account. */
export const SEARCH_EVERY_MS = 24 * 3_600_000;

/** A lost write settles long before so many more are sent. */
export const WRITTEN_MAXIMUM = 3;

/** At most this many holders of one account are kept; a row of the table has room for no more. */
export const HOLDERS_MAXIMUM = 30;

/** The name of a holder among the consumers: its resource and its name within it. */
export function holderName({ resource, name }: Holder): string {
  return `${resource}#${name}`;
}

// The ports of the room: the adapters of the kinds of holders, and the rows that keep what is known.
// Every effect MAY HAVE HAPPENED even if its promise is rejected: the room always reads again.
import type { Account, ETag, SecretVersion } from '../rotation/model.ts';
import type { Clock } from '../rotation/ports.ts';
import type { SecretValue } from '../rotation/secret.ts';
import type { AccountHolders, Holder, HolderContent, HolderEffect, HolderInventory, HolderKind } from './model.ts';

/** What is published, for a holder that takes the value. */
export interface PublishedKey {
  readonly version: SecretVersion;
  readonly value: SecretValue;
}

/** The adapter of one kind. Each method throws `RotationError` when there is no usable answer. */
export interface HolderAdapter {
  /**
   * Every holder of the kind in these scopes, read. A resource that refuses is named in `unseen`; only a failure of a
   * scope's own list is thrown. Reads at most `RESOURCES_MAXIMUM` resources.
   */
  list(scopes: readonly string[]): Promise<HolderInventory>;
  /** Reads one holder, within so many milliseconds. One that is gone has no content. */
  read(holder: Holder, withinMs: number): Promise<HolderContent | undefined>;
  /** Sends one effect, once. Called only with the effects of the kind that fit the content. */
  perform(effect: HolderEffect, holder: Holder, published: PublishedKey, withinMs: number): Promise<void>;
}

/** The kinds that are searched, with the ARM ids of the subscriptions and resource groups to search. */
export type HolderScopes = Readonly<Partial<Record<HolderKind, readonly string[]>>>;

/** What is known of an account's holders, and the ETag of the row. */
export interface StoredHolders {
  /** `undefined` if there is no row. */
  readonly etag: ETag | undefined;
  readonly known: AccountHolders;
}

/** The row of an account's holders (Azure Tables). */
export interface HolderRecords {
  read(account: Account): Promise<StoredHolders>;
  /** Compare-and-swap; `expected` undefined: must not exist. Throws `LostRace`. May have happened even if this throws. */
  write(account: Account, expected: ETag | undefined, known: AccountHolders): Promise<ETag>;
}

/** The parts that follow the holders of an account. */
export interface HolderParts {
  /** Kinds that are absent are off. */
  readonly scopes: HolderScopes;
  readonly adapters: Readonly<Record<HolderKind, HolderAdapter>>;
  readonly records: HolderRecords;
  readonly clock: Clock;
  /** Inventories that this process has read; shared by its passes. */
  readonly inventories: Inventories;
  /** Lower-cased hosts of the account's own; none if it shares that of its region. Throws `RotationError`. */
  hostsOf(account: Account): Promise<readonly string[]>;
}

/** These parts as a process keeps them: the clock is that of an invocation. */
export type HolderSources = Omit<HolderParts, 'clock'>;

/** Reads the inventory of a kind once for many accounts. */
export interface Inventories {
  /** At most `maximumAgeMs` old. Throws `RotationError`. */
  of(kind: HolderKind, maximumAgeMs: number): Promise<HolderInventory>;
}

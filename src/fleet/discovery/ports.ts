// The ports of the search for accounts: the accounts of a subscription, and the store of the last search.
import type { Discovered, DiscoveryScope, FoundAccount } from '../../config/accounts/discovered-account.ts';
import type { Fleet } from '../../config/fleet.ts';
import type { Account, AccountId } from '../../rotation/model.ts';
import type { FleetParts } from '../ports.ts';

export interface DiscoveryStore {
  /** Undefined while no account was ever found. Throws `RotationError`. */
  readRevision(): Promise<string | undefined>;
  read(): Promise<Discovered>;
  /**
   * Replaces the accounts that have changed, and removes those that `next` has no more; returns how many. If it is interrupted half-way, the next write finishes
   * it: the revision follows from the rows.
   */
  write(former: Discovered, next: Discovered): Promise<number>;
}

/** `refused`: the identity may not read the account, or no account is shown to it. */
export type Presence = 'exists' | 'gone' | 'refused';

export interface AccountSearch {
  /** All of them: an account without its tag differs from one that is gone. Throws `RotationError`. */
  list(subscriptionId: string, tags: Pick<DiscoveryScope, 'tag' | 'ownerTag'>): Promise<readonly FoundAccount[]>;
  /** The name of a subscription. Throws `RotationError`. */
  nameOf(subscriptionId: string): Promise<string>;
  /**
   * Asks for one account by itself. A list that is filtered by rights is answered like an empty one, so that an account
   * it does not name may exist. Throws `RotationError` if that is not known.
   */
  lookFor(id: AccountId): Promise<Presence>;
}

/** The parts that the search for accounts needs. */
export interface DiscoveryParts extends Pick<FleetParts, 'fleet' | 'ports' | 'clock' | 'sleep'> {
  readonly discovered: DiscoveryStore;
  readonly accountSearch: AccountSearch;
  /** Checks are kept under the id alone. They say nothing about another account with the same id. */
  readonly checks: { forget(account: Account): Promise<void> };
  /** The fleet as it would be with `discovered` as the result of the last search. */
  fleetWith(discovered: Discovered): Promise<Fleet>;
}

// What the search for accounts asks of the world: the accounts of a subscription, and where the last search is kept.
import type { Discovered, FoundAccount } from '../../config/accounts/discovered-account.ts';
import type { Fleet } from '../../config/fleet.ts';
import type { Account } from '../../rotation/model.ts';
import type { FleetParts } from '../ports.ts';

export interface DiscoveryStore {
  /** Undefined while nothing was ever found. Throws `RotationError`. */
  readRevision(): Promise<string | undefined>;
  read(): Promise<Discovered>;
  /**
   * Replaces what has changed; answers how many accounts have. Interrupted half way, it is finished by the next write:
   * the revision follows from the rows.
   */
  write(former: Discovered, next: Discovered): Promise<number>;
}

export interface AccountSearch {
  /** All of them: an account that has lost its tag is told from one that is gone. Throws `RotationError`. */
  list(subscriptionId: string, tag: string): Promise<readonly FoundAccount[]>;
}

/** What the search for accounts is made of. */
export interface DiscoveryParts extends Pick<FleetParts, 'fleet' | 'ports' | 'clock' | 'sleep'> {
  readonly discovered: DiscoveryStore;
  readonly accountSearch: AccountSearch;
  /** What is kept of an account by its id alone, and says nothing about another account of that id. */
  readonly checks: { forget(account: Account): Promise<void> };
  /** The fleet as it would be if `discovered` were what the last search has left. */
  fleetWith(discovered: Discovered): Promise<Fleet>;
}

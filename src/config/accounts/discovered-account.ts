// The stored form of an account that was found by its tag. Types only: the search fills them, the table holds them, the
// fleet is read from them, and none of the three knows the others.
import type { Account, AccountId } from '../../rotation/model.ts';

/** Which subscriptions are searched, for which tag. */
export interface DiscoveryScope {
  /** Lower case. */
  readonly subscriptions: readonly string[];
  /** Name of the tag whose value `enabled` enrols an account; `<tag>-policy` names its policy. */
  readonly tag: string;
  /** Name of the tag whose value says whose account it is. */
  readonly ownerTag: string;
}

/** What a search learns of an account besides. For people: no decision depends on it. */
export interface FoundFacts {
  readonly kind?: string;
  readonly location?: string;
  readonly owner?: string;
}

export interface AccountFacts extends FoundFacts {
  readonly subscriptionName?: string;
}

/** An account of the fleet with what is known of it besides. */
export type KnownAccount = Account & { readonly facts?: AccountFacts };

/** Why an account that was found, now or earlier, is not worked on, or not for much longer. */
export const DISCOVERY_REASONS = [
  'KeysSwitchedOff',
  'NotSucceeded',
  'TagRemoved',
  'AccountGone',
  'AccessLost',
  'SubscriptionNotGiven',
] as const;
export type DiscoveryReason = (typeof DISCOVERY_REASONS)[number];

export interface DiscoveredAccount extends FoundFacts {
  readonly id: AccountId;
  /** As Azure Resource Manager writes it. */
  readonly resourceId: string;
  /** Value of the policy's tag. */
  readonly policy?: string;
  /** When Azure created it. An account that was created again under the same name has another instant. */
  readonly createdAt?: string;
  /**
   * `enrolled`: in the fleet. `leaving`: in the fleet until its rotation is over. `skipped`: tagged, but not usable.
   * `left`: let go recently. `forgotten`: let go, known only so that it is recognised if it comes again.
   */
  readonly state: 'enrolled' | 'leaving' | 'skipped' | 'left' | 'forgotten';
  /** Since when neither a search nor a call for the account itself has found it; milliseconds since the epoch. */
  readonly missingSince?: number;
  /** Present unless enrolled. */
  readonly reason?: DiscoveryReason;
  /** When the present state and reason began; milliseconds since the epoch. */
  readonly since: number;
}

/** A subscription that could not be searched; its accounts keep their states. */
export interface DiscoveryFailure {
  readonly subscriptionId: string;
  readonly code: string;
  /** A sentence with the remedy. */
  readonly message: string;
}

export interface Discovered {
  readonly accounts: readonly DiscoveredAccount[];
  readonly failures: readonly DiscoveryFailure[];
  /** Names of subscriptions by id, as far as they could be read. */
  readonly subscriptionNames?: SubscriptionNames;
}

export type SubscriptionNames = Readonly<Record<string, string>>;

/** An account as a search finds it, tagged or not. */
export interface FoundAccount extends FoundFacts {
  readonly id: AccountId;
  readonly resourceId: string;
  readonly isTagged: boolean;
  readonly policy?: string;
  readonly createdAt?: string;
  readonly provisioningState: string;
  readonly isKeyAccessOff: boolean;
}

// The ports of a connectivity check besides the core's: the account's setup, the vault's other secrets, the last check.
// Only the row of the last check is ever changed.
import type { FleetParts } from '../../fleet/ports.ts';
import type { Account, Slot } from '../../rotation/model.ts';
import type { KeyPair } from '../../rotation/ports.ts';
import type { SecretValue } from '../../rotation/secret.ts';
import type { LastCheck } from '../answers/check.ts';

export interface AccountDetails {
  /** A free string in Azure: `OpenAI`, `TextAnalytics`, … */
  readonly kind: string;
  /** Present when no call proves a key of this kind: the sentence that says so, and why. */
  readonly obstacle?: string;
  /** Base URL of the data plane, with a trailing slash. */
  readonly endpoint: string;
  readonly location: string;
  readonly customSubDomainName?: string;
  /** Present for a type whose resources each have a host of their own by name; it needs no custom subdomain. */
  readonly hasOwnHost?: true;
  /** True when keys are switched off; an account that does not say so has them on. */
  readonly disableLocalAuth: boolean;
  readonly publicNetworkAccess?: string;
  /** Absent if the account never had any: then every network is let in. */
  readonly networkRules?: {
    readonly isDenyByDefault: boolean;
    readonly addresses: readonly string[];
    readonly subnets: number;
  };
  readonly provisioningState: string;
}

/** The permissions of one role, with wildcards. */
export interface Grant {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

/** How the data plane answered a call that carried a token of Microsoft Entra in place of a key. */
export interface EntraAnswer {
  readonly status: number;
  /** `taken`: accepted, or refused only for want of a role. `refused`: the call is documented to take such tokens. */
  readonly token: 'taken' | 'refused' | 'unknown';
  /** Sends the same call with the token of a person who is signed in. */
  readonly command: string;
}

export interface TokenExchange {
  readonly status: number;
  readonly isIssued: boolean;
}

/** Each method throws `RotationError` when there is no usable answer. */
export interface PosturePort {
  read(account: Account): Promise<AccountDetails>;
  listGrants(account: Account): Promise<readonly Grant[]>;
  /** Undefined for a kind without a call that proves a key: there is none that could prove a token. */
  callWithEntra(account: Account, details: AccountDetails): Promise<EntraAnswer | undefined>;
  /** Exchanges a key for a token, which is thrown away; undefined for kinds that have no such exchange. */
  exchangeToken(account: Account, details: AccountDetails, value: SecretValue): Promise<TokenExchange | undefined>;
}

export interface VaultSearchResult {
  /** Names of secrets whose newest version contains a key, alone or within a longer text. */
  readonly holders: readonly { readonly name: string; readonly slots: readonly Slot[] }[];
  readonly searched: number;
  /** Secrets that the identity may not read. */
  readonly unreadable: number;
  /** False when there are more secrets than are looked at, or time was up. */
  readonly isComplete: boolean;
}

export interface VaultSearch {
  /** Looks into `secretsMaximum` secrets at most. Throws `RotationError` when the vault's secrets cannot be listed. */
  search(account: Account, keys: KeyPair, secretsMaximum: number): Promise<VaultSearchResult>;
}

/** The last check as it is stored. */
export interface StoredCheck extends Omit<LastCheck, 'at'> {
  /** When it began, milliseconds since the epoch. The keys were read later than this. */
  readonly at: number;
}

export interface CheckStore {
  /** Replaces the check before. Of two writes at once the later one stays. May have happened even if this throws. */
  keep(account: Account, check: StoredCheck): Promise<void>;
  /** Undefined if no check was made, or if the row is damaged. The next check writes the row again. */
  last(account: Account): Promise<StoredCheck | undefined>;
  /**
   * Notes that a search of the vault begins at `now`, unless another has begun less than `everyMs` before, in any
   * process. Returns when the next may begin if this one may not.
   */
  beginSearch(vaultUrl: string, now: number, everyMs: number): Promise<number | undefined>;
  /** Removes the notes of searches that began before `before`; at most a thousand. Returns how many. */
  forgetSearches(before: number): Promise<number>;
  /** Empties the row, whether or not there is one. */
  forget(account: Account): Promise<void>;
}

/** The parts that a check needs. */
export interface CheckParts extends Pick<FleetParts, 'ports' | 'clock' | 'holders'> {
  readonly posture: PosturePort;
  readonly vaultSearch: VaultSearch;
  readonly checks: CheckStore;
  readonly site: Site;
}

/** The Function App's own name, if the platform provides it. */
export interface Site {
  readonly name: string | undefined;
}

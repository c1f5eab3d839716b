// What a connectivity check asks of the world besides the core's ports: how an account is set up, what else a vault holds,
// and where the last check is kept. None of it changes anything but that row.
import type { FleetParts } from '../../fleet/ports.ts';
import type { Account, Slot } from '../../rotation/model.ts';
import type { KeyPair } from '../../rotation/ports.ts';
import type { SecretValue } from '../../rotation/secret.ts';
import type { Finding } from './findings.ts';

export interface AccountDetails {
  /** A free string in Azure: `OpenAI`, `TextAnalytics`, … */
  readonly kind: string;
  /** Base URL of the data plane, with a trailing slash. */
  readonly endpoint: string;
  readonly location: string;
  readonly customSubDomainName?: string;
  /** True when keys are switched off; an account that does not say so has them on. */
  readonly disableLocalAuth: boolean;
  readonly publicNetworkAccess?: string;
  /** Absent when the account has never been given any: then every network is let in. */
  readonly networkRules?: {
    readonly isDenyByDefault: boolean;
    readonly addresses: readonly string[];
    readonly subnets: number;
  };
  readonly provisioningState: string;
}

/** One role's worth of permissions, with wildcards. */
export interface Grant {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

/** How the data plane answered a call that carried a token of Microsoft Entra in place of a key. */
export interface EntraAnswer {
  readonly status: number;
  /** False for a call that is not documented to take such a token: a refusal says little then. */
  readonly isConclusive: boolean;
}

export interface TokenExchange {
  readonly status: number;
  readonly isIssued: boolean;
}

/** Each method throws `RotationError` when there is no usable answer. */
export interface PosturePort {
  read(account: Account): Promise<AccountDetails>;
  listGrants(account: Account): Promise<readonly Grant[]>;
  callWithEntra(account: Account, details: AccountDetails): Promise<EntraAnswer>;
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

/** A check as it is kept: what was found, when, and for whom. */
export interface StoredCheck {
  /** When it began, milliseconds since the epoch: what it says of a key, it has read later. */
  readonly at: number;
  readonly by: string;
  readonly reason?: string;
  readonly isVaultSearched: boolean;
  readonly isHealthy: boolean;
  readonly isReadyForKeyless?: boolean;
  /** Fingerprints of both slots, where they could be read. */
  readonly keys?: Readonly<Record<Slot, string>>;
  readonly findings: readonly Finding[];
}

export interface CheckStore {
  /** Replaces the one before: of two at once the later write stays. May have happened even if this throws. */
  keep(account: Account, check: StoredCheck): Promise<void>;
  /** Undefined while none was made, and where the row is damaged: the next check writes it anew. */
  last(account: Account): Promise<StoredCheck | undefined>;
  /** Empties the row, whether or not there is one. */
  forget(account: Account): Promise<void>;
}

/** What a check is made of. */
export interface CheckParts extends Pick<FleetParts, 'ports' | 'clock'> {
  readonly posture: PosturePort;
  readonly vaultSearch: VaultSearch;
  readonly checks: CheckStore;
  readonly site: Site;
}

/** The Function App's own name and resource group, where the platform says them. */
export interface Site {
  readonly name: string | undefined;
  readonly resourceGroup: string | undefined;
}

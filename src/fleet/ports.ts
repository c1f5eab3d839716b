// The ports of the fleet besides those of the core: the accounts, the due accounts, and the notes that ticks leave for
// one another. Every effect MAY HAVE HAPPENED even if its promise is rejected.
import type { Fleet } from '../config/fleet.ts';
import type { HolderSources } from '../holders/ports.ts';
import type { Account, AccountId, ETag, OwnerId, Request } from '../rotation/model.ts';
import type { Clock, HistoryEntry, Ports, StatusRow } from '../rotation/ports.ts';
import type { WaitReason } from '../rotation/reasons.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { CampaignId } from './campaign/rules/model.ts';

/** The note that the timer leaves for its next run. */
export interface TickNote {
  /** When the timer has run, the newest first, at most `TICKS_KEPT`. */
  readonly ticks: readonly number[];
  /** Names the set of accounts that were last all seen in the table; absent if there was none. */
  readonly enrolled: string | undefined;
  /** Whether the fleet was frozen then. When the freeze is over, accounts that wait for its end are woken. */
  readonly isFrozen?: true | undefined;
  readonly sweep?: Sweep | undefined;
}

/** The round over all accounts that removes old rows. */
export interface Sweep {
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
  /** The last account that was looked at; absent when the round is over. */
  readonly after?: AccountId | undefined;
}

/** What may go of an account that stays. */
export interface OldRows {
  /** Lines of the history, and requests that were closed, from before these instants. */
  readonly historyBefore: number;
  readonly requestsBefore: number;
  /** Acknowledgements from before `before`, of consumers that are not among `except`. Absent: none. */
  readonly acknowledgements?: { readonly before: number; readonly except: readonly string[] };
}

/** Whether the account was let go before `before`, and no pass has worked on it since. */
export function hasLeft({ lastPass }: Pick<StatusRow, 'lastPass'>, before: number): boolean {
  return lastPass?.reason === ('NotConfigured' satisfies WaitReason) && lastPass.since < before;
}

/** Notes about the whole fleet. Every query for due accounts returns them, so they cost no request of their own. */
export interface FleetMark extends TickNote {
  /** Changes with the set of discovered accounts; absent while no account has ever been discovered. */
  readonly discovery: string | undefined;
}

export interface DueRead {
  /** Each account once: its next observation is due, or a request is open. Accounts with an open request come first. */
  readonly accounts: readonly AccountId[];
  /** Accounts that are due only because one of their holders is. */
  readonly ofHolders?: readonly AccountId[];
  /** The accounts among `accounts` with an open request about a leaked key. */
  readonly urgent: readonly AccountId[];
  readonly campaigns: readonly CampaignId[];
  readonly mark: FleetMark;
}

/** Records of all accounts (Azure Tables). */
export interface FleetRecords {
  /** The accounts as configured when their entities were last written. Accounts without that are left out. */
  findConfigured(by: ConfiguredQuery): Promise<readonly Account[]>;
  /**
   * Accounts whose next observation is due or that have an open request, due campaigns, and the notes about the whole
   * fleet. One query for any number of accounts.
   */
  listDue(now: number): Promise<DueRead>;
  listStatus(): Promise<readonly StatusRow[]>;
  /** Inserts once; returns false when a request with this id exists already. */
  insertRequest(account: Account, request: Request, history: readonly HistoryEntry[]): Promise<boolean>;
  /** Replaces the note of ticks; one write. The timer is a singleton: of two at once one is lost, and comes again. */
  noteTick(note: TickNote): Promise<void>;
  /** When the timer has run, the newest first, at most `TICKS_KEPT`. */
  listTicks(): Promise<readonly number[]>;
  /** Removes rows of an account; at most a thousand of each kind. Returns how many. */
  forgetOld(id: AccountId, old: OldRows): Promise<number>;
  /**
   * Removes all rows of an account that had left before `before`, its entity last: if it is interrupted, the next call
   * goes on. Does nothing if the account has come back. Returns how many.
   */
  forgetAccount(id: AccountId, before: number): Promise<number>;
}

export type ConfiguredQuery = { readonly alias: string } | { readonly ids: readonly AccountId[] };

export type FleetPorts = Ports & { readonly records: FleetRecords };

/** The revision of the discovered accounts, if the caller has read it already. */
export interface DiscoveryMark {
  readonly discovery: string | undefined;
}

/** Reads the accounts as configured and discovered now. */
export interface FleetSource {
  /**
   * Costs one request if nothing has changed, two if accounts are searched and `mark` is absent. Throws
   * `RotationError`.
   */
  fleet(mark?: DiscoveryMark): Promise<Fleet>;
}

/** A change of the freeze: who, when and why. */
export interface FreezeChange {
  readonly isFrozen: boolean;
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The freeze as the store has it. */
export interface StoredFreeze {
  /** Absent, like the other fields, if there is no key-value. */
  readonly etag?: ETag;
  readonly value?: string;
  /** When the store was last changed, milliseconds since the epoch. */
  readonly changedAt?: number;
  /** As the last call of this service has noted it. Another program may have changed the value since. */
  readonly noted?: FreezeChange;
  /** Tags of others, to be kept. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The key-value that stops all rotations (App Configuration). */
export interface FreezePort {
  read(): Promise<StoredFreeze>;
  /**
   * Writes the value and the note in one call. Throws `LostRace` if the key-value has changed since `former` was read.
   * Returns what is stored now.
   */
  write(change: FreezeChange, former: StoredFreeze): Promise<StoredFreeze>;
}

/** The parts that passes over accounts need. */
export interface FleetParts extends FleetSource {
  readonly ports: FleetPorts;
  readonly clock: Clock;
  /** Absent when no exporter is configured. */
  readonly telemetry?: Telemetry | undefined;
  /** Absent when no kind of holder is searched. */
  readonly holders?: HolderSources | undefined;
  newOwner(): OwnerId;
  sleep(ms: number): Promise<void>;
}

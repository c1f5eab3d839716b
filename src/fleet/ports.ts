// What the fleet asks of the world besides the core's ports: which accounts there are and which are due, and what ticks
// leave for one another. Every effect MAY HAVE HAPPENED even if its promise is rejected.
import type { Fleet } from '../config/fleet.ts';
import type { Account, AccountId, OwnerId, Request } from '../rotation/model.ts';
import type { Clock, HistoryEntry, Ports, StatusRow } from '../rotation/ports.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { CampaignId } from './campaign/rules/model.ts';

/** What the timer leaves for its next run. */
export interface TickNote {
  /** When the timer has run, the newest first, at most `TICKS_KEPT`. */
  readonly ticks: readonly number[];
  /** Names the set of accounts that had all been seen in the table; absent while there was none. */
  readonly enrolled: string | undefined;
  /** Whether the fleet was frozen then: accounts that wait for that are woken when it is not any more. */
  readonly isFrozen?: true | undefined;
}

/** What concerns the fleet as a whole; every query for what is due sees it, so that it costs no request of its own. */
export interface FleetMark extends TickNote {
  /** Changes whenever the set of discovered accounts does; absent while nothing has ever been discovered. */
  readonly discovery: string | undefined;
}

export interface DueRead {
  /** Each once: next observation due, or a request open; those with an open request first. */
  readonly accounts: readonly AccountId[];
  /** Those among them with an open request about a leaked key. */
  readonly urgent: readonly AccountId[];
  readonly campaigns: readonly CampaignId[];
  readonly mark: FleetMark;
}

/** Records of all accounts (Azure Tables). */
export interface FleetRecords {
  /** The accounts as they were configured when their entities were last written; those that have none are left out. */
  findConfigured(by: ConfiguredQuery): Promise<readonly Account[]>;
  /**
   * Accounts whose next observation is due or which have an open request, due campaigns, and what is known of the fleet as
   * a whole: one query, whatever the number of accounts.
   */
  listDue(now: number): Promise<DueRead>;
  listStatus(): Promise<readonly StatusRow[]>;
  /** Inserts once; returns false when a request with this id exists already. */
  insertRequest(account: Account, request: Request, history: readonly HistoryEntry[]): Promise<boolean>;
  /** Replaces what ticks have noted; one write. The timer is a singleton: of two at once one is lost, and comes again. */
  noteTick(note: TickNote): Promise<void>;
  /** When the timer has run, the newest first, at most `TICKS_KEPT`. */
  listTicks(): Promise<readonly number[]>;
}

export type ConfiguredQuery = { readonly alias: string } | { readonly ids: readonly AccountId[] };

export type FleetPorts = Ports & { readonly records: FleetRecords };

/** The revision of the discovered accounts, where the caller has read it already. */
export interface DiscoveryMark {
  readonly discovery: string | undefined;
}

/** Reads the accounts as configured and discovered now. */
export interface FleetSource {
  /**
   * Costs one request when nothing has changed, two where accounts are searched and `mark` is absent. Throws
   * `RotationError`.
   */
  fleet(mark?: DiscoveryMark): Promise<Fleet>;
}

/** What passes over accounts are made of. */
export interface FleetParts extends FleetSource {
  readonly ports: FleetPorts;
  readonly clock: Clock;
  /** Absent when no exporter is configured. */
  readonly telemetry?: Telemetry | undefined;
  newOwner(): OwnerId;
  sleep(ms: number): Promise<void>;
}

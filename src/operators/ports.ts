// The ports that operators' requests need besides those of the core and the fleet.
// Every effect MAY HAVE HAPPENED even if its promise is rejected.

import type { ProposedFleet } from '../config/fleet.ts';
import type { RawKeyValue } from '../config/raw-key-value.ts';
import type { SettingsResult } from '../config/settings.ts';
import type { FleetParts, FleetPorts } from '../fleet/ports.ts';
import type { Account, Acknowledgement, Pause, RequestId, StoredRequest } from '../rotation/model.ts';
import type { HistoryEntry, StoredAccount } from '../rotation/ports.ts';
import type { CheckStore } from './check/ports.ts';

export interface PauseChange {
  readonly stored: StoredAccount;
  readonly at: number;
  readonly history: readonly HistoryEntry[];
  readonly isEntityKept: boolean;
}

export interface HistoryPage {
  /** Newest first. */
  readonly entries: readonly HistoryEntry[];
  /** Where the next page begins; absent when there is nothing older. Only the adapter can read it. */
  readonly next?: string;
}

export interface RequestPage {
  /** Newest first, closed ones included. */
  readonly requests: readonly StoredRequest[];
  /** Where the next page begins; absent when there is nothing older. */
  readonly next?: string;
}

/** Requests, acknowledgements, pauses and history of one account (Azure Tables). */
export interface RequestRecords {
  readRequest(account: Account, id: RequestId): Promise<StoredRequest | undefined>;
  /** `after` is the `next` of the page before. An invented one returns an arbitrary page, never an error. */
  listRequests(account: Account, limit: number, after?: string): Promise<RequestPage>;
  /** Requests about leaked keys stored at or after `since`, closed or not, the newest first; at most twenty. */
  listEmergencies(account: Account, since: number): Promise<readonly StoredRequest[]>;
  acknowledge(account: Account, acknowledgement: Acknowledgement): Promise<void>;
  /**
   * Sets or ends the pause. If `stored` has an entity, the same transaction makes it due at `at` and changes its ETag,
   * unless `isEntityKept`. A pass under way then loses its next write, so that no intent follows the pause.
   */
  setPause(account: Account, pause: Pause | undefined, change: PauseChange): Promise<void>;
  /** `after` is the `next` of the page before. An invented one returns an arbitrary page, never an error. */
  listHistory(account: Account, limit: number, after?: string): Promise<HistoryPage>;
}

export type OperatorPorts = FleetPorts & { readonly records: RequestRecords };

/** What kinds of accounts can do. */
export interface KindsPort {
  /**
   * The sentence that says why the account cannot be rotated; undefined if it can. Throws `RotationError` when its kind
   * cannot be read. The kind of an account is kept for a day.
   */
  obstacleTo(account: Account): Promise<string | undefined>;
}

/** The parts that requests, acknowledgements and pauses need. */
export interface RequestParts extends FleetParts {
  readonly ports: OperatorPorts;
  readonly kinds: KindsPort;
}

/** The parts that validate documents before they are written. */
export interface EnrolmentParts {
  /** The present configuration with these key-values in place of those of the same keys. Writes nothing. */
  fleetWithDocuments(documents: readonly RawKeyValue[]): Promise<ProposedFleet>;
}

/** The parts that show the health of the service. */
export interface HealthParts extends StatusParts {
  readonly settings: SettingsResult;
  /** Notifications that were given up; asked only if the settings name a receiver. */
  readonly outbox: { countDead(): Promise<number> };
}

/** The parts that show the status of accounts. */
export interface StatusParts extends Pick<FleetParts, 'fleet' | 'clock' | 'holders'> {
  readonly ports: OperatorPorts;
  /** The last check of each account. */
  readonly checks: CheckStore;
}

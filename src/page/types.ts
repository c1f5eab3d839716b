// The types that the page reads from the API: the service's own if they load nothing, else the fields that are shown.
// It must not contain behaviour.

import type { Finding } from '../operators/check/findings.ts';
import type { CheckPlan } from '../operators/check/plan.ts';
import type { DryRun } from '../operators/requests/dry-run.ts';
import type { RequestStatus } from '../operators/requests/request-status.ts';
import type { AccountStatus, AccountSummary, LastCheck, OverlapStatus } from '../operators/status/account-status.ts';

export type { AccountStatus, AccountSummary, CheckPlan, DryRun, Finding, LastCheck, OverlapStatus, RequestStatus };

export interface Me {
  readonly authorization: 'functionKey' | 'entra';
  readonly isLocal: boolean;
  readonly name?: string;
  readonly roles: readonly string[];
}

export interface ConfigurationProblem {
  readonly setting: string;
  readonly expected: string;
  readonly remedy: string;
  readonly account?: string;
}

export interface FleetPage {
  readonly accounts: readonly AccountSummary[];
  readonly next?: string;
  readonly isFrozen: boolean;
  readonly problems: readonly ConfigurationProblem[];
}

export interface Fleet {
  readonly accounts: readonly AccountSummary[];
  readonly isFrozen: boolean;
  readonly problems: readonly ConfigurationProblem[];
  readonly campaigns: readonly Campaign[];
}

export interface Campaign {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  readonly by: string;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** While it is not over. */
  readonly rings?: readonly {
    readonly name: string;
    readonly total: number;
    readonly done: number;
    readonly failed: number;
  }[];
}

/** One line of the history; instants are ISO 8601. */
export interface HistoryLine {
  readonly at: string;
  readonly kind: string;
  readonly rotationId: number;
  readonly reason?: string;
  readonly slot?: string;
  readonly fingerprint?: string;
  readonly by?: string;
}

export interface CheckReport {
  readonly isHealthy: boolean;
  readonly findings: readonly Finding[];
}

/** RFC 9457, as the service writes it. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly remedy: string;
}

// The fields of the service's answers that this command reads. The service documents them in GET openapi.json; a test of
// the repository holds these types against the service's own.

export interface AccountSummary {
  readonly account: string;
  readonly resourceId: string;
  readonly policy: string;
  readonly phase: string;
  readonly reason?: string;
  readonly publishedSlot?: string;
  readonly isBlocked: boolean;
  readonly isOverdue: boolean;
  readonly failures: number;
  readonly nextRotationAt?: string;
}

export interface AccountStatus extends AccountSummary {
  readonly keys: readonly { readonly slot: string; readonly role: string; readonly fingerprint?: string }[];
  readonly overlap?: { readonly endsAt: string; readonly missingConsumers: readonly string[] };
  readonly openRequests: readonly RequestStatus[];
  readonly pause?: { readonly by: string; readonly reason: string; readonly at: string };
  readonly detail?: string;
}

export interface PauseAnswer extends AccountStatus {
  readonly isPassUnderWay: boolean;
}

export interface FleetAnswer {
  readonly accounts: readonly AccountSummary[];
  readonly next?: string;
  readonly total: number;
  readonly isFrozen: boolean;
  readonly problems: readonly ConfigurationProblem[];
}

export interface ConfigurationProblem {
  readonly setting: string;
  readonly expected: string;
  readonly remedy: string;
  readonly account?: string;
  readonly found?: string;
}

export interface HealthReport {
  readonly isHealthy: boolean;
  readonly timer: { readonly detail: string; readonly remedy?: string };
  readonly accounts: number;
  readonly isFrozen: boolean;
  readonly overdue: { readonly count: number };
  readonly blocked: { readonly count: number };
  readonly failing: { readonly count: number };
  readonly configurationProblems: number;
  readonly deadNotifications: number;
}

export interface RequestStatus {
  readonly id: string;
  readonly kind: string;
  readonly state: 'open' | 'replaced' | 'closed';
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  readonly replacedAt?: string;
  readonly provenAt?: string;
  readonly waitsFor?: string;
  readonly waitsUntil?: string;
  readonly summary?: string;
  readonly outcome?: string;
}

export interface RequestAnswer {
  readonly request: RequestStatus;
  readonly isRepeated: boolean;
}

export interface RequestsAnswer {
  readonly requests: readonly RequestStatus[];
  readonly next?: string;
}

export interface DryRun {
  readonly steps: readonly {
    readonly at: string;
    readonly step: string;
    readonly slot?: string;
    readonly calls: readonly string[];
  }[];
  readonly waits: readonly { readonly until: string; readonly reason: string }[];
  readonly end?: {
    readonly at: string;
    readonly reason: string;
    readonly isBlocked: boolean;
    readonly detail?: string;
  };
  readonly consumers: readonly { readonly consumer: string; readonly risk: string; readonly detail: string }[];
  readonly others: string;
  readonly outcome?: string;
}

export interface CheckReport {
  readonly isHealthy: boolean;
  readonly findings: readonly {
    readonly check: string;
    readonly result: string;
    readonly detail: string;
    readonly remedy?: string;
  }[];
}

export interface CheckPlan {
  readonly calls: readonly { readonly call: string; readonly count: number }[];
  readonly total: number;
  readonly others: string;
}

export interface ValidationAnswer {
  readonly isValid: boolean;
  readonly documents: readonly {
    readonly alias: string;
    readonly isListed: boolean;
    readonly problems: readonly ConfigurationProblem[];
  }[];
}

export interface ApprovalsAnswer {
  readonly total: number;
  readonly accounts: readonly {
    readonly account: string;
    readonly result: string;
    readonly requestId?: string;
    readonly detail?: string;
    readonly holders?: HoldersAnswer;
  }[];
  readonly next?: string;
}

export interface HoldersAnswer {
  readonly isKnown: boolean;
  readonly searchedAt?: string;
  readonly holders: readonly {
    readonly kind: string;
    readonly resource: string;
    readonly name: string;
    readonly standing: string;
    readonly slot?: string;
  }[];
  readonly unseenCount: number;
}

export interface CampaignSummary {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  readonly by: string;
  readonly changed: { readonly by: string; readonly at: string; readonly reason: string };
  readonly ring?: string;
  readonly total: number;
  readonly open: number;
  readonly inFlight: number;
  readonly published: number;
  readonly done: number;
  readonly failed: number;
}

export interface CampaignView extends CampaignSummary {
  readonly failures: readonly { readonly account: string; readonly ring: string; readonly reason: string }[];
}

export interface CampaignPlan {
  readonly total: number;
  readonly rings: readonly { readonly name: string; readonly total: number; readonly accounts: readonly string[] }[];
  readonly skipped: Readonly<Record<string, number>>;
}

export interface CampaignRequestAnswer {
  readonly campaign: CampaignView;
  readonly isRepeated: boolean;
}

export interface CampaignsAnswer {
  readonly campaigns: readonly CampaignSummary[];
  readonly total: number;
}

/** Of `GET freeze`. */
export interface FreezeAnswer {
  readonly isFrozen: boolean;
  readonly changed?: { readonly by: string; readonly reason: string; readonly at: string };
}

interface NamedAccounts {
  readonly count: number;
  /** The first of them. */
  readonly accounts: readonly string[];
}

/** Of a dry run of `freeze` and `unfreeze`. */
export interface FreezePlan {
  readonly present: FreezeAnswer;
  readonly isFrozen: boolean;
  readonly underWay: NamedAccounts;
  readonly due: NamedAccounts;
  readonly campaigns: number;
}

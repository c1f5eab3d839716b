// The types that the page reads from the API, named as the page uses them. All are the service's own.
// It must not contain behaviour, or load a schema: the page checks no answer.

import type { CampaignSummary, CampaignView } from '../fleet/campaign/answers.ts';
import type { FleetAnswer, HistoryAnswer, ProblemDocument } from '../http/contract/answers.ts';
import type { LastCheck } from '../operators/answers/check.ts';

export type {
  CampaignsAnswer,
  FleetAnswer,
  FreezeAnswer as Freeze,
  FreezeChangeAnswer as FreezeChange,
  FreezePlanAnswer as FreezePlan,
  HistoryAnswer,
  Me,
  PauseAnswer,
  RequestAnswer,
} from '../http/contract/answers.ts';
export type { AccountStatus, AccountSummary, OverlapStatus } from '../operators/answers/account.ts';
export type { CheckPlan, CheckReport, LastCheck } from '../operators/answers/check.ts';
export type { HealthReport as Health } from '../operators/answers/health.ts';
export type { DryRun, RequestStatus } from '../operators/answers/requests.ts';

/** `rings` and `failures`: while it is not over. */
export type Campaign = CampaignSummary & Partial<Pick<CampaignView, 'rings' | 'failures'>>;
export type ConfigurationProblem = FleetAnswer['problems'][number];
export type Fleet = Pick<FleetAnswer, 'accounts' | 'isFrozen' | 'problems'> & {
  readonly campaigns: readonly Campaign[];
};
/** Of a check that was just made, or of a stored one. */
export type Finding = LastCheck['findings'][number];
export type HistoryLine = HistoryAnswer['entries'][number];
export type Problem = Pick<ProblemDocument, 'title' | 'status' | 'detail' | 'remedy'>;

// What the operators' command shares with the service. It has no source of the service, so the two are held equal here:
// the compiler compares the types of answers, and the rest is compared by values.
import { describe, expect, it } from 'vitest';
import { COLUMN_NAMES } from '../../packages/operator/src/account-list.ts';
import type * as own from '../../packages/operator/src/answers.ts';
import { CHARACTERS_AT_ONCE, DOCUMENTS_AT_ONCE } from '../../packages/operator/src/commands/import-accounts.ts';
import { COMMANDS } from '../../packages/operator/src/commands.ts';
import { BOUNDS } from '../../src/base/bounds.ts';
import { ACCOUNT_GUIDES } from '../../src/config/accounts/account-document.ts';
import type { CampaignPlanView, CampaignView } from '../../src/fleet/campaign/answers.ts';
import type * as http from '../../src/http/contract/answers.ts';
import { ACCOUNT_OPERATIONS } from '../../src/http/handlers/operate.ts';
import type * as bulk from '../../src/operators/answers/bulk.ts';
import type * as check from '../../src/operators/answers/check.ts';
import type { HealthReport } from '../../src/operators/answers/health.ts';
import type { DryRun } from '../../src/operators/answers/requests.ts';

/** Does not compile unless the service's answer has every field that the command reads. */
type Has<Field, Answer extends Field> = Answer extends Field ? true : never;
const COMPARED: readonly true[] = [
  true satisfies Has<own.FleetAnswer, http.FleetAnswer>,
  true satisfies Has<own.PauseAnswer, http.PauseAnswer>,
  true satisfies Has<own.RequestAnswer, http.RequestAnswer>,
  true satisfies Has<own.CampaignsAnswer, http.CampaignsAnswer>,
  true satisfies Has<own.CampaignView, CampaignView>,
  true satisfies Has<own.CampaignPlan, CampaignPlanView>,
  true satisfies Has<own.CampaignRequestAnswer, http.CampaignRequestAnswer>,
  true satisfies Has<own.HealthReport, HealthReport>,
  true satisfies Has<own.DryRun, DryRun>,
  true satisfies Has<own.CheckReport, check.CheckReport>,
  true satisfies Has<own.CheckPlan, check.CheckPlan>,
  true satisfies Has<own.ValidationAnswer, bulk.ValidationAnswer>,
  true satisfies Has<own.ApprovalsAnswer, bulk.ApprovalsAnswer>,
  true satisfies Has<own.FreezeAnswer, http.FreezeChangeAnswer>,
  true satisfies Has<own.FreezePlan, http.FreezePlanAnswer>,
];

describe('the command', () => {
  it('reads fields that the answers of the service have', () => {
    expect(COMPARED).toHaveLength(15);
  });
  it('imports each field of an account, in calls that the service takes', () => {
    const fields = Object.keys(ACCOUNT_GUIDES).filter((name) => name !== 'resourceId');
    expect(COLUMN_NAMES.toSorted()).toEqual(['id', 'alias', ...fields].toSorted());
    expect(DOCUMENTS_AT_ONCE).toBe(BOUNDS.documentsValidated);
    expect(CHARACTERS_AT_ONCE).toBeLessThan(BOUNDS.bodyCharacters);
  });
  it('has each operation on an account', () => {
    const names = COMMANDS.map(({ name }) => name);
    expect(ACCOUNT_OPERATIONS.filter((name) => !names.includes(name))).toEqual([]);
  });
});

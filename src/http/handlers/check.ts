// The HTTP handler of checks: 200 if healthy, 503 if not. A dry run returns the calls that a check would make.
import type { HttpResponseInit } from '@azure/functions';
import { logTo } from '../../base/log.ts';
import { checkOnRequest } from '../../operators/check/on-request.ts';
import { planCheck } from '../../operators/check/plan.ts';
import type { Call } from '../call.ts';
import { checkBody } from '../contract/schemas.ts';
import { readBody, requireAccount } from '../guard.ts';
import { json } from '../json.ts';

export async function check({ parts, request, caller, context }: Call): Promise<HttpResponseInit> {
  const account = await requireAccount(parts, request);
  const { reason, searchVault: isVaultSearched, dryRun } = await readBody(request, checkBody);
  if (dryRun) return json(200, planCheck(account, { isVaultSearched }));
  const report = await checkOnRequest(parts, { account, by: caller.by, reason, isVaultSearched }, logTo(context));
  return json(report.isHealthy ? 200 : 503, report);
}

// Answers a connectivity check: 200 healthy, 503 not.
import type { HttpResponseInit } from '@azure/functions';
import { checkAccount } from '../service/check.ts';
import type { Call } from './endpoint.ts';
import { readBody, requireAccount } from './guard.ts';
import { json } from './json.ts';
import { checkBody } from './schemas.ts';

export async function check({ app, request }: Call): Promise<HttpResponseInit> {
  const account = await requireAccount(app, request);
  const { searchVault } = await readBody(request, checkBody);
  const report = await checkAccount(app, account, { isVaultSearched: searchVault });
  return json(report.isHealthy ? 200 : 503, report);
}

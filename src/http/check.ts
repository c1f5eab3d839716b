// Answers a connectivity check: 200 healthy, 503 not.
import type { HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import { checkAccount } from '../service/check.ts';
import { type Call, json } from './endpoint.ts';
import { readBody, requireAccount } from './guard.ts';

const body = z.strictObject({}, { error: 'a JSON object without fields' });

export async function check({ app, request }: Call): Promise<HttpResponseInit> {
  const account = await requireAccount(app, request);
  await readBody(request, body);
  const report = await checkAccount(app, account);
  return json(report.isHealthy ? 200 : 503, report);
}

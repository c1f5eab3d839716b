// Answers whether the service is alive: 200 or 503, for monitors and for people.
import type { HttpResponseInit } from '@azure/functions';
import type { Call } from '../entry/endpoint.ts';
import { healthOf } from '../operators/status/health.ts';
import { json } from './json.ts';

export async function showHealth({ app }: Call): Promise<HttpResponseInit> {
  const report = await healthOf(app);
  return json(report.isHealthy ? 200 : 503, report);
}

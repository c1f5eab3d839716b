// Answers whether the service is alive: 200 or 503, for monitors and for people.
import type { HttpResponseInit } from '@azure/functions';
import { healthOf } from '../operators/status/health.ts';
import type { Call } from './call.ts';
import { json } from './json.ts';

export async function showHealth({ parts }: Call): Promise<HttpResponseInit> {
  const report = await healthOf(parts);
  return json(report.isHealthy ? 200 : 503, report);
}

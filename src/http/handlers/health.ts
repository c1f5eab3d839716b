// The HTTP handler of health: 200 if the service is alive, 503 if not. For monitors and for people.
import type { HttpResponseInit } from '@azure/functions';
import { healthOf } from '../../operators/status/health.ts';
import type { Call } from '../call.ts';
import { json } from '../json.ts';

export async function showHealth({ parts }: Call): Promise<HttpResponseInit> {
  const report = await healthOf(parts);
  return json(report.isHealthy ? 200 : 503, report);
}

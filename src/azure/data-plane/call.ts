// Sends one call to the data plane of an account, on its own connection, with the caller's credentials.
// It must not retry, judge, or follow a redirect: that would send the credentials to any host that the answer names.
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { type Deadline, USER_AGENT_PREFIX } from '../client/client-options.ts';
import { retryAfterOf } from '../client/retry-after.ts';
import { send } from '../client/send.ts';
import type { ProbeCall } from './probe-calls.ts';
import type { ProbeAnswer } from './probe-verdict.ts';

/** `credentials`: the header with the key or token. Rejects when there is no answer. */
export async function sendCall(
  call: ProbeCall,
  credentials: Readonly<Record<string, string>>,
  deadline: Deadline,
): Promise<ProbeAnswer> {
  const response = await send(
    createPipelineRequest({
      method: call.method,
      url: call.url,
      headers: createHttpHeaders({
        ...credentials,
        'User-Agent': USER_AGENT_PREFIX,
        ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(call.method === 'POST' && call.body === undefined ? { 'Content-Length': '0' } : {}),
      }),
      ...(call.body === undefined ? {} : { body: call.body }),
      ...deadline,
    }),
  );
  const retryAfterMs = retryAfterOf(response.headers);
  return {
    status: response.status,
    body: response.bodyAsText ?? '',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

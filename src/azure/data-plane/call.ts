// Sends a call to the data plane of an account, on its own connection, with the caller's credentials.
// It must not retry, judge, or follow a redirect: that would send the credentials to any host that the answer names.
// It sends a call once more only in another API version, and only if the service does not know the first one.
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { type Deadline, USER_AGENT_PREFIX } from '../client/client-options.ts';
import { retryAfterOf } from '../client/retry-after.ts';
import { send } from '../client/send.ts';
import type { ProbeCall } from './probe-calls.ts';
import type { ProbeAnswer } from './probe-verdict.ts';

/** Statuses with which services are known to refuse a version that has retired. None says anything about the key. */
const UNKNOWN_VERSION: ReadonlySet<number> = new Set([400, 404, 410]);

/**
 * The first answer that knows the version of its call, else the last answer. `calls`: one call in several versions, at
 * least one. `credentials`: the header with the key or token. Rejects when there is no answer.
 */
export async function sendCalls(
  [call, ...others]: readonly [ProbeCall, ...ProbeCall[]],
  credentials: Readonly<Record<string, string>>,
  deadline: Deadline,
): Promise<ProbeAnswer> {
  const answer = await sendCall(call, credentials, deadline);
  const [next, ...rest] = others;
  return next === undefined || !UNKNOWN_VERSION.has(answer.status)
    ? answer
    : sendCalls([next, ...rest], credentials, deadline);
}

async function sendCall(
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

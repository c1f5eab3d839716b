// One request with a token of ours, one answer in JSON, for services without a small SDK client.
// It keeps every rule of the SDK clients: one deadline per call, no effect sent twice, no call while a service asks to
// wait. It follows no redirect: that would send an effect, and the key in its body, a second time.
// It must not know a service.
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpMethods,
  type PipelinePolicy,
  RestError,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { clientOptions, type Deadline } from './client-options.ts';
import { HOLD_OFF_POLICY } from './hold-off.ts';

export interface AuthorizedRequest {
  readonly method: HttpMethods;
  readonly url: string;
  /** Sent as JSON; absent: no body. */
  readonly body?: unknown;
  /** Sent as `If-Match`. */
  readonly ifMatch?: string;
}

export interface AuthorizedAnswer {
  /** Parsed; an empty object for an empty body. */
  readonly body: unknown;
  /** As the service wrote it. */
  readonly etag: string | undefined;
}

export type AuthorizedCall = (request: AuthorizedRequest, deadline: Deadline) => Promise<AuthorizedAnswer>;

/**
 * One client for one service: after a 429, all its calls wait. The call throws `RestError` for a status beyond 2xx.
 * `innermost` sees each request that is sent, and its answer.
 */
export function createAuthorizedCall(
  credential: TokenCredential,
  scope: string,
  innermost?: PipelinePolicy,
): AuthorizedCall {
  const { retryOptions, userAgentOptions, additionalPolicies } = clientOptions();
  const pipeline = createPipelineFromOptions({ retryOptions, userAgentOptions, redirectOptions: { maxRetries: 0 } });
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: scope }), { phase: 'Sign' });
  for (const { policy, position } of additionalPolicies) {
    // As the SDK clients place them.
    pipeline.addPolicy(policy, position === 'perRetry' ? { afterPhase: 'Sign' } : {});
  }
  if (innermost !== undefined) {
    // Behind the hold-off: a request that is held off was not sent.
    pipeline.addPolicy(innermost, { afterPhase: 'Sign', afterPolicies: [HOLD_OFF_POLICY] });
  }
  const client = createDefaultHttpClient();
  return async ({ method, url, body, ifMatch }, deadline) => {
    const request = createPipelineRequest({ url, method, ...deadline });
    if (ifMatch !== undefined) request.headers.set('If-Match', ifMatch);
    if (body !== undefined) {
      request.headers.set('Content-Type', 'application/json');
      request.body = JSON.stringify(body);
    }
    const response = await pipeline.sendRequest(client, request);
    const { status, bodyAsText, headers } = response;
    if (status < 200 || status >= 300) {
      throw new RestError('The service refused.', { statusCode: status, request, response });
    }
    const text = bodyAsText ?? '';
    return { body: text === '' ? {} : (JSON.parse(text) as unknown), etag: headers.get('etag') };
  };
}

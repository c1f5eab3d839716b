// Options of all SDK clients: one deadline per call, a name in the user agent, no retries of a call that has an effect.
//
// By default the SDKs send a request again after a cut connection or a 5xx. Then `regenerateKey` runs twice, one PUT of
// a secret becomes several versions, and our own conditional write looks like a lost race. Here the next pass is the
// retry: it observes first. Only a read whose connection was cut is sent once more: services close idle connections,
// and a pass should not end for that. Nothing is sent while a service asks to wait (`hold-off.ts`).
// This file must not know a service.
import type { PipelinePolicy, PipelineRequest } from '@azure/core-rest-pipeline';
import { RESOURCE_TYPES } from '../../base/resource-types.ts';
import type { Account } from '../../rotation/model.ts';
import { createHoldOff } from './hold-off.ts';

/** Our name in the user agent, before the SDK's own name. */
export const USER_AGENT_PREFIX = 'ai-services-key-rotation';

/** For the calls that serve the whole fleet: no account's policy applies to them. */
export const FLEET_DEADLINE_MS = 30_000;

interface ClientOptions {
  retryOptions: { maxRetries: number };
  userAgentOptions: { userAgentPrefix: string };
  additionalPolicies: { policy: PipelinePolicy; position: 'perCall' | 'perRetry' }[];
}

/** New for each client, because some clients write into their options. */
export function clientOptions(): ClientOptions {
  return {
    retryOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: USER_AGENT_PREFIX },
    additionalPolicies: [
      // Innermost: further out, the SDK has already turned the answer into an error.
      { policy: createHoldOff(), position: 'perRetry' },
      { policy: readAgain, position: 'perCall' },
    ],
  };
}

/** Before the policies that sign, so that the second request is signed again. Same deadline for both. */
const readAgain: PipelinePolicy = {
  name: 'readAgainPolicy',
  async sendRequest(request, next) {
    try {
      return await next(request);
    } catch (error) {
      if (!isRead(request) || !isCut(error) || request.abortSignal?.aborted === true) throw error;
      return next(request);
    }
  },
};

/** These read, although they are a POST. */
const LISTS_OF_KEYS = RESOURCE_TYPES.map(({ list }) => list.path);
const READING_POST = new RegExp(`/(?:${['listValue', 'listSecrets', ...LISTS_OF_KEYS].join('|')})$`);

function isRead({ method, url }: PipelineRequest): boolean {
  return method === 'GET' || (method === 'POST' && READING_POST.test(new URL(url).pathname));
}

function isCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

export interface Deadline {
  readonly abortSignal: AbortSignal;
}

/**
 * Aborts when the account's deadline for one call is over. All requests of one port call share it, token requests
 * included: a pass with a lease counts on one deadline between its check and the effect.
 */
export function deadlineOf(account: Account): Deadline {
  return deadlineIn(account.policy.callDeadlineMs);
}

export function deadlineIn(ms: number): Deadline {
  return { abortSignal: AbortSignal.timeout(ms) };
}

/** Returns the same client for the same name. There are as many names as vaults or subscriptions in use. */
export function memoise<T>(create: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    const present = made.get(name);
    if (present !== undefined) return present;
    const fresh = create(name);
    made.set(name, fresh);
    return fresh;
  };
}

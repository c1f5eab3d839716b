// After a service has asked to wait, nothing more is sent to it from this client until the wait is over: many passes
// that run side by side would else all be refused, and all be counted. It must not wait or send again; what is held off
// fails at once and was never sent. One client is one vault, one store, one table or one subscription.
import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';
import { retryAfterOf } from './retry-after.ts';

/** For a service that refuses without a word about when: Key Vault sends no Retry-After. */
const UNSAID_WAIT_MS = 1_000;

/** The request was not sent; `retryAfterMs` is what is left of the wait. */
export class HeldOffError extends Error {
  override readonly name = 'HeldOffError';
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('Not sent: the service has asked to wait.');
    this.retryAfterMs = retryAfterMs;
  }
}

/** Time in milliseconds by which waits are counted; tests that let their own clock jump let this one jump as well. */
export const holdOffClock = { now: (): number => performance.now() };

/** Fresh for each client. */
export function createHoldOff(): PipelinePolicy {
  let until = Number.NEGATIVE_INFINITY;
  return {
    name: 'holdOffPolicy',
    async sendRequest(request, next) {
      const leftMs = Math.ceil(until - holdOffClock.now());
      if (leftMs > 0) throw new HeldOffError(leftMs);
      const response = await next(request);
      const waitMs = waitOf(response);
      if (waitMs !== undefined) until = Math.max(until, holdOffClock.now() + waitMs);
      return response;
    },
  };
}

/** How long the service asked to be left alone. A 503 asks for it only if it says how long. */
function waitOf({ status, headers }: PipelineResponse): number | undefined {
  if (status === 429) return retryAfterOf(headers) ?? UNSAID_WAIT_MS;
  return status === 503 ? retryAfterOf(headers) : undefined;
}

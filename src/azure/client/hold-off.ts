// After a service has asked to wait, this client sends nothing to it until the wait is over. Otherwise many parallel
// passes would all be refused, and all be counted. A wait may last hours and may be wrong, so after a minute one
// request is let through as a trial. It must not wait or send again: a request that is held off fails at once and was
// never sent. One client is one vault, one store, one table or one subscription.
import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';
import { monotonicClock } from './monotonic-clock.ts';
import { retryAfterOf } from './retry-after.ts';

/** For a refusal that names no wait: Key Vault sends no Retry-After. */
const UNSAID_WAIT_MS = 1_000;
/** Between a refusal and the first trial, and between two trials. A leaked key waits at most this long for a try. */
const TRIAL_MS = 60_000;

/** The request was not sent. `retryAfterMs`: the time until the end of the wait or the next trial. */
export class HeldOffError extends Error {
  override readonly name = 'HeldOffError';
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('Not sent: the service has asked to wait.');
    this.retryAfterMs = retryAfterMs;
  }
}

export const HOLD_OFF_POLICY = 'holdOffPolicy';

/** New for each client. */
export function createHoldOff(): PipelinePolicy {
  const hold = new Hold();
  return {
    name: HOLD_OFF_POLICY,
    async sendRequest(request, next) {
      const isTrial = hold.enter(monotonicClock.now());
      try {
        const response = await next(request);
        hold.hear(waitOf(response), isTrial, monotonicClock.now());
        return response;
      } catch (error) {
        if (isTrial) hold.tryAgain();
        throw error;
      }
    },
  };
}

class Hold {
  /** The end of the wait that the service asked for. */
  #until = Number.NEGATIVE_INFINITY;
  /** When the next trial may be sent, however long the wait. */
  #trialAt = Number.NEGATIVE_INFINITY;
  #isTrying = false;

  /** Whether the request is a trial. Throws `HeldOffError` when it must not be sent. */
  enter(now: number): boolean {
    if (now >= this.#until) return false;
    const leftMs = Math.ceil(Math.min(this.#until, this.#trialAt) - now);
    if (leftMs > 0) throw new HeldOffError(this.#isTrying ? Math.min(leftMs, UNSAID_WAIT_MS) : leftMs);
    // A trial that is never answered holds other requests off no longer than a refused trial.
    this.#trialAt = now + TRIAL_MS;
    this.#isTrying = true;
    return true;
  }

  /** `waitMs`: the wait that the answer asks for, if any. Answers to requests from before the refusal do not end it. */
  hear(waitMs: number | undefined, isTrial: boolean, now: number): void {
    if (isTrial) {
      this.#isTrying = false;
      this.#until = Number.NEGATIVE_INFINITY;
    }
    if (waitMs === undefined) return;
    if (now >= this.#until) this.#trialAt = now + TRIAL_MS;
    this.#until = Math.max(this.#until, now + waitMs);
  }

  /** A trial without an answer proves nothing: the next request is a trial, too. */
  tryAgain(): void {
    this.#isTrying = false;
    this.#trialAt = Number.NEGATIVE_INFINITY;
  }
}

/** The wait that the service asked for. A 503 asks for one only if it says how long. */
function waitOf({ status, headers }: PipelineResponse): number | undefined {
  if (status === 429) return retryAfterOf(headers) ?? UNSAID_WAIT_MS;
  return status === 503 ? retryAfterOf(headers) : undefined;
}

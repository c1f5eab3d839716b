// After a service has asked to wait, nothing more is sent to it from this client until the wait is over: many passes
// that run side by side would else all be refused, and all be counted. A wait may be hours, and may be wrong: after a
// minute one request is let through as a trial. It must not wait or send again; what is held off fails at once and was
// never sent. One client is one vault, one store, one table or one subscription.
import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';
import { monotonicClock } from './monotonic-clock.ts';
import { retryAfterOf } from './retry-after.ts';

/** For a service that refuses without a word about when: Key Vault sends no Retry-After. */
const UNSAID_WAIT_MS = 1_000;
/** Between a refusal and the first trial, and between two trials: what a leaked key waits at most for a try. */
const TRIAL_MS = 60_000;

/** The request was not sent; `retryAfterMs` is what is left until the end of the wait or the next trial. */
export class HeldOffError extends Error {
  override readonly name = 'HeldOffError';
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('Not sent: the service has asked to wait.');
    this.retryAfterMs = retryAfterMs;
  }
}

/** Fresh for each client. */
export function createHoldOff(): PipelinePolicy {
  const hold = new Hold();
  return {
    name: 'holdOffPolicy',
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
  /** As the service has asked. */
  #until = Number.NEGATIVE_INFINITY;
  /** When the next trial may be sent, however long the wait. */
  #trialAt = Number.NEGATIVE_INFINITY;
  #isTrying = false;

  /** Whether the request is a trial. Throws `HeldOffError` when it must not be sent. */
  enter(now: number): boolean {
    if (now >= this.#until) return false;
    const leftMs = Math.ceil(Math.min(this.#until, this.#trialAt) - now);
    if (leftMs > 0) throw new HeldOffError(this.#isTrying ? Math.min(leftMs, UNSAID_WAIT_MS) : leftMs);
    // A trial that is never answered holds the others off no longer than a refused one.
    this.#trialAt = now + TRIAL_MS;
    this.#isTrying = true;
    return true;
  }

  /** `waitMs` as the answer asks for, if it does. Answers to requests from before the refusal do not end the wait. */
  hear(waitMs: number | undefined, isTrial: boolean, now: number): void {
    if (isTrial) {
      this.#isTrying = false;
      this.#until = Number.NEGATIVE_INFINITY;
    }
    if (waitMs === undefined) return;
    if (now >= this.#until) this.#trialAt = now + TRIAL_MS;
    this.#until = Math.max(this.#until, now + waitMs);
  }

  /** A trial without an answer has decided nothing: the next request is one. */
  tryAgain(): void {
    this.#isTrying = false;
    this.#trialAt = Number.NEGATIVE_INFINITY;
  }
}

/** How long the service asked to be left alone. A 503 asks for it only if it says how long. */
function waitOf({ status, headers }: PipelineResponse): number | undefined {
  if (status === 429) return retryAfterOf(headers) ?? UNSAID_WAIT_MS;
  return status === 503 ? retryAfterOf(headers) : undefined;
}

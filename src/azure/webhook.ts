// Sends one notification to the receiver, signed. It must not retry, follow a redirect, read the answer's body, or show
// the address: many webhooks accept any caller that knows their address.
import type { Delivery, ReceiverPort } from '../notify/ports.ts';
import { signatureOf } from '../notify/signature.ts';
import type { Clock } from '../rotation/ports.ts';
import type { SecretValue } from '../rotation/secret.ts';
import { USER_AGENT_PREFIX } from './client/client-options.ts';
import { retryAfterOf } from './client/retry-after.ts';

export interface WebhookDependencies {
  readonly url: SecretValue;
  readonly secret: SecretValue;
  readonly clock: Clock;
  /** For one attempt; `ATTEMPT_DEADLINE_MS` when absent. */
  readonly deadlineMs?: number;
}

const ATTEMPT_DEADLINE_MS = 10_000;

export function createWebhook({ url, secret, clock, deadlineMs }: WebhookDependencies): ReceiverPort {
  return {
    async send(event) {
      const body = JSON.stringify(event);
      const timestamp = Math.floor(clock.now() / 1000);
      try {
        const response = await fetch(url.reveal(), {
          method: 'POST',
          redirect: 'manual',
          headers: {
            'Content-Type': 'application/cloudevents+json; charset=utf-8',
            'User-Agent': USER_AGENT_PREFIX,
            'webhook-id': event.id,
            'webhook-timestamp': String(timestamp),
            'webhook-signature': signatureOf(secret, event.id, timestamp, body),
          },
          body,
          signal: AbortSignal.timeout(deadlineMs ?? ATTEMPT_DEADLINE_MS),
        });
        await response.body?.cancel();
        return deliveryOf(response);
      } catch (error) {
        return { kind: 'unavailable', detail: `No answer (${nameOf(error)}).` };
      }
    },
  };
}

function deliveryOf({ status, headers }: Response): Delivery {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  const retryAfterMs = retryAfterOf({ get: (name) => headers.get(name) ?? undefined });
  const isPassing = status === 408 || status === 429 || status >= 500;
  return {
    kind: isPassing ? 'unavailable' : 'refused',
    detail: `The receiver answered ${status}.`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** The error's code or name only: its message could name the address. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : error.name;
}

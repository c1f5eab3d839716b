// Every request that reached the local Azure, in the order of the answers, for callers that check the traffic.
// It must not keep headers or bodies.
import type { WireRequest } from './local-azure.ts';

const KEPT_MAXIMUM = 200_000;
/** Entries dropped at once when the log is full, so that not every request pays for dropping. */
const DROPPED_AT_ONCE = 10_000;

export class RequestLog {
  readonly requests: WireRequest[] = [];
  readonly #listeners = new Set<(request: WireRequest) => void>();

  add(request: WireRequest): void {
    if (this.requests.length >= KEPT_MAXIMUM) this.requests.splice(0, DROPPED_AT_ONCE);
    this.requests.push(request);
    for (const listener of this.#listeners) listener(request);
  }

  /** Returns a function that ends the subscription. */
  onRequest(listener: (request: WireRequest) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

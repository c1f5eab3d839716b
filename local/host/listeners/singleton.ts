// Lets a timer run on one host alone: the host that holds its lease. A host that crashed keeps the lease until it runs
// out, so timers come back later than HTTP, as in the real host. It must not know the timer.
import type { Leases } from '../storage-blobs.ts';
import { type StorageWatch, statusOf } from '../storage-watch.ts';
import type { TriggerListener } from './trigger.ts';

/** More often than needed, because a refusal of blobs ends the host within seconds. */
const RENEW_EVERY_MS = 5_000;
/** Between two attempts while storage gives no answer. */
const AGAIN_MS = 1_000;

export interface SingletonOptions {
  /** Of the lease. */
  readonly name: string;
  readonly inner: TriggerListener;
  readonly leases: Leases;
  /** How long a lease lasts, and how often a host without it asks for it. */
  readonly lockPeriodMs: number;
  readonly watch: StorageWatch;
}

export class SingletonListener implements TriggerListener {
  readonly #options: SingletonOptions;
  #leaseId: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: SingletonOptions) {
    this.#options = options;
  }

  /** Resolves when storage has answered: with the timer running, or while another host has the lease. */
  async start(): Promise<void> {
    while (!this.#isStopped && !(await this.#attempt())) {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#leaseId !== undefined) await this.#options.inner.stop();
    await this.release();
  }

  /** Frees the lease for the next host. */
  async release(): Promise<void> {
    clearTimeout(this.#timer);
    const { leases, name } = this.#options;
    const id = this.#leaseId;
    this.#leaseId = undefined;
    // A lease that cannot be freed runs out.
    if (id !== undefined) await leases.release(name, id).catch(() => undefined);
  }

  /** False when storage has not answered. */
  async #attempt(): Promise<boolean> {
    const { name, leases, lockPeriodMs, inner, watch } = this.#options;
    try {
      this.#leaseId = await leases.acquire(name, lockPeriodMs / 1000);
      watch.answered('blobs');
    } catch (error) {
      watch.failed('blobs', error);
      if (statusOf(error) === undefined) return false;
    }
    if (this.#leaseId === undefined) this.#timer = setTimeout(() => void this.start(), lockPeriodMs);
    else {
      await inner.start();
      this.#renewLater(this.#leaseId);
    }
    return true;
  }

  async #renew(leaseId: string): Promise<void> {
    const { name, leases, watch } = this.#options;
    try {
      await leases.renew(name, leaseId);
      watch.answered('blobs');
    } catch (error) {
      watch.failed('blobs', error);
    }
    if (this.#leaseId === leaseId) this.#renewLater(leaseId);
  }

  #renewLater(leaseId: string): void {
    this.#timer = setTimeout(() => void this.#renew(leaseId), RENEW_EVERY_MS);
  }
}

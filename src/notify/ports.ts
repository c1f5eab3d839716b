// What the delivery of notifications asks of the world: the outbox, which holds them, and the receiver, which takes them.
// It must not know a table or a protocol. Every call of the outbox MAY HAVE HAPPENED even if its promise is rejected.

import type { CloudEvent } from './cloud-event.ts';
import type { Told } from './names.ts';

/** A notification that waits to be delivered. */
export interface Pending {
  /** Never changes; sorts the oldest first within its queue. */
  readonly key: string;
  /** One per account: what is in one queue is delivered in its order. */
  readonly queue: string;
  /** Absent when the row cannot be understood. */
  readonly told: Told | undefined;
  /** Attempts that have failed. */
  readonly attempts: number;
  /** No attempt is made before, milliseconds since the epoch. */
  readonly nextAttemptAt: number;
}

/** Notifications that wait, written in the transaction of the change that they tell (Azure Tables). */
export interface OutboxPort {
  /** Sorted by queue, then the oldest first; what stands behind `after`, at most `limit`. */
  list(limit: number, after: string | undefined): Promise<readonly Pending[]>;
  /** It has been taken. Nothing happens when it is gone already. */
  remove(pending: Pending): Promise<void>;
  /** An attempt has failed. Nothing happens when it is gone already. */
  postpone(pending: Pending, attempts: number, nextAttemptAt: number): Promise<void>;
  /** Puts it with the dead, in one step, with a sentence that says why. Nothing happens when it is gone already. */
  bury(pending: Pending, failure: string): Promise<void>;
  /** How many are dead, at most `DEAD_COUNTED`. */
  countDead(): Promise<number>;
  /** Removes the dead that tell of what happened before `before`, at most `DEAD_COUNTED`; answers how many. */
  forgetDead(before: number): Promise<number>;
}

export const DEAD_COUNTED = 1_000;

export type Delivery =
  | { readonly kind: 'taken' }
  | {
      /** `refused`: this one is not wanted. `unavailable`: nothing is, for now. */
      readonly kind: 'refused' | 'unavailable';
      /** For people; never an address, a secret or a body. */
      readonly detail: string;
      /** What the receiver asked for, milliseconds. */
      readonly retryAfterMs?: number;
    };

export interface ReceiverPort {
  /** One attempt. Never throws; may have been taken whatever it answers. */
  send(event: CloudEvent): Promise<Delivery>;
}

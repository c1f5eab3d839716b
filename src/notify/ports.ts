// The ports of the delivery: the outbox, which holds notifications, and the receiver, which takes them.
// It must not know a table or a protocol. Every call of the outbox MAY HAVE HAPPENED even if its promise is rejected.

import type { CloudEvent } from './cloud-event.ts';
import type { NotedLine } from './names.ts';

/** A notification that waits to be delivered. */
export interface Pending {
  /** Never changes; sorts the oldest first within its queue. */
  readonly key: string;
  /** One per account. The notifications of a queue are delivered in its order. */
  readonly queue: string;
  /** Absent when the row cannot be understood. */
  readonly line: NotedLine | undefined;
  /** Attempts that have failed. */
  readonly attempts: number;
  /** No attempt is made before this, milliseconds since the epoch. */
  readonly nextAttemptAt: number;
}

/** Waiting notifications (Azure Tables). The transaction of a change also writes its notification. */
export interface OutboxPort {
  /** At most `limit` notifications that follow `after`, sorted by queue, then the oldest first. */
  list(limit: number, after: string | undefined): Promise<readonly Pending[]>;
  /** After it was taken. Nothing happens if it is gone already. */
  remove(pending: Pending): Promise<void>;
  /** After a failed attempt. Nothing happens if it is gone already. */
  postpone(pending: Pending, attempts: number, nextAttemptAt: number): Promise<void>;
  /** Moves it to the dead in one step, with a sentence that says why. Nothing happens if it is gone already. */
  bury(pending: Pending, failure: string): Promise<void>;
  /** How many are dead, at most `DEAD_COUNTED`. */
  countDead(): Promise<number>;
  /** Removes dead notifications of events before `before`, at most `DEAD_COUNTED`; returns how many. */
  forgetDead(before: number): Promise<number>;
}

export const DEAD_COUNTED = 1_000;

export type Delivery =
  | { readonly kind: 'taken' }
  | {
      /** `refused`: the receiver does not want this event. `unavailable`: it takes no event for now. */
      readonly kind: 'refused' | 'unavailable';
      /** For people; never an address, a secret or a body. */
      readonly detail: string;
      /** The wait that the receiver asked for, milliseconds. */
      readonly retryAfterMs?: number;
    };

export interface ReceiverPort {
  /** One attempt. Never throws. Even if the result is not `taken`, the event may have been taken. */
  send(event: CloudEvent): Promise<Delivery>;
}

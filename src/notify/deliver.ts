// One run of the delivery: each queue in its order, several queues side by side, within bounds of time.
//
//   queue of an account   r1 ── r2 ── r3        r1 is taken and removed, then r2 is tried, and so on
//   r1 fails              r1    r2    r3        r1 is postponed; r2 and r3 wait for it, other queues go on
//   r1 is given up        x     r2 ── r3        r1 lies with the dead, r2 is tried
//
// It is removed after it was taken: between the two a crash delivers it again. It must not know a table or a protocol.
import { forEachInLanes } from '../base/lanes.ts';
import type { Clock } from '../rotation/ports.ts';
import { isGivenUp, nextAttemptAt } from './back-off.ts';
import type { CloudEvent } from './cloud-event.ts';
import type { Told } from './names.ts';
import type { Delivery, OutboxPort, Pending, ReceiverPort } from './ports.ts';

export interface DeliveryBounds {
  /** No attempt begins later than this after the start. */
  readonly startsForMs: number;
  /** Queues that are served at a time. */
  readonly concurrency: number;
  /** Rows that are read at a time. */
  readonly pageRows: number;
  /** After so many attempts in a row at a receiver that is not there the run ends: nothing else would get through. */
  readonly unavailableInARow: number;
}

/** Ends before the next minute's run would begin. */
export const DELIVERY_BOUNDS: DeliveryBounds = {
  startsForMs: 45_000,
  concurrency: 8,
  pageRows: 1_000,
  unavailableInARow: 5,
};

export type Outcome =
  | { readonly kind: 'postponed'; readonly detail: string; readonly attempts: number; readonly until: number }
  | { readonly kind: 'dead'; readonly detail: string; readonly attempts: number }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface DeliveryParts {
  readonly outbox: OutboxPort;
  readonly receiver: ReceiverPort;
  readonly clock: Clock;
  /** Undefined when nobody is told of such a line any more. */
  readonly eventOf: (key: string, told: Told) => Promise<CloudEvent | undefined>;
  /** Called for everything that did not go well. */
  readonly tell: (pending: Pending, outcome: Outcome) => void;
}

export interface DeliveryReport {
  readonly delivered: number;
  readonly postponed: number;
  readonly dead: number;
  /** Calls of the outbox that threw. */
  readonly failed: number;
}

interface Run {
  readonly parts: DeliveryParts;
  readonly bounds: DeliveryBounds;
  readonly until: number;
  /** Queues in which nothing more is tried in this run. */
  readonly held: Set<string>;
  readonly count: { -readonly [K in keyof DeliveryReport]: DeliveryReport[K] };
  unavailableInARow: number;
}

/** Rejects when the outbox cannot be read; whatever else goes wrong ends one queue and is told. */
export async function deliver(parts: DeliveryParts, bounds: DeliveryBounds = DELIVERY_BOUNDS): Promise<DeliveryReport> {
  const run: Run = {
    parts,
    bounds,
    until: parts.clock.now() + bounds.startsForMs,
    held: new Set(),
    count: { delivered: 0, postponed: 0, dead: 0, failed: 0 },
    unavailableInARow: 0,
  };
  let after: string | undefined;
  do {
    const page = await parts.outbox.list(bounds.pageRows, after);
    await deliverPage(run, page);
    after = page.length < bounds.pageRows ? undefined : page.at(-1)?.key;
  } while (after !== undefined && mayGoOn(run));
  return run.count;
}

function mayGoOn({ parts, until, unavailableInARow, bounds }: Run): boolean {
  return parts.clock.now() < until && unavailableInARow < bounds.unavailableInARow;
}

async function deliverPage(run: Run, page: readonly Pending[]): Promise<void> {
  const queues = new Map<string, Pending[]>();
  for (const pending of page) queues.set(pending.queue, [...(queues.get(pending.queue) ?? []), pending]);
  await forEachInLanes([...queues.values()], run.bounds.concurrency, (rows) => deliverQueue(run, rows));
}

async function deliverQueue(run: Run, rows: readonly Pending[]): Promise<void> {
  for (const pending of rows) {
    if (run.held.has(pending.queue) || !mayGoOn(run)) return;
    const isDue = pending.nextAttemptAt <= run.parts.clock.now();
    if (!isDue || !(await deliverOne(run, pending))) {
      run.held.add(pending.queue);
      return;
    }
  }
}

/** Whether the next one in the queue may be tried. Never throws. */
async function deliverOne(run: Run, pending: Pending): Promise<boolean> {
  try {
    return await attempt(run, pending);
  } catch (error) {
    run.count.failed++;
    run.parts.tell(pending, { kind: 'failed', error });
    return false;
  }
}

async function attempt(run: Run, pending: Pending): Promise<boolean> {
  const { outbox, receiver, eventOf } = run.parts;
  const { told } = pending;
  if (told === undefined) return bury(run, pending, 'The row cannot be understood.', pending.attempts);
  const event = await eventOf(pending.key, told);
  if (event === undefined) {
    await outbox.remove(pending);
    return true;
  }
  const delivery = await receiver.send(event);
  run.unavailableInARow = delivery.kind === 'unavailable' ? run.unavailableInARow + 1 : 0;
  if (delivery.kind !== 'taken') return putOff(run, pending, told, delivery);
  run.count.delivered++;
  await outbox.remove(pending);
  return true;
}

async function putOff(
  run: Run,
  pending: Pending,
  { entry }: Told,
  { detail, retryAfterMs }: Exclude<Delivery, { kind: 'taken' }>,
): Promise<boolean> {
  const { outbox, clock, tell } = run.parts;
  const now = clock.now();
  const attempts = pending.attempts + 1;
  if (isGivenUp(now, entry.at, attempts)) return bury(run, pending, detail, attempts);
  const until = nextAttemptAt(now, attempts, retryAfterMs);
  run.count.postponed++;
  await outbox.postpone(pending, attempts, until);
  tell(pending, { kind: 'postponed', detail, attempts, until });
  return false;
}

async function bury(run: Run, pending: Pending, detail: string, attempts: number): Promise<boolean> {
  await run.parts.outbox.bury(pending, detail);
  run.count.dead++;
  run.parts.tell(pending, { kind: 'dead', detail, attempts });
  return true;
}

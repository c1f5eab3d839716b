// One run of the delivery: each queue in its order, several queues at a time, within a time limit.
//
//   queue of an account   r1 ── r2 ── r3        r1 is taken and removed, then r2 is tried, and so on
//   r1 fails              r1    r2    r3        r1 is postponed; r2 and r3 wait for it, other queues go on
//   r1 is given up        x     r2 ── r3        r1 is dead, r2 is tried
//
// A notification is removed after it was taken. A crash in between delivers it again.
// It must not know a table or a protocol.
import { forEachInLanes } from '../base/lanes.ts';
import type { Clock } from '../rotation/ports.ts';
import { isAttemptDue, isGivenUp, nextAttemptAt } from './back-off.ts';
import type { CloudEvent } from './cloud-event.ts';
import type { NotedLine } from './names.ts';
import type { Delivery, OutboxPort, Pending, ReceiverPort } from './ports.ts';

export interface DeliveryBounds {
  /** No attempt begins later than this after the start. */
  readonly startsForMs: number;
  /** Queues that are served at a time. */
  readonly concurrency: number;
  /** Rows that are read at a time. */
  readonly pageRows: number;
  /** The run ends after so many attempts in a row at an unavailable receiver: nothing else would get through. */
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
  /** Undefined if there is no event for such a line any more. */
  readonly eventOf: (key: string, line: NotedLine) => Promise<CloudEvent | undefined>;
  /** Called for everything other than a clean delivery. */
  readonly noteOutcome: (pending: Pending, outcome: Outcome) => void;
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

/** Rejects if the outbox cannot be read. Every other failure ends one queue and goes to `noteOutcome`. */
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
    if (!isAttemptDue(pending.nextAttemptAt, run.parts.clock.now()) || !(await deliverOne(run, pending))) {
      run.held.add(pending.queue);
      return;
    }
  }
}

/** Whether the next notification of the queue may be tried. Never throws. */
async function deliverOne(run: Run, pending: Pending): Promise<boolean> {
  try {
    return await attempt(run, pending);
  } catch (error) {
    run.count.failed++;
    run.parts.noteOutcome(pending, { kind: 'failed', error });
    return false;
  }
}

async function attempt(run: Run, pending: Pending): Promise<boolean> {
  const { outbox, receiver, eventOf } = run.parts;
  const { line } = pending;
  if (line === undefined) return bury(run, pending, 'The row cannot be understood.', pending.attempts);
  const event = await eventOf(pending.key, line);
  if (event === undefined) {
    await outbox.remove(pending);
    return true;
  }
  const delivery = await receiver.send(event);
  run.unavailableInARow = delivery.kind === 'unavailable' ? run.unavailableInARow + 1 : 0;
  if (delivery.kind !== 'taken') return putOff(run, pending, line, delivery);
  run.count.delivered++;
  await outbox.remove(pending);
  return true;
}

async function putOff(
  run: Run,
  pending: Pending,
  { entry }: NotedLine,
  { detail, retryAfterMs }: Exclude<Delivery, { kind: 'taken' }>,
): Promise<boolean> {
  const { outbox, clock, noteOutcome } = run.parts;
  const now = clock.now();
  const attempts = pending.attempts + 1;
  if (isGivenUp(now, entry.at, attempts)) return bury(run, pending, detail, attempts);
  const until = nextAttemptAt(now, attempts, retryAfterMs);
  run.count.postponed++;
  await outbox.postpone(pending, attempts, until);
  noteOutcome(pending, { kind: 'postponed', detail, attempts, until });
  return false;
}

async function bury(run: Run, pending: Pending, detail: string, attempts: number): Promise<boolean> {
  await run.parts.outbox.bury(pending, detail);
  run.count.dead++;
  run.parts.noteOutcome(pending, { kind: 'dead', detail, attempts });
  return true;
}

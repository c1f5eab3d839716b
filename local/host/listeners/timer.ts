// Fires one timer function by its schedule: one invocation at a time, and missed occurrences coalesce into one. No
// outcome of a function stops the schedule. It must not decide a function's input beyond the timer's payload.

import type { InvocationOutcome } from '../app/invoke.ts';
import { MAX_WAIT_MS } from '../bounds.ts';
import type { RpcTypedData } from '../rpc.ts';
import { isSubMinute, type Schedule } from './ncrontab.ts';
import type { TriggerListener } from './trigger.ts';

/** Times in milliseconds since 1970; `last` undefined: never yet. */
export interface ScheduleStatus {
  readonly last: number | undefined;
  readonly next: number | undefined;
  readonly lastUpdated: number | undefined;
}

/** The status of timers, by function name. The real host keeps it in a blob; a `Map` is enough here. */
export interface ScheduleStore {
  get(name: string): ScheduleStatus | undefined;
  set(name: string, status: ScheduleStatus): unknown;
}

export interface TimerOptions {
  readonly name: string;
  readonly schedule: Schedule;
  /** False: no status is kept or passed on. Schedules below one minute have no status either. */
  readonly useMonitor: boolean;
  readonly runOnStartup: boolean;
  readonly store: ScheduleStore;
  /** Runs the function; must not reject. */
  readonly run: (payload: RpcTypedData) => Promise<InvocationOutcome>;
}

/** Writes an instant as .NET does; its zero value stands for never. */
function writeInstant(at: number | undefined): string {
  return at === undefined ? '0001-01-01T00:00:00' : new Date(at).toISOString().replace('Z', '+00:00');
}

export class TimerListener implements TriggerListener {
  readonly #options: TimerOptions;
  readonly #isMonitored: boolean;
  #next: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor(options: TimerOptions) {
    this.#options = options;
    this.#isMonitored = options.useMonitor && !isSubMinute(options.schedule, Date.now());
  }

  start(): Promise<void> {
    const { schedule, store, name, runOnStartup } = this.#options;
    const now = Date.now();
    const known = this.#isMonitored ? store.get(name) : undefined;
    this.#next = known?.next ?? schedule.next(now);
    const isPastDue = known?.next !== undefined && known.next <= now;
    if (isPastDue || runOnStartup) {
      // Not awaited, as in the real host: a start must not wait for a function.
      this.#timer = setTimeout(() => this.#fire(isPastDue), 1);
    } else {
      this.#wait();
    }
    return Promise.resolve();
  }

  /** Runs the function now, regardless of the schedule. As in the real host, it may run next to a scheduled run. */
  runNow(): Promise<InvocationOutcome> {
    return this.#options.run(this.#payload(false));
  }

  /** Begins no further run; resolves when the present one has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #wait(): void {
    if (this.#isStopped || this.#next === undefined) return;
    const waitMs = Math.max(1, this.#next - Date.now());
    this.#timer =
      waitMs > MAX_WAIT_MS
        ? setTimeout(() => this.#wait(), MAX_WAIT_MS)
        : setTimeout(() => this.#fire(false, this.#next), waitMs);
  }

  #fire(isPastDue: boolean, due?: number): void {
    this.#running = this.#run(isPastDue, due).then(() => this.#wait());
  }

  async #run(isPastDue: boolean, due: number | undefined): Promise<void> {
    const { schedule, store, name, run } = this.#options;
    // A timer that fires a moment early must not find the same occurrence again.
    const at = Math.max(Date.now(), due ?? 0);
    await run(this.#payload(isPastDue));
    this.#next = schedule.next(at);
    if (this.#isMonitored) store.set(name, { last: at, next: this.#next, lastUpdated: at });
  }

  #payload(isPastDue: boolean): RpcTypedData {
    const { schedule, store, name } = this.#options;
    const status = this.#isMonitored
      ? (store.get(name) ?? { last: undefined, next: this.#next, lastUpdated: undefined })
      : undefined;
    return {
      json: JSON.stringify({
        Schedule: { AdjustForDST: schedule.isCron },
        ScheduleStatus:
          status === undefined
            ? null
            : {
                Last: writeInstant(status.last),
                Next: writeInstant(status.next),
                LastUpdated: writeInstant(status.lastUpdated),
              },
        IsPastDue: isPastDue,
      }),
    };
  }
}

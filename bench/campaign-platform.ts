// What the platform does around the service: the timer by its schedule, and a queue whose messages are worked off as
// host.json says. Timer and queue run in a process each, as on Flex Consumption. Time is virtual; it must not decide.
import { InvocationContext } from '@azure/functions';
import type { App } from '../src/compose.ts';
import { runQueuedPass } from '../src/triggers/queue.ts';
import { runTick } from '../src/triggers/tick.ts';
import type { VirtualTime } from './virtual-time.ts';

/** As host.json and the default of RECONCILE_SCHEDULE have it; a test holds them equal. */
export const PLATFORM = {
  tickEveryMs: 300_000,
  batchSize: 16,
  newBatchThreshold: 8,
  shortestPollMs: 100,
  longestPollMs: 5_000,
} as const;

export interface Processes {
  readonly timer: App;
  readonly queue: App;
}

export class Platform {
  readonly #time: VirtualTime;
  readonly #processes: Processes;
  readonly #messages: unknown[] = [];
  readonly #failures: unknown[] = [];
  /** When each tick began. */
  readonly ticks: number[] = [];
  #invocations = 0;

  constructor(time: VirtualTime, processes: Processes) {
    this.#time = time;
    this.#processes = processes;
  }

  get queueInvocations(): number {
    return this.#invocations;
  }

  /** Runs timer and queue until `isOver`, which is asked after each of their turns. */
  async run(isOver: () => boolean): Promise<void> {
    await Promise.all([this.#runTimer(isOver), this.#runQueue(isOver)]);
    if (this.#failures.length > 0) throw new Error(`An invocation failed: ${String(this.#failures[0])}`);
  }

  /** One invocation at a time; occurrences that come while one runs are missed. */
  async #runTimer(isOver: () => boolean): Promise<void> {
    const { tickEveryMs } = PLATFORM;
    while (!isOver()) {
      const now = this.#time.now();
      await this.#time.sleep(Math.ceil((now + 1) / tickEveryMs) * tickEveryMs - now);
      if (isOver()) return;
      this.ticks.push(this.#time.now());
      this.#messages.push(...(await runTick(this.#processes.timer, contextOf('reconcile-on-schedule'))));
    }
  }

  async #runQueue(isOver: () => boolean): Promise<void> {
    const { batchSize, newBatchThreshold, shortestPollMs, longestPollMs } = PLATFORM;
    const working = new Set<Promise<void>>();
    let waitMs: number = shortestPollMs;
    while (!isOver()) {
      if (working.size > newBatchThreshold) {
        await Promise.race(working);
        continue;
      }
      const taken = this.#messages.splice(0, batchSize);
      for (const message of taken) {
        const work = this.#work(message).finally(() => working.delete(work));
        working.add(work);
      }
      await this.#time.sleep(taken.length > 0 ? shortestPollMs : waitMs);
      waitMs = taken.length > 0 ? shortestPollMs : Math.min(2 * waitMs, longestPollMs);
    }
    await Promise.all(working);
  }

  async #work(message: unknown): Promise<void> {
    this.#invocations++;
    try {
      await runQueuedPass(this.#processes.queue, message, contextOf('reconcile-account'));
    } catch (error) {
      this.#failures.push(error);
    }
  }
}

function contextOf(functionName: string): InvocationContext {
  return new InvocationContext({ functionName, logHandler: () => undefined });
}

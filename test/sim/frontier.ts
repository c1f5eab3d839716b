// States that wait to be explored. Those with the fewest faults come first, so that a state is known with the fewest faults
// before it is explored. Within a number of faults the order is breadth first, which finds the shortest violations.

export class Frontier<T> {
  readonly #queues: { entries: (T | undefined)[]; head: number }[] = [];
  readonly #eager: number;

  /**
   * `eager`: entries with so many faults are taken at once and last in first out, so that few of them wait. They are most
   * of all, and the cheapest to explore again if they are met with fewer faults later.
   */
  constructor(eager: number) {
    this.#eager = eager;
  }

  push(faults: number, entry: T): void {
    const queue = (this.#queues[faults] ??= { entries: [], head: 0 });
    queue.entries.push(entry);
  }

  take(): T | undefined {
    const eager = this.#queues[this.#eager]?.entries.pop();
    if (eager !== undefined) return eager;
    for (const queue of this.#queues) {
      const entry = queue?.entries[queue.head];
      if (queue === undefined || entry === undefined) continue;
      queue.entries[queue.head++] = undefined;
      return entry;
    }
    return undefined;
  }
}

// States that wait to be explored. Those with the fewest faults come first, so that a state is known with the fewest faults
// before it is explored. Within a number of faults the order is breadth first, which finds the shortest violations.

interface Queue<T> {
  readonly entries: (T | undefined)[];
  head: number;
}

export class Frontier<T> {
  readonly #queues: readonly Queue<T>[];
  readonly #eager: Queue<T> | undefined;

  /**
   * `isEager`: entries with the most faults are taken first, the last one before the others, so that few of them wait.
   * They are by far the most, and the cheapest to explore again if they are met with fewer faults later.
   */
  constructor(faultsMaximum: number, isEager: boolean) {
    this.#queues = Array.from({ length: faultsMaximum + 1 }, () => ({ entries: [], head: 0 }));
    this.#eager = isEager ? this.#queues[faultsMaximum] : undefined;
  }

  push(faults: number, entry: T): void {
    this.#queues[faults]?.entries.push(entry);
  }

  take(): T | undefined {
    const eager = this.#eager?.entries.pop();
    if (eager !== undefined) return eager;
    for (const queue of this.#queues) {
      const entry = queue.entries[queue.head];
      if (entry === undefined) continue;
      queue.entries[queue.head++] = undefined;
      return entry;
    }
    return undefined;
  }
}

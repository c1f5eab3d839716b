// A clock that jumps from one awaited instant to the next: hours of waiting cost as long as the work in them. One such
// clock drives all that is simulated. It must not let time pass while anything could still go on at the present instant.
import { setImmediate as letEverythingElseGoOn } from 'node:timers/promises';

interface Waiting {
  readonly at: number;
  /** Who began to wait first goes on first. */
  readonly order: number;
  readonly resolve: () => void;
}

/** So often it is looked whether a promise that is no sleep (a module that is being loaded) lets somebody go on. */
const IDLE_TURNS = 1_000;

export class VirtualTime {
  #now: number;
  #order = 0;
  /** A binary heap, the first to wake at its root. */
  readonly #heap: Waiting[] = [];

  constructor(startAt: number) {
    this.#now = startAt;
  }

  readonly now = (): number => this.#now;

  readonly sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      this.#push({ at: this.#now + Math.max(0, ms), order: this.#order++, resolve });
    });

  /** Runs until `work` has ended. Throws what it throws, and when nobody sleeps who could let it go on. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { isOver: false };
    const end = (): void => {
      state.isOver = true;
    };
    work.then(end, end);
    for (let idle = 0; idle < IDLE_TURNS; ) {
      await letEverythingElseGoOn();
      if (state.isOver) return work;
      const [first] = this.#heap;
      if (first === undefined) {
        idle++;
        continue;
      }
      idle = 0;
      this.#now = first.at;
      while (this.#heap[0]?.at === first.at) this.#pop()?.resolve();
    }
    throw new Error('Nobody is waiting for the clock, and the work has not ended.');
  }

  #push(entry: Waiting): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, entry)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): Waiting | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const [left, right] = [heap[2 * index + 1], heap[2 * index + 2]];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (isBefore(last, child)) break;
      heap[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

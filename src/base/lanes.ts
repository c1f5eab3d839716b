// Runs work concurrently, a few items at a time. It must not know the work.

/** Waits until all have ended, then throws the first error: no work continues unseen by the caller. */
export async function allEnded<T extends readonly unknown[]>(
  running: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  for (const ended of await Promise.allSettled(running)) if (ended.status === 'rejected') throw ended.reason;
  return Promise.all(running);
}

/** Runs `lane` `count` times concurrently. Throws the first error when all have ended. */
export async function inLanes(count: number, lane: () => Promise<void>): Promise<void> {
  await allEnded(Array.from({ length: count }, lane));
}

/**
 * Calls `act` on each item in order, at most `concurrency` at a time, while `goesOn` returns true. After an error no
 * further item begins. The error is thrown when the items that have begun are over.
 */
export async function forEachInLanes<T>(
  items: readonly T[],
  concurrency: number,
  act: (item: T) => Promise<void>,
  goesOn: () => boolean = () => true,
): Promise<void> {
  const waiting = [...items];
  await inLanes(Math.min(concurrency, items.length), async () => {
    for (let item = waiting.shift(); item !== undefined && goesOn(); item = waiting.shift()) {
      try {
        await act(item);
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
    }
  });
}

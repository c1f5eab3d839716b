// Work that goes on side by side, a few items at a time. It must not know what is worked on.

/** Waits for all, and only then throws the first error: nothing goes on unseen behind its caller. */
export async function allEnded<T extends readonly unknown[]>(
  running: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  for (const ended of await Promise.allSettled(running)) if (ended.status === 'rejected') throw ended.reason;
  return Promise.all(running);
}

/** Runs `lane` as often as `count` says, side by side. Throws its first error when all have ended. */
export async function inLanes(count: number, lane: () => Promise<void>): Promise<void> {
  await allEnded(Array.from({ length: count }, lane));
}

/**
 * Calls `act` on each item in order, at most `concurrency` at a time, while `goesOn` says so. After an error no further
 * item begins; it is thrown when those that have begun are over.
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

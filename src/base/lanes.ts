// Runs work concurrently, a few items at a time, and never leaves any of it behind. Lint refuses `Promise.all`, `any` and
// `race` in every other file of src. It must not know the work.

/**
 * Waits until all have ended, then throws the error of the first that has failed, in their order: nothing continues
 * after its caller has failed.
 */
export async function allEnded<T extends readonly unknown[] | []>(
  running: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  for (const ended of await Promise.allSettled(running)) if (ended.status === 'rejected') throw ended.reason;
  return Promise.all(running);
}

/**
 * The result of the first that ends. The other one goes on: it must have no effect besides the caller's own, and an end
 * of its own.
 */
export function firstEnded<T>(running: readonly [Promise<T>, Promise<T>]): Promise<T> {
  return Promise.race(running);
}

/**
 * Runs `lane` `count` times concurrently. Throws an error when all have ended. After an error `goesOn` returns false: a
 * lane then takes nothing new.
 */
export async function inLanes(count: number, lane: (goesOn: () => boolean) => Promise<void>): Promise<void> {
  let hasFailed = false;
  const run = async (): Promise<void> => {
    try {
      await lane(() => !hasFailed);
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  await allEnded(Array.from({ length: count }, run));
}

/**
 * Calls `act` on each item in order, at most `concurrency` at a time, while `isWanted` returns true. After an error no
 * further item begins. The error is thrown when the items that have begun are over.
 */
export async function forEachInLanes<T>(
  items: readonly T[],
  concurrency: number,
  act: (item: T) => Promise<void>,
  isWanted: () => boolean = () => true,
): Promise<void> {
  const waiting = [...items];
  await inLanes(Math.min(concurrency, items.length), async (goesOn) => {
    while (goesOn() && isWanted()) {
      const item = waiting.shift();
      if (item === undefined) return;
      await act(item);
    }
  });
}

// Makes clients and adapters at their first use; their SDKs load with them. It must not know which they are.

/** Remembers a success. After a failure the next call tries again. */
export function once<T>(create: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= create().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

type AsyncMethods<T> = { [K in keyof T]: T[K] extends (...args: never[]) => Promise<unknown> ? T[K] : never };

/** A port whose methods are all asynchronous. The first call of any of them makes the adapter. */
export function lazyPort<T extends AsyncMethods<T>>(create: () => Promise<T>): T {
  const adapter = once(create);
  return new Proxy({} as T, {
    get: (_, name) =>
      // Code that awaits the port itself must not take it for a promise.
      name === 'then'
        ? undefined
        : async (...args: unknown[]) => {
            const made = await adapter();
            const method = made[name as keyof T] as (...given: unknown[]) => Promise<unknown>;
            return method(...args);
          },
  });
}

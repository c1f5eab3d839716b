// What is made at its first use: clients and adapters, whose SDKs are loaded with them. It must not know what they are.

/** Remembers a success; a failure is tried again by the next call. */
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

/** A port whose adapter is made by the first call of any of its methods, all of which are asynchronous. */
export function lazyPort<T extends AsyncMethods<T>>(create: () => Promise<T>): T {
  const adapter = once(create);
  return new Proxy({} as T, {
    get: (_, name) =>
      // Whoever waits for the port itself must not take it for a promise.
      name === 'then'
        ? undefined
        : async (...args: unknown[]) => {
            const made = await adapter();
            const method = made[name as keyof T] as (...given: unknown[]) => Promise<unknown>;
            return method(...args);
          },
  });
}

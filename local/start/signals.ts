// Shows the system's end signals to programs that people start by hand. It must not end anything itself.

/** Aborts when a signal of the system asks for the end. A second signal of the kind ends the process at once. */
export function endOf(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

/** Resolves when `signal` aborts. */
export function abortOf(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

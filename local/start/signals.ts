// Shows the system's end signals to programs that people start by hand. It must not end anything itself.

/** Aborts when a signal of the system asks for the end. A second signal ends the process at once. */
export function endOf(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

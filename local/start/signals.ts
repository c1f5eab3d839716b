// How programs that people start by hand learn that they are to end. It must not end anything itself.

/** Aborted when a signal of the system asks for the end. A second signal ends the process as it stands. */
export function endOf(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

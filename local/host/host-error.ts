// The error that ends the local host before it serves anything: one sentence with the problem and the remedy.
// It must not be thrown for a function's failure: that is an outcome of an invocation.

/** A reason not to start, to be shown as it is. */
export class HostError extends Error {
  override readonly name = 'HostError';
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

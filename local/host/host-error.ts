// What ends the local host before it serves anything: one sentence that says what is wrong and what to do.
// It must not be thrown for what a function does: that is an outcome of an invocation.

/** A reason not to start, to be shown as it is. */
export class HostError extends Error {
  override readonly name = 'HostError';
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

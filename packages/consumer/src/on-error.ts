// Calls the application's `onError` so that a failure in it does no harm. Refreshes and acknowledgements run in the
// background: an error that left `onError` would end them, or the whole process as an unhandled rejection.

/** Never throws or rejects, even if `onError` does. Calls it at once. */
export function guardOnError(onError: (error: unknown) => unknown): (error: unknown) => void {
  const call = async (error: unknown): Promise<void> => {
    await onError(error);
  };
  return (error) => {
    // There is no other place to report it to.
    call(error).catch(() => undefined);
  };
}

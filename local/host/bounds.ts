// Bounds a wait in time. The awaited work does not end with the wait: it goes on unseen.

/** Longest wait, in milliseconds, of one Node timer; a longer one would fire at once. */
export const MAX_WAIT_MS = 2_147_483_647;

/** The result of `promise`, or `otherwise` when it takes longer than `boundMs`. */
export async function race<T>(promise: Promise<T>, boundMs: number, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, Math.min(boundMs, MAX_WAIT_MS), otherwise);
  });
  try {
    return await Promise.race([promise, bound]);
  } finally {
    clearTimeout(timer);
  }
}

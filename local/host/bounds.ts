// Bounds a wait in time. It must not end what it waits for: that goes on unseen.

/** Longest wait, in milliseconds, that one timer of Node can hold; a longer one would fire at once. */
export const MAX_WAIT_MS = 2_147_483_647;

/** `promise`, or `otherwise` when it takes longer than `boundMs`. */
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

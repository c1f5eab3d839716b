// How a call with a key ended, and whether the key was the reason. It must not know what was called.

export type Outcome<T> = { readonly answer: T } | { readonly error: unknown };

export async function settle<T>(promise: Promise<T>): Promise<Outcome<T>> {
  try {
    return { answer: await promise };
  } catch (error) {
    return { error };
  }
}

export function unwrap<T>(outcome: Outcome<T>): T {
  if ('answer' in outcome) return outcome.answer;
  throw outcome.error;
}

/** `fetch` answers with a 401; the Azure SDKs (`statusCode`), OpenAI's (`status`) and axios (`response`) reject with one. */
export function isAuthFailure(outcome: Outcome<unknown>): boolean {
  const told = 'answer' in outcome ? outcome.answer : outcome.error;
  return statusOf(told) === 401 || statusOf(fieldOf(told, 'response')) === 401;
}

/** An answer that nobody will read keeps its connection until it is collected as garbage. */
export async function discard(outcome: Outcome<unknown>): Promise<void> {
  if (!('answer' in outcome) || !(outcome.answer instanceof Response)) return;
  // One that was read is locked or used up, and holds no connection any more.
  await outcome.answer.body?.cancel().catch(() => undefined);
}

function statusOf(told: unknown): unknown {
  return fieldOf(told, 'status') ?? fieldOf(told, 'statusCode');
}

function fieldOf(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? (holder as Record<string, unknown>)[name] : undefined;
}

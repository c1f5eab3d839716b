// How a call with a key ended, and whether the key was the reason. It must not know what was called.

export type Outcome<T> = { readonly answer: T } | { readonly error: unknown };

/** Never rejects, also if `call` throws before it returns. */
export async function settle<T>(call: () => PromiseLike<T>): Promise<Outcome<T>> {
  try {
    return { answer: await call() };
  } catch (error) {
    return { error };
  }
}

export function unwrap<T>(outcome: Outcome<T>): T {
  if ('answer' in outcome) return outcome.answer;
  throw outcome.error;
}

/** 401, and the code that Translator writes instead in the body of a 401. */
const REFUSALS: readonly unknown[] = [401, '401', 401_000, '401000'];
/**
 * A socket that is refused reports it in words:
 *
 * - the `ws` package, which the Speech SDK uses under Node 20;
 * - the Speech SDK of other languages (github.com/Azure-Samples/cognitive-services-speech-sdk/issues/966);
 * - the Speech SDK for JavaScript with the global `WebSocket`, which hides the status of a refusal: the socket closed
 *   with 1006 before it opened, without a reason. A network that fails looks the same. It costs one look at the source,
 *   and the former key if there is one.
 */
const REFUSED_SOCKET =
  /Unexpected server response: 401\b|authentication error \(401\)|Unable to contact server\. StatusCode: 1006,.*Reason:\s*$/is;
/** A chain of causes may be a ring. */
const CAUSES_MAXIMUM = 5;

/**
 * Whether a call was refused for its key. `fetch` returns a 401, the `@azure-rest` clients return the text `'401'`, the
 * Speech SDK returns a result with `errorDetails`. The Azure SDKs throw a `statusCode`, OpenAI's a `status`, axios a
 * `response`. Users of `@azure-rest` throw the body or its `error`, which has a `code`. Users of the Speech SDK throw
 * its details, as they are or as a message. Others wrap these errors as a `cause`. A document that a call returns may
 * have a `code`, an `error`, a `message` or a `cause` of its own, so these count in errors only.
 */
export function isAuthFailure(outcome: Outcome<unknown>): boolean {
  if ('answer' in outcome) return hasRefusedStatus(outcome.answer) || hasRefusedDetails(outcome.answer);
  let { error } = outcome;
  for (let depth = 0; depth <= CAUSES_MAXIMUM && error !== undefined; depth++) {
    if (hasRefusedStatus(error) || hasRefusedCode(error) || hasRefusedWords(error)) return true;
    error = fieldOf(error, 'cause');
  }
  return false;
}

/** An unread answer keeps its connection until it is collected as garbage. */
export async function discard(outcome: Outcome<unknown>): Promise<void> {
  if (!('answer' in outcome) || !(outcome.answer instanceof Response)) return;
  // An answer that was read is locked or used up, and holds no connection any more.
  await outcome.answer.body?.cancel().catch(() => undefined);
}

function hasRefusedStatus(from: unknown): boolean {
  const statuses = [fieldOf(from, 'status'), fieldOf(from, 'statusCode'), fieldOf(fieldOf(from, 'response'), 'status')];
  return statuses.some((status) => REFUSALS.includes(status));
}

function hasRefusedCode(error: unknown): boolean {
  return [fieldOf(error, 'code'), fieldOf(fieldOf(error, 'error'), 'code')].some((code) => REFUSALS.includes(code));
}

function hasRefusedDetails(from: unknown): boolean {
  return isRefusedSocket(fieldOf(from, 'errorDetails'));
}

function hasRefusedWords(error: unknown): boolean {
  return hasRefusedDetails(error) || isRefusedSocket(fieldOf(error, 'message')) || isRefusedSocket(error);
}

function isRefusedSocket(text: unknown): boolean {
  return typeof text === 'string' && REFUSED_SOCKET.test(text);
}

function fieldOf(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? (holder as Record<string, unknown>)[name] : undefined;
}

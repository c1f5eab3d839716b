// Reads what `@azure/identity` throws when there is no token: whether the place that gives tokens failed, or refused.
// Its errors carry no status of their own. The endpoint's status, if it answered, is in a cause.
const SIGN_IN_ERRORS: ReadonlySet<string> = new Set([
  'CredentialUnavailableError',
  'AuthenticationRequiredError',
  'AuthenticationError',
  'AggregateAuthenticationError',
]);

/** How MSAL names every failure without an answer: refused and cut connections, an authority that is not found. */
const NO_ANSWER = ['network_error', 'endpoints_resolution_error'];

/** 404 and 410: an identity endpoint that is being updated. Clients are told to try again. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([404, 408, 410, 429]);

/** A chain of causes is this long at most; a longer one is a circle. */
const DEPTH_MAXIMUM = 5;

export function isSignInError(error: unknown): error is Error {
  return error instanceof Error && SIGN_IN_ERRORS.has(error.name);
}

export const SIGN_IN_REMEDIES = {
  Unavailable: 'no token was given, because the identity endpoint failed; nothing was sent, the next pass tries again.',
  Forbidden: 'no token was given; check AZURE_CLIENT_ID and that the identity is assigned to the app.',
} as const;

/** Whether the endpoint that gives tokens failed. Then the error says nothing about the identity. */
export function isPassing(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > DEPTH_MAXIMUM) return false;
  const status = numberIn(error, 'statusCode') ?? numberIn(error, 'status');
  if (status !== undefined) return status >= 500 || PASSING_STATUSES.has(status);
  // The second code has lost its error on the way: only the text begins with it.
  const code = 'errorCode' in error ? error.errorCode : error.message.split(':')[0];
  if (NO_ANSWER.some((known) => known === code)) return true;
  const tried: readonly unknown[] = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  return [error.cause, ...tried].some((inner) => isPassing(inner, depth + 1));
}

function numberIn(error: object, name: 'status' | 'statusCode'): number | undefined {
  const value: unknown = (error as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'number' ? value : undefined;
}

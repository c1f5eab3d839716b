// Turns every error of an SDK into the core's error family. The only file that knows the meaning of status codes;
// the causes that a provider's own code names are in `causes.ts`.
// It must not copy bodies, headers or an SDK's own message into an error. For an answer that it cannot parse, an SDK
// puts the whole body into the message, and the body of `listKeys` is two keys. Only the provider's code, the status
// and the structured error text (shortened, with anything shaped like a key removed) get through.
import { isRestError } from '@azure/core-rest-pipeline';
import { visible } from '../../base/free-text.ts';
import { type ErrorCode, RotationError, type ServiceName } from '../../rotation/errors.ts';
import { CAUSES, type Cause, causeOf, remedyFor } from './causes.ts';
import { HeldOffError } from './hold-off.ts';
import { retryAfterOf } from './retry-after.ts';
import { isPassing, isSignInError, SIGN_IN_REMEDIES } from './sign-in.ts';

interface Facts {
  readonly status: number | undefined;
  /** The most specific code that the provider gave. */
  readonly providerCode: string | undefined;
  /** The provider's sentence, shortened and redacted. */
  readonly words: string | undefined;
  readonly retryAfterMs: number | undefined;
}

const WORDS_MAXIMUM = 300;
const KEY_SHAPED = /[A-Za-z0-9+/_]{32,}={0,2}/g;

/** `operation` is the port's method; together with `service` it names the missing permission. */
export function classifyError(service: ServiceName, operation: string, error: unknown): RotationError {
  if (error instanceof RotationError) return error;
  const facts = factsOf(error);
  const cause = facts.status === undefined ? undefined : causeOf({ service, ...facts });
  const code = codeOf(error, facts, cause);
  const said = [facts.status, facts.providerCode].filter((part) => part !== undefined).join(' ');
  const subject = said === '' ? `${service} ${operation}` : `${service} ${operation} (${said})`;
  const remedy = signInRemedyOf(error) ?? remedyFor(cause, code, service, operation);
  const message = `${subject}: ${remedy}${cause === CAUSES.network ? refusedAddressIn(facts.words) : ''}`;
  return new RotationError(
    {
      code,
      service,
      operation,
      message,
      isUnsent: error instanceof HeldOffError,
      ...(facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs }),
      ...(facts.providerCode === undefined ? {} : { providerCode: facts.providerCode }),
      ...(facts.status === undefined ? {} : { status: facts.status }),
    },
    { cause: shortened(error, facts) },
  );
}

/** Runs one call of `service`. Its errors become `RotationError`. */
export async function classified<T>(service: ServiceName, operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw classifyError(service, operation, error);
  }
}

/** The HTTP status of an SDK's error, or undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return isRestError(error) ? error.statusCode : undefined;
}

/** The provider's most specific code, for the few answers that an adapter expects. */
export function providerCodeOf(error: unknown): string | undefined {
  return factsOf(error).providerCode;
}

function signInRemedyOf(error: unknown): string | undefined {
  if (!isSignInError(error)) return undefined;
  return isPassing(error) ? SIGN_IN_REMEDIES.Unavailable : SIGN_IN_REMEDIES.Forbidden;
}

function codeOf(error: unknown, { status }: Facts, cause: Cause | undefined): ErrorCode {
  if (error instanceof HeldOffError) return 'Throttled';
  if (isSignInError(error)) return isPassing(error) ? 'Unavailable' : 'Forbidden';
  if (status === undefined) return 'Unavailable';
  if (cause !== undefined) return cause.code;
  switch (status) {
    case 401:
    case 403:
      return 'Forbidden';
    case 404:
      return 'NotFound';
    case 412:
      return 'LostRace';
    case 429:
      return 'Throttled';
    case 408:
      return 'Unavailable';
  }
  return status >= 400 && status < 500 ? 'Misconfigured' : 'Unavailable';
}

/** If a firewall names the address that it refused, that is the address to allow. */
function refusedAddressIn(words: string | undefined): string {
  const address = /client address:?\s*([0-9a-f.:]{3,45})/i.exec(words ?? '')?.[1];
  return address === undefined ? '' : ` The address that was refused is ${address}.`;
}

/** The error without what must not get through. */
function shortened(error: unknown, { words }: Facts): Error {
  const name = error instanceof Error ? error.name : typeof error;
  const transportCode = isRestError(error) || isSystemError(error) ? error.code : undefined;
  return new Error([name, transportCode, words].filter((part) => part !== undefined).join(': '));
}

function isSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

// ---- The providers' error bodies, in five dialects

function factsOf(error: unknown): Facts {
  if (!isRestError(error)) {
    const retryAfterMs = error instanceof HeldOffError ? error.retryAfterMs : undefined;
    return { status: undefined, providerCode: undefined, words: undefined, retryAfterMs };
  }
  const status = error.statusCode;
  const body = bodyOf(error);
  const inner = at(body, 'error', 'innererror') ?? at(body, 'error', 'innerError');
  const providerCode =
    text(at(inner, 'code')) ??
    text(at(body, 'error', 'code')) ??
    text(at(body, 'odata.error', 'code')) ??
    text(at(body, 'odataError', 'code')) ??
    text(at(body, 'type'))?.split('/').at(-1) ??
    text(error.response?.headers.get('x-ms-error-code')) ??
    (status === undefined ? undefined : error.code);
  const words =
    text(at(body, 'error', 'message')) ??
    text(at(body, 'odata.error', 'message', 'value')) ??
    text(at(body, 'odataError', 'message', 'value')) ??
    ([text(at(body, 'title')), text(at(body, 'detail'))].filter((part) => part !== undefined).join(' ') || undefined);
  return {
    status,
    providerCode,
    words: words === undefined ? undefined : visible(words).replace(KEY_SHAPED, '[removed]').slice(0, WORDS_MAXIMUM),
    retryAfterMs: retryAfterOf(error.response?.headers),
  };
}

/** The parsed body of an error answer: the SDKs keep it as `details`, some only as text. */
function bodyOf(error: { details?: unknown; response?: { bodyAsText?: string | null } }): unknown {
  if (error.details !== undefined && error.details !== null) return error.details;
  try {
    return JSON.parse(error.response?.bodyAsText ?? '');
  } catch {
    return undefined;
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

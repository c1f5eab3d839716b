// Reads the key with which a caller makes sure that a request is carried out once. It must not read the request itself.
import type { HttpRequest } from '@azure/functions';
import { idempotencyKey } from './contract/schemas.ts';
import { malformed } from './guard.ts';

/** The caller's idempotency key; undefined when none was given. */
export function readIdempotencyKey(request: HttpRequest): string | undefined {
  const given = request.headers.get('idempotency-key');
  if (given === null) return undefined;
  const parsed = idempotencyKey.safeParse(given);
  if (parsed.success) return parsed.data;
  throw malformed('malformed-request', parsed.error, 'Idempotency-Key');
}

// Signs a notification as Standard Webhooks describes it, so that receivers verify it with any of its libraries.
// It must not show the secret, which leaves its `SecretValue` for the computation alone.
import { createHmac } from 'node:crypto';
import type { SecretValue } from '../rotation/secret.ts';

const PREFIX = 'whsec_';
const BYTES_MINIMUM = 24;
const BYTES_MAXIMUM = 64;

/** `timestamp` in seconds since the epoch; returns the value of the header `webhook-signature`. */
export function signatureOf(secret: SecretValue, id: string, timestamp: number, body: string): string {
  const mac = createHmac('sha256', keyBytesOf(secret.reveal()));
  return `v1,${mac.update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** `whsec_` and Base64 stand for bytes; any other text is its own UTF-8. */
function keyBytesOf(text: string): Buffer {
  return text.startsWith(PREFIX) ? Buffer.from(text.slice(PREFIX.length), 'base64') : Buffer.from(text);
}

/** Whether `text` can be a secret: 32 characters or more; behind `whsec_` 24 to 64 bytes in Base64. */
export function isSigningSecret(text: string): boolean {
  if (text.length < 32) return false;
  if (!text.startsWith(PREFIX)) return true;
  const bytes = keyBytesOf(text);
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(text.slice(PREFIX.length));
  return isBase64 && bytes.length >= BYTES_MINIMUM && bytes.length <= BYTES_MAXIMUM;
}

// The address of notifications and the secret that signs them, from the settings. Both may be references to Key Vault,
// which the platform replaces by the secret before the app starts.
// It must not show either: the address of a webhook is often a password.
import * as z from 'zod';
import { isSigningSecret } from '../notify/signature.ts';
import { SecretValue } from '../rotation/secret.ts';
import { LOOPBACK } from './urls.ts';

/**
 * `unresolved`: the platform could not read a reference. Notifications wait in the table until it can. Rotations do not
 * wait for it, and above all not the retirement of leaked keys.
 */
export type Notifications =
  | { readonly state: 'ready'; readonly url: SecretValue; readonly secret: SecretValue }
  | { readonly state: 'unresolved'; readonly settings: readonly string[] };

type Read = { readonly isResolved: false } | { readonly isResolved: true; readonly value: SecretValue };

/** The environment still holds the reference itself if the platform could not resolve it. */
function isReference(text: string): boolean {
  return /^@Microsoft\.KeyVault\(/i.test(text);
}

function readable(isValid: (text: string) => boolean): z.ZodType<Read> {
  return z.string().transform((text, context): Read => {
    if (isReference(text)) return { isResolved: false };
    if (isValid(text)) return { isResolved: true, value: new SecretValue(text) };
    context.issues.push({ code: 'invalid_value', values: [], input: undefined });
    return z.NEVER;
  });
}

/** Https, or http on this machine. Many webhook addresses have a query; user and password are refused. */
function isReceiver(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}

export const notificationUrlSchema = readable(isReceiver);
export const notificationSecretSchema = readable(isSigningSecret);

/** Undefined when neither is set. The caller has checked that both are set, or neither. */
export function notificationsOf(url: Read | undefined, secret: Read | undefined): Notifications | undefined {
  if (url === undefined || secret === undefined) return undefined;
  if (url.isResolved && secret.isResolved) return { state: 'ready', url: url.value, secret: secret.value };
  const settings = [
    ...(url.isResolved ? [] : ['NOTIFICATION_URL']),
    ...(secret.isResolved ? [] : ['NOTIFICATION_SECRET']),
  ];
  return { state: 'unresolved', settings };
}

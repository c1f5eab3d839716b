// Where notifications go and what signs them, as it is written in the settings. Both may be references to Key Vault,
// which the platform replaces by the secret before the app starts.
// It must not show either: the address of a webhook often is a password.
import * as z from 'zod';
import { isSigningSecret } from '../notify/signature.ts';
import { SecretValue } from '../rotation/secret.ts';
import { LOOPBACK } from './urls.ts';

/**
 * `unresolved`: the platform could not read a reference. Notifications wait in the table until it can; rotations,
 * and the retirement of leaked keys above all, do not wait for it.
 */
export type Notifications =
  | { readonly state: 'ready'; readonly url: SecretValue; readonly secret: SecretValue }
  | { readonly state: 'unresolved'; readonly settings: readonly string[] };

type Read = { readonly isResolved: false } | { readonly isResolved: true; readonly value: SecretValue };

/** What stands in the environment when the platform could not resolve the reference. */
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

/** Https, or http on this machine; a query is part of many a webhook's address, user and password are not. */
function isReceiver(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}

export const notificationUrlSchema = readable(isReceiver);
export const notificationSecretSchema = readable(isSigningSecret);

/** Undefined when neither is set; the caller has seen to it that both are, or none. */
export function notificationsOf(url: Read | undefined, secret: Read | undefined): Notifications | undefined {
  if (url === undefined || secret === undefined) return undefined;
  if (url.isResolved && secret.isResolved) return { state: 'ready', url: url.value, secret: secret.value };
  const settings = [
    ...(url.isResolved ? [] : ['NOTIFICATION_URL']),
    ...(secret.isResolved ? [] : ['NOTIFICATION_SECRET']),
  ];
  return { state: 'unresolved', settings };
}

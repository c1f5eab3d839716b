// Whether an event is about the secret or key-value that a source reads. Total and lenient, like all readers of events.
// A wrong result costs one extra look, or leaves the change to the next poll.
import { dataOf, textOf, typeOf, urlOf } from '../base/event-grid/event-fields.ts';
import { readEvent } from '../base/event-grid/read-event.ts';

const KEY_VALUE_TYPE = 'microsoft.appconfiguration.keyvaluemodified';

/** An event of Key Vault about this secret, or about any secret of this vault if no name is given. */
export function isAboutSecret(
  event: unknown,
  { vaultUrl, secretName }: { readonly vaultUrl: string; readonly secretName?: string },
): boolean {
  const hint = readEvent(event);
  if (hint?.kind !== 'secret') return false;
  const host = new URL(vaultUrl).host.toLowerCase();
  const isVault = hint.vault === host || hint.vault === host.split('.')[0];
  return isVault && (secretName === undefined || hint.secretName === secretName.toLowerCase());
}

export interface KeyValueAddress {
  readonly endpoint: string;
  readonly key: string;
  readonly label: string | undefined;
}

/** An event of App Configuration that says that this key-value was written. */
export function isAboutKeyValue(event: unknown, { endpoint, key, label }: KeyValueAddress): boolean {
  if (typeOf(event) !== KEY_VALUE_TYPE) return false;
  const data = dataOf(event);
  if (textOf(data, 'key') !== key || textOf(data, 'label') !== label) return false;
  const subject = urlOf(textOf(event, 'subject'));
  return subject === undefined || subject.host === new URL(endpoint).host;
}

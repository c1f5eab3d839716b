// Whether an event is about the secret or key-value that a source reads. Total and lenient, like all readers of events.
// A wrong result costs one extra look, or leaves the change to the next poll.
import { dataOf, textOf, typeOf, urlOf } from './event-fields.ts';

/** Key Vault's events about a secret, in lower case. A test holds them equal to those that the service takes. */
const SECRET_TYPES = [
  'microsoft.keyvault.secretnewversioncreated',
  'microsoft.keyvault.secretnearexpiry',
  'microsoft.keyvault.secretexpired',
];
const KEY_VALUE_TYPE = 'microsoft.appconfiguration.keyvaluemodified';

/** An event of Key Vault about this secret, or about any secret of this vault if no name is given. */
export function isAboutSecret(
  event: unknown,
  { vaultUrl, secretName }: { readonly vaultUrl: string; readonly secretName?: string },
): boolean {
  if (!SECRET_TYPES.includes(typeOf(event))) return false;
  const data = dataOf(event);
  const id = urlOf(textOf(data, 'Id'));
  const host = new URL(vaultUrl).host.toLowerCase();
  // Some events name the vault only by the first label of its host.
  const vault = (id?.host ?? textOf(data, 'VaultName'))?.toLowerCase();
  if (vault !== host && vault !== host.split('.')[0]) return false;
  const name = textOf(data, 'ObjectName') ?? id?.pathname.split('/')[2] ?? textOf(event, 'subject');
  if (name === undefined) return false;
  return secretName === undefined || name.toLowerCase() === secretName.toLowerCase();
}

export interface KeyValueAddress {
  readonly key: string;
  readonly label: string | undefined;
}

/** An event of App Configuration that says that this key-value was written, in whichever store. */
export function isAboutKeyValue(event: unknown, { key, label }: KeyValueAddress): boolean {
  if (typeOf(event) !== KEY_VALUE_TYPE) return false;
  const data = dataOf(event);
  return textOf(data, 'key') === key && textOf(data, 'label') === label;
}

// Which events are about the secret or key-value that a source reads.
import { expect, it } from 'vitest';
import { isAboutKeyValue, isAboutSecret } from '../src/about.ts';

const DATA = {
  Id: 'https://contoso.vault.azure.net/secrets/language-key/0123456789abcdef0123456789abcdef',
  VaultName: 'contoso',
  ObjectName: 'language-key',
};
const created = { type: 'Microsoft.KeyVault.SecretNewVersionCreated', subject: 'language-key', data: DATA };
it.each([
  ['its secret', created, true],
  ['its secret, by the name of the vault', { ...created, data: { VaultName: 'CONTOSO' } }, true],
  ['another secret', { ...created, data: { ...DATA, ObjectName: 'other' } }, false],
  [
    'another vault',
    { ...created, data: { ...DATA, Id: 'https://contoso2.vault.azure.net/secrets/language-key' } },
    false,
  ],
  ['something else', { ...created, type: 'Microsoft.KeyVault.KeyNewVersionCreated' }, false],
])('an event of Key Vault is about %s', (_, event, expected) => {
  const vaultUrl = 'https://contoso.vault.azure.net/';
  expect(isAboutSecret(event, { vaultUrl, secretName: 'Language-Key' })).toBe(expected);
});

const written = {
  eventType: 'Microsoft.AppConfiguration.KeyValueModified',
  subject: 'https://contoso.azconfig.io/kv/language%3AKey?label=blue',
  data: { key: 'language:Key', label: 'blue', etag: 'x' },
};
it.each([
  ['its reference', written, true],
  ['another label', { ...written, data: { key: 'language:Key' } }, false],
  ['another key', { ...written, data: { key: 'language:key', label: 'blue' } }, false],
  ['a deletion', { ...written, eventType: 'Microsoft.AppConfiguration.KeyValueDeleted' }, false],
])('an event of App Configuration is about %s', (_, event, expected) => {
  const address = { key: 'language:Key', label: 'blue' };
  expect(isAboutKeyValue(event, address)).toBe(expected);
});

// The text of a reference to Key Vault, in each of its spellings.
import { describe, expect, test } from 'vitest';
import { parseReference } from '../../src/azure/holders/key-vault-reference.ts';

const VERSION = '0123456789abcdef0123456789abcdef';
const shop = { vaultUrl: 'https://shop.vault.azure.net', secretName: 'Key', endsInSlash: false };
const parse = (inner: string): unknown => parseReference(`@Microsoft.KeyVault(${inner})`, 'vault.azure.net');

describe('a reference', () => {
  test.each([
    ['SecretUri=https://shop.vault.azure.net/secrets/Key', shop],
    ['SecretUri=https://SHOP.vault.azure.net:443/secrets/Key', shop],
    [`SecretUri=https://shop.vault.azure.net/secrets/Key/${VERSION}`, { ...shop, version: VERSION }],
    [`SecretUri=https://shop.vault.azure.net/secrets/Key/${VERSION}/`, { ...shop, version: VERSION }],
    ['SecretUri=https://shop.vault.azure.net/secrets/Key/', { ...shop, endsInSlash: true }],
    ['secreturi = https://shop.vault.azure.net/secrets/Key ', shop],
    ['VaultName=Shop;SecretName=Key', shop],
    ['SecretName=Key; VaultName=shop', shop],
    [`VaultName=shop;SecretName=Key;SecretVersion=${VERSION}`, { ...shop, version: VERSION }],
    ['VaultName=shop;SecretName=Key;SecretVersion=', shop],
  ])('%s', (inner, expected) => {
    expect(parse(inner)).toEqual(expected);
  });

  test('by the name of a vault has the host of its cloud', () => {
    const text = ' @microsoft.keyvault(VaultName=shop;SecretName=Key) ';
    expect(parseReference(text, 'vault.azure.cn')).toEqual({ ...shop, vaultUrl: 'https://shop.vault.azure.cn' });
  });
});

describe('no reference', () => {
  test.each([
    '',
    'SecretUri=',
    'SecretUri=shop/secrets/Key',
    'SecretUri=https://shop.vault.azure.net/keys/Key',
    'SecretUri=https://shop.vault.azure.net/secrets/',
    'VaultName=shop',
    'SecretName=Key',
    'VaultName=shop/evil.example;SecretName=Key',
  ])('%s', (inner) => {
    expect(parse(inner)).toBeUndefined();
  });

  test.each(['', 'plain', '@Microsoft.KeyVault(VaultName=shop;SecretName=Key', '@Microsoft.AppConfiguration(Key=x)'])(
    '%s',
    (text) => {
      expect(parseReference(text, 'vault.azure.net')).toBeUndefined();
    },
  );
});

// How an account was configured, as a column: what was written is read back, and damage costs that column alone.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accountOf, decodeConfigured, encodeConfigured } from '../../src/azure/table/rows/configured-codec.ts';
import type { AccountAlias, AccountId } from '../../src/rotation/model.ts';
import type { Configured } from '../../src/rotation/ports.ts';
import { buildPolicy } from '../support/account.ts';

const CONFIGURED: Configured = {
  alias: 'shop' as AccountAlias,
  vaultUrl: 'https://vault.test',
  secretName: 'shop-key',
  referenceKey: 'shop:Key',
  flagName: 'shop-uses-key2',
  label: 'production',
  policyName: 'strict',
  policy: buildPolicy({ consumers: ['web'] }),
};

const JSON_OF_IT = encodeConfigured(CONFIGURED) ?? '';

describe('the codec of a configured account', () => {
  test('gives back what it has written', () => {
    expect(decodeConfigured(JSON_OF_IT)).toEqual(CONFIGURED);
  });

  test('a field of a newer version is left out', () => {
    const newer = JSON_OF_IT.replace('"alias":', '"novelty":1,"alias":');
    expect(decodeConfigured(newer)).toEqual(CONFIGURED);
  });

  test.each([
    ['no column', undefined],
    ['null', null],
    ['a number', 7],
    ['no JSON', '{"alias":'],
    ['another value', '[]'],
    ['a missing field', JSON_OF_IT.replace('"secretName":"shop-key",', '')],
    ['a missing number of the policy', JSON_OF_IT.replace('"activationForMs":300000,', '')],
    ['a wrong number of the policy', JSON_OF_IT.replace('"activationForMs":300000', '"activationForMs":-1')],
  ])('%s reads as not configured', (_, column) => {
    expect(decodeConfigured(column)).toBeUndefined();
  });

  test('never throws whatever stands in the column', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.anything()), (column) => {
        expect(decodeConfigured(column)).toBeUndefined();
      }),
    );
  });

  test('what the account is called is in its id', () => {
    const id = '/subscriptions/s-1/resourcegroups/rg-1/providers/microsoft.cognitiveservices/accounts/shop-1';
    expect(accountOf(id as AccountId, CONFIGURED)).toEqual({
      ...CONFIGURED,
      id: '/subscriptions/s-1/resourcegroups/rg-1/providers/microsoft.cognitiveservices/accounts/shop-1',
      subscriptionId: 's-1',
      resourceGroup: 'rg-1',
      name: 'shop-1',
    });
    expect(accountOf('/subscriptions/s-1' as AccountId, CONFIGURED)).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEvent } from '../../src/base/event-grid/read-event.ts';

const VERSION = '0123456789abcdef0123456789abcdef';
const DATA = {
  Id: `https://contoso.vault.azure.net/secrets/language-key/${VERSION}`,
  VaultName: 'contoso',
  ObjectType: 'Secret',
  ObjectName: 'language-key',
  Version: VERSION,
  NBF: null,
  EXP: '1790000000',
};
const ACCOUNT = '/subscriptions/S/resourceGroups/RG/providers/Microsoft.CognitiveServices/accounts/Language';
const SECRET = { kind: 'secret', vault: 'contoso.vault.azure.net', secretName: 'language-key' };

describe('an event of Key Vault', () => {
  it.each(['SecretNewVersionCreated', 'SecretNearExpiry', 'SecretExpired'])('is read in both schemas: %s', (name) => {
    const type = `Microsoft.KeyVault.${name}`;
    const grid = {
      id: '1',
      topic: '/subscriptions/S',
      subject: 'language-key',
      eventType: type,
      data: DATA,
      dataVersion: '1',
    };
    const cloud = {
      id: '1',
      source: '/subscriptions/S',
      subject: 'language-key',
      type,
      specversion: '1.0',
      data: DATA,
    };
    expect(readEvent(grid)).toEqual(SECRET);
    expect(readEvent(cloud)).toEqual(SECRET);
  });
  it.each([
    ['camel-cased fields', { id: DATA.Id, vaultName: 'contoso', objectName: 'language-key' }],
    ['data as text', JSON.stringify(DATA)],
    ['stray spaces', { ' Id ': DATA.Id, 'ObjectName ': ' language-key ' }],
    ['only the id', { Id: DATA.Id }],
    ['an id in capitals', { Id: DATA.Id.toUpperCase(), ObjectName: 'LANGUAGE-KEY' }],
  ])('is read with %s', (_, data) => {
    expect(readEvent({ type: 'Microsoft.KeyVault.SecretNewVersionCreated', data })).toEqual(SECRET);
  });
  it('is read without an id, by the name of the vault', () => {
    const event = {
      type: 'microsoft.keyvault.secretnewversioncreated',
      subject: 'language-key',
      data: { VaultName: 'Contoso' },
    };
    expect(readEvent(event)).toEqual({ kind: 'secret', vault: 'contoso', secretName: 'language-key' });
  });
  it.each(['Microsoft.KeyVault.KeyNewVersionCreated', 'Microsoft.KeyVault.VaultAccessPolicyChanged', ''])(
    'of another type is not ours: %s',
    (type) => {
      expect(readEvent({ type, data: DATA })).toBeUndefined();
    },
  );
});

describe('an action on an account', () => {
  const event = (operationName: string, resourceUri = ACCOUNT) => ({
    subject: ACCOUNT,
    eventType: 'Microsoft.Resources.ResourceActionSuccess',
    data: { operationName, resourceUri },
  });
  it('that regenerated a key names the account', () => {
    expect(readEvent(event('Microsoft.CognitiveServices/accounts/regenerateKey/action'))).toEqual({
      kind: 'account',
      accountId: ACCOUNT.toLowerCase(),
    });
    expect(
      readEvent(event('microsoft.cognitiveservices/accounts/REGENERATEKEY/action', `${ACCOUNT}/regenerateKey`)),
    ).toEqual({ kind: 'account', accountId: ACCOUNT.toLowerCase() });
  });
  it('that regenerated an admin key names the search service', () => {
    const service = '/subscriptions/S/resourceGroups/RG/providers/Microsoft.Search/searchServices/finder';
    const action = 'Microsoft.Search/searchServices/regenerateAdminKey/action';
    expect(readEvent(event(action, service))).toEqual({ kind: 'account', accountId: service.toLowerCase() });
    expect(readEvent(event('Microsoft.Search/searchServices/listAdminKeys/action', service))).toBeUndefined();
  });
  it('that did something else does not: listing keys would feed itself', () => {
    expect(readEvent(event('Microsoft.CognitiveServices/accounts/listKeys/action'))).toBeUndefined();
    expect(readEvent(event('Microsoft.EventHub/namespaces/listKeys/action'))).toBeUndefined();
  });
  it('on something else does not', () => {
    const other = '/subscriptions/S/resourceGroups/RG/providers/Microsoft.Storage/storageAccounts/x';
    expect(
      readEvent({ ...event('Microsoft.CognitiveServices/accounts/regenerateKey/action', other), subject: other }),
    ).toBeUndefined();
  });
});

it('anything at all is read without a throw', () => {
  const named = fc.record(
    {
      type: fc.constantFrom('Microsoft.KeyVault.SecretExpired', 'Microsoft.Resources.ResourceActionSuccess'),
      eventType: fc.anything(),
      subject: fc.anything(),
      data: fc.oneof(fc.anything(), fc.string(), fc.json()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), named), (event) => {
      const hint = readEvent(event);
      expect([undefined, 'secret', 'account']).toContain(hint?.kind);
    }),
    { numRuns: 3_000 },
  );
});

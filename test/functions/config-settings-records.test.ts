// Where the records are kept, by the settings of the app and of the host.
import { describe, expect, it } from 'vitest';
import { parseSettings, type Settings } from '../../src/config/settings.ts';

const GOOD = {
  KEY_VAULT_URL: 'https://contoso.vault.azure.net',
  APP_CONFIGURATION_ENDPOINT: 'https://contoso.azconfig.io',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
};
const ACCOUNT_KEY = 'c3RvcmFnZWFjY291bnRrZXlzdG9yYWdlYWNjb3VudGtleQ==';
const CONNECTION_STRING = `DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=${ACCOUNT_KEY};EndpointSuffix=core.windows.net`;

function settingsOf(env: Record<string, string>): Settings {
  const result = parseSettings(env);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.settings;
}

function settingsInTrouble(env: Record<string, string>): readonly string[] {
  const result = parseSettings(env);
  return result.ok ? [] : result.problems.map(({ setting }) => setting);
}

describe('the place for records', () => {
  const places = { KEY_VAULT_URL: GOOD.KEY_VAULT_URL, APP_CONFIGURATION_ENDPOINT: GOOD.APP_CONFIGURATION_ENDPOINT };

  it('is the table endpoint before all others, which are not even looked at', () => {
    const env = { ...places, RECORD_TABLE_ENDPOINT: 'https://t.example', AzureWebJobsStorage: 'nonsense' };
    expect(settingsOf(env).records).toEqual({
      kind: 'identity',
      endpoint: 'https://t.example',
      tableName: 'KeyRotation',
    });
  });

  it('is the connection string of the host before its identity', () => {
    const env = { ...places, AzureWebJobsStorage: CONNECTION_STRING, AzureWebJobsStorage__accountName: 'other' };
    const { records } = settingsOf(env);
    expect(records.kind === 'connectionString' && records.connectionString.reveal()).toBe(CONNECTION_STRING);
  });

  it.each([
    ['public', 'https://contoso.table.core.windows.net'],
    ['usGovernment', 'https://contoso.table.core.usgovcloudapi.net'],
    ['china', 'https://contoso.table.core.chinacloudapi.cn'],
  ])('is the account of the host in the cloud %s', (cloud, endpoint) => {
    const env = { ...places, AzureWebJobsStorage__accountName: 'contoso', AZURE_CLOUD: cloud };
    expect(settingsOf(env).records).toEqual({ kind: 'identity', endpoint, tableName: 'KeyRotation' });
  });

  it('is the table service of the host when it is named', () => {
    const env = {
      ...places,
      AzureWebJobsStorage__accountName: 'contoso',
      AzureWebJobsStorage__tableServiceUri: 'https://localhost:10002/devstoreaccount1/',
    };
    expect(settingsOf(env).records).toMatchObject({ endpoint: 'https://localhost:10002/devstoreaccount1' });
  });

  it.each([
    'BlobEndpoint=https://contoso.blob.core.windows.net;SharedAccessSignature=sv=1&sig=x',
    'AccountName=contoso',
    `AccountName=contoso;AccountKey=${ACCOUNT_KEY}`,
    '@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/storage)',
  ])('is not a connection string that the Tables client cannot use: %s', (text) => {
    expect(settingsInTrouble({ ...places, AzureWebJobsStorage: text })).toEqual(['AzureWebJobsStorage']);
  });

  it('accepts a shared access signature for tables', () => {
    const text = 'TableEndpoint=https://contoso.table.core.windows.net;SharedAccessSignature=sv=1&sig=x';
    expect(settingsOf({ ...places, AzureWebJobsStorage: text }).records.kind).toBe('connectionString');
  });
});

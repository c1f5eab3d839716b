// Each cloud's clients: where they send, and for which audience they ask for a token. Nothing leaves this process.
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { AccessToken, TokenCredential } from '@azure/identity';
import { describe, expect, test } from 'vitest';
import { createAnnouncements } from '../../src/azure/app-configuration/announcements.ts';
import { createAccountKeys } from '../../src/azure/arm/account-keys.ts';
import { createArmRest } from '../../src/azure/client/arm-rest.ts';
import { createSearchKeys } from '../../src/azure/holders/search-keys.ts';
import { CLOUDS } from '../../src/config/cloud.ts';
import { parseSettings } from '../../src/config/settings.ts';
import { buildAccount } from '../support/account.ts';
import { UNGOVERNED } from './wire.ts';

/** Notes the scopes that it is asked for; without a token no request is sent. */
class Noting implements TokenCredential {
  readonly scopes: string[] = [];
  token: AccessToken | undefined;
  getToken(scopes: string | string[]): Promise<AccessToken> {
    this.scopes.push(...[scopes].flat());
    return this.token === undefined ? Promise.reject(new Error('No token here.')) : Promise.resolve(this.token);
  }
}

const EXPECTED = {
  public: {
    management: 'https://management.azure.com',
    authority: 'https://login.microsoftonline.com',
    store: 'https://appconfig.azure.com/.default',
    dataPlane: 'https://cognitiveservices.azure.com/.default',
    search: 'https://search.azure.com/.default',
    searchSuffix: 'search.windows.net',
    table: 'https://contoso.table.core.windows.net',
  },
  usGovernment: {
    management: 'https://management.usgovcloudapi.net',
    authority: 'https://login.microsoftonline.us',
    store: 'https://appconfig.azure.us/.default',
    dataPlane: 'https://cognitiveservices.azure.us/.default',
    search: 'https://search.azure.us/.default',
    searchSuffix: 'search.azure.us',
    table: 'https://contoso.table.core.usgovcloudapi.net',
  },
  china: {
    management: 'https://management.chinacloudapi.cn',
    authority: 'https://login.chinacloudapi.cn',
    store: 'https://appconfig.azure.cn/.default',
    dataPlane: 'https://cognitiveservices.azure.cn/.default',
    search: 'https://search.azure.cn/.default',
    searchSuffix: 'search.azure.cn',
    table: 'https://contoso.table.core.chinacloudapi.cn',
  },
} as const;

describe.each(Object.keys(EXPECTED) as (keyof typeof EXPECTED)[])('the cloud %s', (name) => {
  const expected = EXPECTED[name];
  const cloud = CLOUDS[name];

  test('Azure Resource Manager: endpoint and scope', async () => {
    const credential = new Noting();
    const asked: string[] = [];
    credential.token = { token: 'none', expiresOnTimestamp: Date.now() + 3_600_000 };
    const policyOf = (): PipelinePolicy => ({
      name: 'noting',
      sendRequest: (request) => {
        asked.push(new URL(request.url).origin);
        return Promise.reject(new Error('Not sent.'));
      },
    });
    const rest = createArmRest({ credential, cloud, policyOf });
    await expect(createAccountKeys({ rest, governor: UNGOVERNED }).list(buildAccount('a'))).rejects.toThrow();
    expect(asked).toEqual([expected.management]);
    expect(credential.scopes).toEqual([`${expected.management}/.default`]);
  });

  test('App Configuration: audience', async () => {
    const credential = new Noting();
    const announcements = createAnnouncements({ endpoint: 'https://contoso.azconfig.io', credential, cloud });
    await expect(announcements.read(buildAccount('a'))).rejects.toThrow();
    expect(credential.scopes).toEqual([expected.store]);
  });

  test('Azure AI Search: audience, and suffix of its hosts', async () => {
    const credential = new Noting();
    const refuse = (): Promise<never> => Promise.reject(new Error('Not asked.'));
    const service = { id: '/finder', name: 'finder' };
    const list = (): Promise<never> => Promise.resolve({ items: [service], isComplete: true } as never);
    const rest = { list, get: refuse, getTagged: refuse, send: refuse };
    const { unseen } = await createSearchKeys({ rest, credential, cloud }).list(['/scope']);
    expect(unseen).toHaveLength(1);
    expect([new Set(credential.scopes), cloud.searchSuffix]).toEqual([
      new Set([expected.search]),
      expected.searchSuffix,
    ]);
  });

  test('authority, data plane and table, by one setting', () => {
    const result = parseSettings({
      KEY_VAULT_URL: 'https://contoso.vault.azure.net',
      APP_CONFIGURATION_ENDPOINT: 'https://contoso.azconfig.io',
      AzureWebJobsStorage__accountName: 'contoso',
      AZURE_CLOUD: name,
    });
    const { settings } = result as Extract<typeof result, { ok: true }>;
    expect(settings.cloud.authorityHost).toBe(expected.authority);
    expect(settings.cloud.dataPlaneScope).toBe(expected.dataPlane);
    expect(settings.records).toMatchObject({ kind: 'identity', endpoint: expected.table });
  });
});

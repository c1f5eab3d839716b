import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROBE_VERSIONS } from '../../src/config/probe-versions.ts';
import { parseSettings, SETTING_NAMES, type Settings } from '../../src/config/settings.ts';

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

describe('settings that are right', () => {
  it('fall back to the documented defaults', () => {
    const { records, ...rest } = settingsOf(GOOD);
    expect(rest).toEqual({
      keyVaultUrl: 'https://contoso.vault.azure.net',
      appConfigurationEndpoint: 'https://contoso.azconfig.io',
      installation: { name: 'devstoreaccount1/KeyRotation' },
      schedule: '0 */5 * * * *',
      discoverySchedule: '0 7 * * * *',
      authorization: 'functionKey',
      cloud: {
        name: 'public',
        resourceManagerEndpoint: 'https://management.azure.com',
        resourceManagerScope: 'https://management.azure.com/.default',
        authorityHost: 'https://login.microsoftonline.com',
        isChallengeResourceVerified: true,
        vaultSuffix: 'vault.azure.net',
        storageSuffix: 'core.windows.net',
        subdomainSuffix: 'cognitiveservices.azure.com',
        regionSuffix: 'api.cognitive.microsoft.com',
        isAccountInPath: false,
        dataPlaneScope: 'https://cognitiveservices.azure.com/.default',
        searchSuffix: 'search.windows.net',
        searchScope: 'https://search.azure.com/.default',
        appConfigurationAudience: 'https://appconfig.azure.com',
      },
      probeVersions: PROBE_VERSIONS,
      holders: {},
    });
    expect(records).toMatchObject({ kind: 'connectionString', tableName: 'KeyRotation' });
  });

  it('are read one by one', () => {
    expect(
      settingsOf({
        KEY_VAULT_URL: ' https://Contoso.vault.azure.net/ ',
        APP_CONFIGURATION_ENDPOINT: 'https://localhost:8403/',
        RECORD_TABLE_ENDPOINT: 'https://contoso.table.core.windows.net/',
        RECORD_TABLE_NAME: 'Rotations',
        AZURE_CLIENT_ID: '0B1F6471-1BF0-4DDA-AEC3-CB9272F09590',
        RECONCILE_SCHEDULE: '30 */2 8-18 * jan-MAR Mon,WED',
        DISCOVERY_SCHEDULE: '0 30 * * * *',
        AUTHORIZATION: 'entra',
        AZURE_CLOUD: 'china',
        PROBE_API_VERSIONS: 'face=v1.3',
        HOLDERS:
          'appServiceReference=/subscriptions/0B1F6471-1BF0-4DDA-AEC3-CB9272F09590, appServiceReference=/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/Shop/',
        FORMER_INSTALLATION: 'fabrikam/KeyRotation',
      }),
    ).toMatchObject({
      keyVaultUrl: 'https://contoso.vault.azure.net',
      appConfigurationEndpoint: 'https://localhost:8403',
      records: { kind: 'identity', endpoint: 'https://contoso.table.core.windows.net', tableName: 'Rotations' },
      installation: { name: 'contoso/Rotations', former: 'fabrikam/KeyRotation' },
      clientId: '0b1f6471-1bf0-4dda-aec3-cb9272f09590',
      schedule: '30 */2 8-18 * jan-MAR Mon,WED',
      authorization: 'entra',
      cloud: { name: 'china', resourceManagerEndpoint: 'https://management.chinacloudapi.cn' },
      holders: {
        appServiceReference: [
          '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590',
          '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourcegroups/shop',
        ],
      },
      probeVersions: { face: ['v1.3', 'v1.0', 'v1.2'], vision: ['v3.2', 'v3.1'] },
    });
  });

  it('count a blank one as not set', () => {
    expect(settingsOf({ ...GOOD, RECORD_TABLE_ENDPOINT: '', AZURE_CLIENT_ID: '  ' })).not.toHaveProperty('clientId');
  });

  it('accept a local Azure on this machine', () => {
    const endpoints = '{"resourceManagerEndpoint":"https://localhost:1","authorityHost":"https://127.0.0.1:2/"}';
    expect(settingsOf({ ...GOOD, AZURE_CLOUD: endpoints }).cloud).toMatchObject({
      name: 'local',
      resourceManagerEndpoint: 'https://localhost:1',
      resourceManagerScope: 'https://management.azure.com/.default',
      authorityHost: 'https://127.0.0.1:2',
      isChallengeResourceVerified: false,
    });
  });
});

describe('settings that are wrong', () => {
  const IDENTITY_STORAGE = { AzureWebJobsStorage: '' };
  const rows: readonly (readonly [setting: string, values: readonly string[], others?: Record<string, string>])[] = [
    [
      'KEY_VAULT_URL',
      [
        '',
        'contoso',
        'http://contoso.vault.azure.net',
        'https://c.vault.azure.net/secrets/x',
        'https://u:p@c.example',
        'https://u@c.example',
      ],
    ],
    [
      'APP_CONFIGURATION_ENDPOINT',
      ['', 'http://c.azconfig.io', 'Endpoint=https://c.azconfig.io;Id=x;Secret=y', 'https://c.azconfig.io/?x=1'],
    ],
    ['RECORD_TABLE_ENDPOINT', ['contoso', 'http://t.example', 'https://t.example?sv=1&sig=x', 'https://t.example#x']],
    ['RECORD_TABLE_NAME', ['ab', '1table', 'key-rotation', 'tables', `T${'x'.repeat(63)}`]],
    ['FORMER_INSTALLATION', ['contoso', 'contoso/', 'con toso/KeyRotation', 'contoso/key-rotation', 'https://c/T']],
    ['AZURE_CLIENT_ID', ['me', '0b1f6471']],
    [
      'RECONCILE_SCHEDULE',
      [
        '*/5 * * * *',
        '00:05:00',
        '@hourly',
        '60 * * * * *',
        '0 * 24 * * *',
        '0 0 0 0 * *',
        '0 0 0 1 13 *',
        '0 0 0 * * 7',
        '0 */0 * * * *',
        '0 5-1 * * * *',
        '0 , * * * *',
        '0 0 0 * foo *',
        '0 0 0 ? * MON',
        '0 0 0 * * * *',
      ],
    ],
    ['DISCOVERY_SCHEDULE', ['hourly', '7 * * * *', '01:00:00']],
    ['AUTHORIZATION', ['none', 'Entra', 'anonymous']],
    [
      'AZURE_CLOUD',
      [
        'mars',
        'toString',
        '{}',
        '{',
        '{"resourceManagerEndpoint":"https://localhost:1"}',
        '{"resourceManagerEndpoint":"http://localhost:1","authorityHost":"https://localhost:2"}',
        '{"resourceManagerEndpoint":"https://evil.example","authorityHost":"https://localhost:2"}',
        '{"resourceManagerEndpoint":"https://localhost.evil.example","authorityHost":"https://localhost:2"}',
        '{"resourceManagerEndpoint":"https://localhost:1","authorityHost":"https://localhost:2","scope":"x"}',
      ],
    ],
    ['PROBE_API_VERSIONS', ['v1', 'face', 'Face=v1.3', 'face=v1.0/../x']],
    [
      'HOLDERS',
      [
        'appServiceReference',
        'namedvalue=/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590',
        'namedValue=/subscriptions/contoso',
        'namedValue=/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/a/../b',
        'namedValue=/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590=',
      ],
    ],
    [
      'NOTIFICATION_URL',
      ['hook', 'http://h.example', 'https://u:p@h.example'],
      { NOTIFICATION_SECRET: 's'.repeat(32) },
    ],
    [
      'NOTIFICATION_SECRET',
      ['s'.repeat(31), `whsec_${'A'.repeat(31)}`, 'whsec_not in Base64 but long enough'],
      { NOTIFICATION_URL: 'https://h.example' },
    ],
    ['RUNBOOK_URL', ['docs/runbook.md', 'http://docs.example', 'https://docs.example/#do']],
    ['AzureWebJobsStorage', ['', 'contoso']],
    ['AzureWebJobsStorage__accountName', ['Contoso', 'contoso.table.core.windows.net'], IDENTITY_STORAGE],
    ['AzureWebJobsStorage__tableServiceUri', ['contoso', 'http://t.example'], IDENTITY_STORAGE],
  ];

  it('have a row here for every setting', () => {
    expect(rows.map(([setting]) => setting)).toEqual(SETTING_NAMES);
  });

  it.each(rows.flatMap(([setting, values, others]) => values.map((value) => [setting, value, others] as const)))(
    'name %s alone when it is "%s"',
    (setting, value, others) => {
      expect(settingsInTrouble({ ...GOOD, ...others, [setting]: value })).toEqual([setting]);
    },
  );

  it('are all reported at once, each with what is expected and a remedy', () => {
    const result = parseSettings({
      KEY_VAULT_URL: 'contoso',
      APP_CONFIGURATION_ENDPOINT: 'contoso',
      RECORD_TABLE_ENDPOINT: 'contoso',
      RECORD_TABLE_NAME: '?',
      AZURE_CLIENT_ID: 'me',
      RECONCILE_SCHEDULE: 'often',
      DISCOVERY_SCHEDULE: 'seldom',
      AUTHORIZATION: 'nobody',
      AZURE_CLOUD: 'mars',
    });
    expect(result.ok).toBe(false);
    const problems = result.ok ? [] : result.problems;
    expect(problems.map(({ setting, found }) => [setting, found])).toEqual([
      ['KEY_VAULT_URL', 'contoso'],
      ['APP_CONFIGURATION_ENDPOINT', 'contoso'],
      ['RECORD_TABLE_ENDPOINT', 'contoso'],
      ['RECORD_TABLE_NAME', undefined],
      ['AZURE_CLIENT_ID', 'me'],
      ['RECONCILE_SCHEDULE', 'often'],
      ['DISCOVERY_SCHEDULE', 'seldom'],
      ['AUTHORIZATION', 'nobody'],
      ['AZURE_CLOUD', 'mars'],
    ]);
    for (const { expected, remedy } of problems) {
      expect(expected).toMatch(/\.$/);
      expect(remedy).toMatch(/\.$/);
    }
  });

  it('name what is missing when nothing is set', () => {
    expect(settingsInTrouble({})).toEqual(['KEY_VAULT_URL', 'APP_CONFIGURATION_ENDPOINT', 'AzureWebJobsStorage']);
  });

  it.each(SETTING_NAMES)('never repeat a secret that was pasted into %s', (setting) => {
    const secrets = [
      CONNECTION_STRING,
      `Endpoint=https://contoso.azconfig.io;Id=abcd;Secret=${ACCOUNT_KEY}`,
      '0123456789abcdef0123456789abcdef',
      ACCOUNT_KEY,
    ];
    for (const secret of secrets) {
      const text = JSON.stringify(parseSettings({ ...GOOD, AzureWebJobsStorage: '', [setting]: secret }));
      expect(text).not.toContain(ACCOUNT_KEY);
      expect(text).not.toContain(secret);
    }
  });

  it('show at most 80 characters of what was found', () => {
    const result = parseSettings({ ...GOOD, AUTHORIZATION: 'no '.repeat(100) });
    expect(result.ok ? undefined : result.problems[0]?.found).toHaveLength(80);
  });
});

describe('any environment', () => {
  it('is parsed without throwing, into settings or at least one problem', () => {
    const value = fc.oneof(fc.string(), fc.webUrl(), fc.json(), fc.constantFrom(...Object.values(GOOD), 'china'));
    const env = fc.dictionary(fc.oneof(fc.constantFrom(...SETTING_NAMES), fc.string()), value);
    fc.assert(
      fc.property(env, (variables) => {
        const result = parseSettings(variables);
        expect(result.ok || result.problems.length > 0).toBe(true);
      }),
    );
  });
});

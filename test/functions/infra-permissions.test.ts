// Holds the calls that the code makes against the permissions that the Bicep grants and docs/permissions.md explains:
// neither a call without its permission, nor a permission without a call.
import { AppConfigurationClient } from '@azure/app-configuration';
import { SecretClient } from '@azure/keyvault-secrets';
import { describe, expect, it } from 'vitest';
import { neededFor } from '../../src/azure/client/permissions.ts';
import { RESOURCE_TYPES } from '../../src/base/resource-types.ts';
import type { ServiceName } from '../../src/rotation/errors.ts';
import { BICEP, filesIn, findAll, read } from './infra-files.ts';

const ACCOUNTS = 'Microsoft.CognitiveServices/accounts';
const SEARCH = 'Microsoft.Search/searchServices';
const SECRETS = 'Microsoft.KeyVault/vaults/secrets';
const KEY_VALUES = 'Microsoft.AppConfiguration/configurationStores/keyValues';

/** What each method of an SDK client that the adapters use asks for. */
const PERMISSION_OF: Readonly<Record<string, string>> = {
  'secrets.getSecret': `${SECRETS}/getSecret/action`,
  'secrets.setSecret': `${SECRETS}/setSecret/action`,
  'secrets.updateSecretProperties': `${SECRETS}/update/action`,
  'secrets.listPropertiesOfSecrets': `${SECRETS}/readMetadata/action`,
  'secrets.listPropertiesOfSecretVersions': `${SECRETS}/readMetadata/action`,
  'keyValues.getConfigurationSetting': `${KEY_VALUES}/read`,
  'keyValues.listConfigurationSettings': `${KEY_VALUES}/read`,
  'keyValues.addConfigurationSetting': `${KEY_VALUES}/write`,
  'keyValues.setConfigurationSetting': `${KEY_VALUES}/write`,
};

/** Calls without an SDK method, by the name of the operation. */
const PERMISSION_OF_REST: Readonly<Record<string, string>> = {
  getSubscription: 'Microsoft.Resources/subscriptions/read',
  getAccount: 'Microsoft.CognitiveServices/accounts/read',
  getDetails: 'Microsoft.CognitiveServices/accounts/read',
};
const REST_CALLS = findAll(filesIn('src/azure/arm', '.ts').map(read).join('\n'), /\brest\.get\('(\w+)'/g);

/** `POST …/check` asks what it may do and says so when it may not ask: not worth a permission. */
const ASKED_WITHOUT_GRANT = ['Microsoft.Authorization/permissions/read'];

/** Roles of Azure's own that are assigned, each on one resource: the host's storage, telemetry, and people's store. */
const BUILT_IN_ROLES = {
  'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
  'Storage Table Data Contributor': '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
  'Monitoring Metrics Publisher': '3913510d-42f4-4e42-8a64-420c390055eb',
  'App Configuration Data Owner': '5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b',
};

/** Of the roles for holders, which are assigned on request only, infra-holder-roles.test.ts has the tests. */
const bicep = [...BICEP].filter(([path]) => path !== 'infra/modules/holder-role.bicep').map(([, text]) => text);

/** Each once: the search for accounts has a role of its own, with one of the permissions of the account's role. */
const granted = [
  ...new Set(
    bicep
      .filter((text) => text.includes("'Microsoft.Authorization/roleDefinitions@"))
      .flatMap((text) => findAll(text, /^\s+'(Microsoft\.[^'@]+)'$/gm)),
  ),
].toSorted();

const source = filesIn('src/azure', '.ts').map(read).join('\n');

/** The methods of the SDK clients, by the name that `PERMISSION_OF` gives the client. */
function methodsOf(): ReadonlyMap<string, readonly string[]> {
  return new Map([
    ['secrets', Object.getOwnPropertyNames(SecretClient.prototype)],
    ['keyValues', Object.getOwnPropertyNames(AppConfigurationClient.prototype)],
  ]);
}

/** Calls are written `client.method(`. */
function methodsUsed(): readonly string[] {
  const variables: Readonly<Record<string, string>> = { secrets: 'client', keyValues: 'client' };
  return [...methodsOf()].flatMap(([client, methods]) =>
    methods
      .filter((method) => new RegExp(`\\b${variables[client] ?? ''}\\s*\\.${method}\\(`).test(source))
      .map((method) => `${client}.${method}`),
  );
}

/** What a refusal of one port operation says is missing; the second of two permissions on secrets is shortened. */
function remedyOf(service: string, operation: string): readonly string[] {
  const list = neededFor(service as ServiceName, operation).permission.split(/ (?:and|or) /);
  return list.map((name) => (name.startsWith('secrets/') ? `Microsoft.KeyVault/vaults/${name}` : name));
}

describe('what the Bicep grants', () => {
  it('is this, and nothing else', () => {
    expect(granted).toEqual([
      'Microsoft.AppConfiguration/configurationStores/keyValues/read',
      'Microsoft.AppConfiguration/configurationStores/keyValues/write',
      'Microsoft.CognitiveServices/accounts/listKeys/action',
      'Microsoft.CognitiveServices/accounts/read',
      'Microsoft.CognitiveServices/accounts/regenerateKey/action',
      'Microsoft.KeyVault/vaults/secrets/getSecret/action',
      'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
      'Microsoft.KeyVault/vaults/secrets/setSecret/action',
      'Microsoft.KeyVault/vaults/secrets/update/action',
      'Microsoft.Resources/subscriptions/read',
      'Microsoft.Search/searchServices/listAdminKeys/action',
      'Microsoft.Search/searchServices/read',
      'Microsoft.Search/searchServices/regenerateAdminKey/action',
    ]);
  });

  it('is what the SDK methods in the adapters, and the calls of the types of accounts, need', () => {
    const onAccounts = RESOURCE_TYPES.flatMap(({ type, list, regenerate }) => [
      `${type}/read`,
      `${type}/${list.path}/action`,
      ...[regenerate.key1, regenerate.key2].map(({ path }) => `${type}/${path.split('/')[0] ?? ''}/action`),
    ]);
    const needed = [
      ...methodsUsed().map((method) => PERMISSION_OF[method] ?? `no permission is known for ${method}`),
      ...REST_CALLS.map((operation) => PERMISSION_OF_REST[operation] ?? `no permission is known for ${operation}`),
    ];
    expect([...new Set([...needed, ...onAccounts])].toSorted()).toEqual(granted);
  });

  it('is what refused operations ask for', () => {
    const operations = [...source.matchAll(/classified\(\s*'(arm|keyVault|appConfiguration)',\s*'(\w+)'/g)];
    const asked = [
      ...operations.flatMap(([, service = '', operation = '']) => remedyOf(service, operation)),
      ...REST_CALLS.flatMap((operation) => remedyOf('arm', operation)),
    ];
    const expected = [...granted, ...ASKED_WITHOUT_GRANT].toSorted();
    expect([...new Set(asked)].toSorted()).toEqual(expected);
  });

  it('holds no wildcard and no role of Azure but those for storage, telemetry and people', () => {
    const text = bicep.join('\n');
    expect(text.match(/'[^'\n]*\/\*[^'\n]*'/g)).toBeNull();
    expect(findAll(text, /'([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'/g)).toEqual(
      Object.values(BUILT_IN_ROLES).toSorted(),
    );
  });
});

it('docs/deployment.md registers every resource provider of the templates', () => {
  const used = findAll([...BICEP.values()].join('\n'), /'(Microsoft\.[A-Za-z]+)\/[A-Za-z/]+@[\w-]+'/g);
  // These two are always registered. Flex Consumption joins a network through the last one.
  const isAlways = (name: string): boolean => ['Microsoft.Authorization', 'Microsoft.Resources'].includes(name);
  const expected = [...used.filter((name) => !isAlways(name)), 'Microsoft.App'];
  const [loop = ''] = findAll(read('docs/deployment.md'), /^ *for provider in ([^;]+); do$/gm);
  expect(
    loop
      .replaceAll('\\\n', ' ')
      .split(/\s+/)
      .map((name) => `Microsoft.${name}`)
      .toSorted(),
  ).toEqual(expected.toSorted());
});

it('docs/permissions.md gives an administrator the roles as the templates define them', () => {
  const section = read('docs/permissions.md').split('## Roles of yours')[1]?.split('\n## ')[0] ?? '';
  const actionsOf = (name: string): readonly string[] =>
    findAll(BICEP.get(`infra/modules/${name}.bicep`) ?? '', /^ +'(Microsoft\.\w+\/[^'@]+)'$/gm);
  const json = JSON.parse(/```json\n([\s\S]*?)```/.exec(section)?.[1] ?? '') as Record<string, readonly string[]>;
  expect(json['Actions']?.toSorted()).toEqual(actionsOf('account-role').toSorted());
  expect(json['DataActions']).toEqual([]);
  const lists = {
    SEARCH_ROLE_ID: 'account-search',
    VAULT_ROLE_ID: 'vault-role',
    STORE_ROLE_ID: 'store-role',
  };
  for (const [variable, name] of Object.entries(lists)) {
    const list = new RegExp(`^- [^\`]+\`${variable}\`, in .*\\n((?: {2}- .*\\n)+)`, 'm').exec(section)?.[1] ?? '';
    expect(findAll(list, /`([^`]+)`/g).toSorted(), variable).toEqual(actionsOf(name).toSorted());
  }
});

describe('docs/permissions.md', () => {
  const docs = read('docs/permissions.md');

  it('has a row for every permission of the four roles', () => {
    expect(findAll(docs, /^\| `(Microsoft\.[^`]+)` \|/gm)).toEqual(granted);
  });

  it('names the call that needs each of them', () => {
    const rows = [...docs.matchAll(/^\| `(Microsoft\.[^`]+)` \| ([^|]+) \|/gm)].map(([, name, call]) => [name, call]);
    expect(Object.fromEntries(rows)).toEqual({
      [`${ACCOUNTS}/read`]: '`GET …/accounts/{name}`, `GET /subscriptions/{id}/…/accounts`',
      'Microsoft.Resources/subscriptions/read': '`GET /subscriptions/{id}`',
      [`${ACCOUNTS}/listKeys/action`]: '`POST …/listKeys`',
      [`${ACCOUNTS}/regenerateKey/action`]: '`POST …/regenerateKey`',
      [`${SECRETS}/getSecret/action`]: '`GET /secrets/{name}/{version?}`',
      [`${SECRETS}/setSecret/action`]: '`PUT /secrets/{name}`',
      [`${SECRETS}/update/action`]: '`PATCH /secrets/{name}/{version}`',
      [`${SECRETS}/readMetadata/action`]: '`GET /secrets/{name}/versions`, `GET /secrets`',
      [`${KEY_VALUES}/read`]: '`GET /kv`',
      [`${KEY_VALUES}/write`]: '`PUT /kv/{key}`',
      [`${SEARCH}/read`]: '`GET …/searchServices/{name}`, `GET /subscriptions/{id}/…/searchServices`',
      [`${SEARCH}/listAdminKeys/action`]: '`POST …/listAdminKeys`',
      [`${SEARCH}/regenerateAdminKey/action`]: '`POST …/regenerateAdminKey/{primary or secondary}`',
    });
  });

  it('has a row for every role of Azure that is assigned', () => {
    const rows = findAll(docs, /^\| ([A-Z][A-Za-z ]+) \| `[0-9a-f-]{36}` \|/gm);
    expect(rows).toEqual(Object.keys(BUILT_IN_ROLES).toSorted());
    for (const id of Object.values(BUILT_IN_ROLES)) expect(docs).toContain(id);
  });
});

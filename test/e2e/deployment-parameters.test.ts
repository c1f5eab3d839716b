// Parameters of infra/main.bicep with which it fits into a landing zone: names, roles, keys and tokens of the user's own.
// Needs the real Bicep compiler, whose engine expands the template; skipped where there is none.
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Compiler, PlannedResource } from '../../local/deploy/expand.ts';
import { findTestCompiler } from '../support/compiler.ts';
import { SHARED, SUBSCRIPTION, TemplateDeployment } from '../support/template-deployment.ts';

const found = findTestCompiler();
const MAIN = fileURLToPath(new URL('../../infra/main.bicep', import.meta.url));
const OTHER = '22222222-2222-3333-4444-555555555555';
const ACCOUNT = `/subscriptions/${OTHER}/resourceGroups/ai/providers/Microsoft.CognitiveServices/accounts/theirs`;
const CLIENT_ID = '99999999-2222-4333-8444-555555555555';

if (typeof found === 'string') it('cannot be tried here', ({ skip }) => skip(found));

describe.skipIf(typeof found === 'string')('infra/main.bicep', () => {
  const compiler = found as Compiler;
  let template: string;
  let test: TemplateDeployment;

  beforeAll(async () => {
    template = await compiler.compile(MAIN);
  });
  beforeEach(async () => {
    test = await TemplateDeployment.start(compiler, template);
  });
  afterEach(() => test.close());

  async function deploy(parameters: Readonly<Record<string, unknown>>): Promise<readonly PlannedResource[]> {
    return (await test.deploy(parameters)).resources;
  }

  function one(resources: readonly PlannedResource[], type: string): PlannedResource {
    const [first, ...others] = resources.filter((resource) => resource.type === type);
    if (first === undefined || others.length > 0) throw new Error(`There is not one ${type}.`);
    return first;
  }

  describe('with custom roles of yours', () => {
    const ROLES = {
      accountRoleId: 'aaaaaaaa-0000-4000-8000-000000000001',
      searchRoleId: 'aaaaaaaa-0000-4000-8000-000000000002',
      vaultRoleId: 'aaaaaaaa-0000-4000-8000-000000000003',
      storeRoleId: 'aaaaaaaa-0000-4000-8000-000000000004',
    };
    const given = { accounts: ACCOUNT, accountResourceGroups: `${SHARED}-ai`, discoverySubscriptions: OTHER };

    it('defines none, and assigns yours in the subscription of what they are for', async () => {
      test.deployments.bring(ACCOUNT);
      for (const id of Object.values(ROLES)) test.bringRole(id);
      const resources = await deploy({ ...given, ...ROLES });
      const named = (type: string) => resources.filter((resource) => resource.type === type);
      expect(named('Microsoft.Authorization/roleDefinitions')).toEqual([]);
      const assigned = named('Microsoft.Authorization/roleAssignments').map(({ properties }) =>
        String(properties['roleDefinitionId']),
      );
      const roleIn = (subscription: string, id: string) =>
        `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${id}`;
      expect(assigned.filter((id) => id.includes('aaaaaaaa')).toSorted()).toEqual([
        roleIn(SUBSCRIPTION, ROLES.accountRoleId),
        roleIn(SUBSCRIPTION, ROLES.vaultRoleId),
        roleIn(SUBSCRIPTION, ROLES.storeRoleId),
        roleIn(OTHER, ROLES.accountRoleId),
        roleIn(OTHER, ROLES.searchRoleId),
      ]);
    });

    it('defines the roles that it is not given', async () => {
      test.deployments.bring(ACCOUNT);
      test.bringRole(ROLES.accountRoleId);
      const resources = await deploy({ ...given, accountRoleId: ROLES.accountRoleId });
      const names = resources
        .filter(({ type }) => type === 'Microsoft.Authorization/roleDefinitions')
        .map(({ properties }) => /: ([a-z -]+) \(/.exec(String(properties['roleName']))?.[1]);
      expect(names.toSorted()).toEqual(['account search', 'key-values', 'secrets']);
    });
  });

  describe('with names of yours', () => {
    const NAMES = {
      id: 'id-keys',
      log: 'log-keys',
      appi: 'appi-keys',
      st: 'stkeys',
      kv: 'kv-keys',
      appcs: 'appcs-keys',
      func: 'func-keys',
      plan: 'plan-keys',
      demo: 'demo-keys',
      vnet: 'vnet-keys',
      ampls: 'ampls-keys',
    };
    const text = (names: object): string =>
      Object.entries(names)
        .map(([kind, name]) => `${kind}=${name}`)
        .join(', ');

    it('gives each resource its name, in the resource group of yours', async () => {
      const resourceGroupName = 'rg-keys-prod';
      const parameters = { privateNetworking: true, demoAccount: true, resourceGroupName, identitySuffix: '-2' };
      const resources = await deploy({ ...parameters, resourceNames: text(NAMES) });
      const names = new Set(resources.map(({ name }) => name));
      // The suffix replaces the identity, whatever its name.
      for (const name of Object.values({ ...NAMES, id: 'id-keys-2' })) expect(names).toContain(name);
      const group = one(resources, 'Microsoft.Resources/resourceGroups');
      expect(group.name).toBe(resourceGroupName);
      const outside = resources.filter(({ id }) => !id.includes(`/resourceGroups/${resourceGroupName}`));
      expect([...new Set(outside.map(({ type }) => type))]).toEqual(['Microsoft.Authorization/roleDefinitions']);
    });

    it('is refused with a kind that is not there, in a sentence that lists the kinds', async () => {
      await expect(deploy({ resourceNames: 'keyvault=kv-keys' })).rejects.toThrow(
        'resourceNames takes <kind>=<name>, separated by commas, with the kinds ampls, appcs, appi, demo, func, id, kv, log, plan, st, vnet.',
      );
    });

    it('is refused in a second region of the same name, where its resource group is elsewhere', async () => {
      await deploy({});
      await expect(deploy({ location: 'northeurope' })).rejects.toThrow('InvalidResourceGroupLocation');
      const second = await deploy({ location: 'northeurope', resourceGroupName: 'rg-test-north' });
      expect(one(second, 'Microsoft.Web/sites').location).toBe('northeurope');
    });
  });

  describe('with tags of yours', () => {
    it('gives each the value after its first equals sign, and the name of the installation', async () => {
      const resources = await deploy({ resourceTags: 'cost-center = 42, query=a=b' });
      const tags = { 'cost-center': '42', query: 'a=b', 'azd-env-name': 'test' };
      expect(one(resources, 'Microsoft.Resources/resourceGroups').tags).toEqual(tags);
    });

    it.each(['owner', 'team=a,b', '=value'])('is refused with %s: a tag would be missing', async (resourceTags) => {
      await expect(deploy({ resourceTags })).rejects.toThrow(
        'resourceTags takes <name>=<value>, separated by commas. A value has no comma.',
      );
    });
  });

  describe('with a key of yours', () => {
    const IDENTITY = `${SHARED}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-of-key`;
    const given = { encryptionKeyUri: 'https://ours.vault.azure.net/keys/data', encryptionIdentityId: IDENTITY };

    it('encrypts store and storage with it, records and queues too', async () => {
      test.deployments.bring(IDENTITY);
      const resources = await deploy(given);
      const storage = one(resources, 'Microsoft.Storage/storageAccounts');
      expect(Object.keys(storage.identity?.userAssignedIdentities ?? {})).toEqual([IDENTITY]);
      expect(storage.properties['encryption']).toEqual({
        keySource: 'Microsoft.Keyvault',
        keyvaultproperties: { keyvaulturi: 'https://ours.vault.azure.net', keyname: 'data' },
        identity: { userAssignedIdentity: IDENTITY },
        services: {
          blob: { enabled: true, keyType: 'Account' },
          queue: { enabled: true, keyType: 'Account' },
          table: { enabled: true, keyType: 'Account' },
        },
      });
      const store = one(resources, 'Microsoft.AppConfiguration/configurationStores');
      expect(Object.keys(store.identity?.userAssignedIdentities ?? {})).toEqual([IDENTITY]);
      const identityClientId = expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown;
      expect(store.properties['encryption']).toEqual({
        keyVaultProperties: { keyIdentifier: given.encryptionKeyUri, identityClientId },
      });
    });

    it('is refused where storage was made without: its records cannot change their key', async () => {
      test.deployments.bring(IDENTITY);
      const resources = await deploy({});
      for (const type of ['Microsoft.Storage/storageAccounts', 'Microsoft.AppConfiguration/configurationStores']) {
        expect(one(resources, type).properties['encryption'] ?? null).toBeNull();
      }
      await expect(deploy(given)).rejects.toThrow('the encryption key type of table cannot be changed');
    });

    it.each([
      [
        'no identity',
        { encryptionKeyUri: given.encryptionKeyUri },
        'encryptionKeyUri and encryptionIdentityId belong together',
      ],
      [
        'a version',
        { ...given, encryptionKeyUri: `${given.encryptionKeyUri}/0123` },
        'encryptionKeyUri has no version',
      ],
    ])('is refused with a half of it, or with a version: %s', async (_, parameters, sentence) => {
      test.deployments.bring(IDENTITY);
      await expect(deploy(parameters)).rejects.toThrow(sentence);
    });
  });

  it.each([
    ['2', 'https://login.microsoftonline.com/{tenant}/v2.0'],
    ['1', 'https://sts.windows.net/{tenant}/'],
  ])('takes tokens of version %s, with their issuer and both forms of audience', async (entraTokenVersion, issuer) => {
    const resources = await deploy({ entraClientId: CLIENT_ID, entraTokenVersion });
    const settings = resources.find(({ id }) => id.endsWith('/config/authsettingsV2'));
    expect(settings?.properties['identityProviders']).toEqual({
      azureActiveDirectory: {
        enabled: true,
        registration: { clientId: CLIENT_ID, openIdIssuer: issuer.replace('{tenant}', test.tenantId) },
        validation: { allowedAudiences: [CLIENT_ID, `api://${CLIENT_ID}`] },
      },
    });
  });
});

// Sites of the local Azure: the platform's cache of references to Key Vault, and an environment that only a start
// changes.

import { ClientSecretCredential } from '@azure/identity';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BUILT_IN_ROLES } from '../../local/azure/identity/access.ts';
import { type AppServiceStage, GROUP, HOUR, SUBSCRIPTION, startAppServiceStage } from './app-service-stage.ts';
import { bearer, type RawAnswer, send } from './local-azure-clients.ts';

const VERSION = '2022-03-01';
const SITES = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Web/sites`;

let stage: AppServiceStage;
beforeAll(async () => {
  stage = await startAppServiceStage();
});
afterAll(() => stage.azure.close());
beforeEach(() => {
  stage.azure.access.isEnforced = false;
  stage.azure.sites.restartsOnRefresh = false;
  stage.azure.sites.showsActiveVersion = false;
});

async function call(method: string, path: string, body?: object, version = VERSION): Promise<RawAnswer> {
  const { tenantId, clientId, clientSecret } = stage.azure.servicePrincipal;
  const options = { authorityHost: stage.azure.endpoints.authority, disableInstanceDiscovery: true };
  const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, options);
  const headers = { authorization: await bearer(credential, 'https://management.azure.com/.default') };
  const sign = path.includes('?') ? '&' : '?';
  return send(`${stage.azure.endpoints.resourceManager}${path}${sign}api-version=${version}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

interface Shown {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

async function references(path: string, method = 'GET'): Promise<readonly Shown[]> {
  const answer = await call(method, path);
  expect(answer.status).toBe(200);
  return (JSON.parse(answer.text) as { value: Shown[] }).value;
}

const publish = (name: string, value: string): string => stage.azure.world.vault.set(name, { value }).version;
const keyOf = (id: string): string | undefined => stage.azure.sites.environmentOf(id, 'KEY');

describe('an application with a reference that names no version', () => {
  test('keeps the value for 24 hours, and has the new one then without a call', () => {
    publish('daily', 'first');
    const id = stage.site('daily', { KEY: stage.uri('daily') });
    publish('daily', 'second');
    stage.advance(24 * HOUR - 1);
    expect(keyOf(id)).toBe('first');
    stage.advance(1);
    expect(keyOf(id)).toBe('second');
  });

  test('gets at the hour of its fetch what was there then, not what came later', () => {
    publish('hours', 'first');
    const id = stage.site('hours', { KEY: stage.uri('hours') });
    stage.advance(23 * HOUR);
    publish('hours', 'second');
    stage.advance(2 * HOUR);
    publish('hours', 'third');
    expect(keyOf(id)).toBe('second');
  });

  test('keeps the value through a bare restart: nothing is fetched', async () => {
    publish('bare', 'first');
    const id = stage.site('bare', { KEY: stage.uri('bare') });
    publish('bare', 'second');
    expect((await call('POST', `${SITES}/bare/restart`)).status).toBe(200);
    expect(keyOf(id)).toBe('first');
  });

  test('keeps the value through a refresh until it is started, if a refresh does not restart it', async () => {
    publish('two-steps', 'first');
    const id = stage.site('two-steps', { KEY: stage.uri('two-steps') });
    publish('two-steps', 'second');
    await references(`${SITES}/two-steps/config/configreferences/appsettings/refresh`, 'POST');
    expect(keyOf(id)).toBe('first');
    await call('POST', `${SITES}/two-steps/restart`);
    expect(keyOf(id)).toBe('second');
  });

  test('has the new value by a refresh alone, if that restarts it', async () => {
    stage.azure.sites.restartsOnRefresh = true;
    publish('one-step', 'first');
    const id = stage.site('one-step', { KEY: stage.uri('one-step') });
    publish('one-step', 'second');
    await references(`${SITES}/one-step/config/configreferences/appsettings/refresh`, 'POST');
    expect(keyOf(id)).toBe('second');
  });

  test('that was refreshed and never started has the new value at the next fetch of the platform', async () => {
    publish('late', 'first');
    const id = stage.site('late', { KEY: stage.uri('late') });
    publish('late', 'second');
    await references(`${SITES}/late/config/configreferences/appsettings/refresh`, 'POST');
    stage.advance(24 * HOUR);
    expect(keyOf(id)).toBe('second');
  });
});

test('a reference to one version never follows', async () => {
  const version = publish('pinned', 'first');
  const id = stage.site('pinned', { KEY: stage.uri(`pinned/${version}`) });
  publish('pinned', 'second');
  await references(`${SITES}/pinned/config/configreferences/appsettings/refresh`, 'POST');
  await call('POST', `${SITES}/pinned/restart`);
  stage.advance(48 * HOUR);
  expect(keyOf(id)).toBe('first');
});

describe('the list of references', () => {
  test('has no value, no version of a reference without one, and no active version', async () => {
    publish('shown', 'a-value-that-nobody-is-shown');
    const reference = stage.uri('shown');
    const id = stage.azure.sites.put({
      subscriptionId: SUBSCRIPTION,
      resourceGroup: GROUP,
      name: 'shown',
      slot: 'staging',
      settings: { KEY: reference, PLAIN: 'plain' },
    }).id;
    const answer = await call('GET', `${SITES}/shown/slots/staging/config/configreferences/appsettings`);
    expect(JSON.parse(answer.text)).toEqual({
      id: null,
      nextLink: null,
      value: [
        {
          id: `${id}/config/configreferences/appsettings/KEY`,
          name: 'KEY',
          type: 'Microsoft.Web/sites/slots/config/configreferences',
          location: 'westeurope',
          properties: {
            reference,
            status: 'Resolved',
            vaultName: 'localhost',
            secretName: 'shown',
            identityType: 'SystemAssigned',
            details: 'Reference has been successfully resolved.',
            activeVersion: null,
          },
        },
      ],
    });
  });

  test('names the version that was fetched, where the platform is told to show it', async () => {
    stage.azure.sites.showsActiveVersion = true;
    const first = publish('active', 'first');
    stage.site('active', { KEY: stage.uri('active') });
    publish('active', 'second');
    const [shown] = await references(`${SITES}/active/config/configreferences/appsettings`);
    expect(shown?.properties['activeVersion']).toBe(first);
  });

  test('says why the vault gave nothing, and the application gets the text of the reference', async () => {
    publish('there', 'value');
    const disabled = publish('disabled', 'value');
    stage.azure.world.vault.update('disabled', disabled, { isEnabled: false });
    const settings = {
      KEY: stage.uri('nowhere'),
      VERSION: stage.uri('there/0123456789abcdef0123456789abcdef'),
      DISABLED: stage.uri('disabled'),
      VAULT: '@Microsoft.KeyVault(VaultName=another-vault;SecretName=there)',
      SYNTAX: '@Microsoft.KeyVault(Secret=there)',
      NAMES: '@Microsoft.KeyVault(VaultName=local-vault;SecretName=there)',
    };
    const id = stage.site('refused', settings);
    const shown = await references(`${SITES}/refused/config/configreferences/appsettings`);
    expect(Object.fromEntries(shown.map(({ name, properties }) => [name, properties['status']]))).toEqual({
      KEY: 'SecretNotFound',
      VERSION: 'SecretVersionNotFound',
      DISABLED: 'OtherReasons',
      VAULT: 'VaultNotFound',
      SYNTAX: 'InvalidSyntax',
      NAMES: 'Resolved',
    });
    expect(keyOf(id)).toBe(settings.KEY);
    expect(stage.azure.sites.environmentOf(id, 'NAMES')).toBe('value');
  });

  test('says that the identity may not read, that it may by role or by policy, and that there is none', async () => {
    publish('guarded', 'value');
    const { access, world, places } = stage.azure;
    access.isEnforced = true;
    const seed = { subscriptionId: SUBSCRIPTION, resourceGroup: GROUP, settings: { KEY: stage.uri('guarded') } };
    const statusOf = ({ id }: { id: string }): unknown => stage.azure.sites.find(id)?.fetched.get('KEY')?.status;
    const site = stage.azure.sites.put({ ...seed, name: 'guarded' });
    expect(statusOf(site)).toBe('AccessToKeyVaultDenied');
    const principalId = site.identity ?? '';
    const roleId = BUILT_IN_ROLES['Key Vault Secrets User'].id;
    access.assign({ id: 'reader', principalId, roleId, scope: places.vault.id });
    stage.azure.sites.refresh(site);
    expect(statusOf(site)).toBe('Resolved');
    const vault = { id: places.vault.id, name: places.vault.name, location: 'westeurope', isByRole: false };
    world.vaults.current = { ...vault, policies: [] };
    stage.azure.sites.refresh(site);
    expect(statusOf(site)).toBe('AccessToKeyVaultDenied');
    const policy = { tenantId: 'tenant', objectId: principalId, permissions: { secrets: ['get'] } };
    world.vaults.current = { ...vault, policies: [policy] };
    stage.azure.sites.refresh(site);
    expect(statusOf(site)).toBe('Resolved');
    world.vaults.current = undefined;
    expect(statusOf(stage.azure.sites.put({ ...seed, name: 'nobody', hasIdentity: false }))).toBe('MSINotEnabled');
  });
});

describe('a site', () => {
  test('is made by PUT with its settings and an identity, and shown by GET', async () => {
    const value = stage.uri('made');
    publish('made', 'value');
    const body = {
      location: 'westeurope',
      kind: 'functionapp',
      identity: { type: 'SystemAssigned' },
      properties: { siteConfig: { appSettings: [{ name: 'KEY', value }] } },
    };
    const made = await call('PUT', `${SITES}/made`, body);
    expect(made.status).toBe(200);
    const shown = JSON.parse((await call('GET', `${SITES}/made`)).text) as { identity: { principalId: string } };
    expect(shown).toMatchObject({ name: 'made', type: 'Microsoft.Web/sites', kind: 'functionapp' });
    expect(shown.identity.principalId).toMatch(/^[0-9a-f-]{36}$/);
    expect(keyOf(`${SITES}/made`)).toBe('value');
    const settings = await call('POST', `${SITES}/made/config/appsettings/list`);
    expect(JSON.parse(settings.text)).toMatchObject({ properties: { KEY: value } });
    const role = `${stage.azure.places.vault.id}/providers/Microsoft.Authorization/roleAssignments/1`;
    const properties = {
      roleDefinitionId: `/x/${BUILT_IN_ROLES['Key Vault Secrets User'].id}`,
      principalId: shown.identity.principalId,
    };
    expect((await call('PUT', role, { properties }, '2022-04-01')).status).toBe(201);
  });

  test('is not found under another name', async () => {
    expect((await call('GET', `${SITES}/nobody-knows`)).text).toContain('ResourceNotFound');
    expect((await call('POST', `${SITES}/nobody-knows/slots/x/restart`)).status).toBe(404);
  });

  test.each([
    ['POST', '/config/configreferences/appsettings/refresh', 'config/refresh/action'],
    ['GET', '/config/configreferences/appsettings', 'config/read'],
    ['POST', '/config/appsettings/list', 'config/list/action'],
    ['POST', '/restart', 'restart/action'],
  ])('needs a right of its own for %s %s, and the slot another one', async (method, path, action) => {
    stage.site('rights', {});
    stage.site('rights/staging', {});
    stage.grant({ actions: [`Microsoft.Web/sites/${action}`], scope: SITES.replace(/\/providers.*/, '') });
    expect((await call(method, `${SITES}/rights${path}`)).status).toBe(200);
    const refused = await call(method, `${SITES}/rights/slots/staging${path}`);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain(`Microsoft.Web/sites/slots/${action}`);
    stage.grant({ actions: ['Microsoft.Web/sites/read'], scope: '/' });
    expect((await call(method, `${SITES}/rights${path}`)).text).toContain('AuthorizationFailed');
  });
});

// A local Azure under Azure's own names: the way there, and who may do what.
import { once } from 'node:events';
import { request as startRequest } from 'node:http';
import { AppConfigurationClient } from '@azure/app-configuration';
import { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import { TableClient } from '@azure/data-tables';
import { ClientSecretCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { demoAccounts, resourceGroup, subscriptionId } from '../../local/azure/demo-accounts.ts';
import { BUILT_IN_ROLES } from '../../local/azure/identity/access.ts';
import { trustLocalAzure } from '../../local/azure/identity/trust.ts';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';

let azure: LocalAzure;
let proxyOptions: { readonly host: string; readonly port: number };
let credential: ClientSecretCredential;
const noRetries = { retryOptions: { maxRetries: 0 } };

beforeAll(async () => {
  azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts: demoAccounts(), hasPublicNames: true });
  trustLocalAzure(azure);
  const { hostname, port } = new URL(azure.gateway?.url ?? '');
  proxyOptions = { host: `http://${hostname}`, port: Number(port) };
  const { tenantId, clientId, clientSecret } = azure.servicePrincipal;
  credential = new ClientSecretCredential(tenantId, clientId, clientSecret, { proxyOptions });
});
afterAll(() => azure.close());

/** The status that the gateway answers to `CONNECT`. */
async function connectTo(name: string): Promise<number | undefined> {
  const { hostname, port } = new URL(azure.gateway?.url ?? '');
  const request = startRequest({ host: hostname, port, method: 'CONNECT', path: name }).end();
  const [response, socket] = (await once(request, 'connect')) as [{ statusCode?: number }, { destroy(): void }];
  socket.destroy();
  return response.statusCode;
}

describe('the gateway', () => {
  it.each([
    ['management.azure.com:443', 200],
    ['local-vault.vault.azure.net:443', 200],
    ['local-store.azconfig.io:443', 200],
    ['LocalStorage.Table.core.windows.net:443', 200],
    // Names that nothing here has.
    ['any.vault.azure.net:443', 502],
    ['any.azconfig.io:443', 502],
    ['any.table.core.windows.net:443', 502],
    ['any.queue.core.windows.net:443', 502],
    ['any.azurewebsites.net:443', 502],
    ['any.vault.azure.net:80', 403],
    ['example.com:443', 403],
    ['vault.azure.net.example.com:443', 403],
    ['169.254.169.254:443', 403],
  ])('answers %s with %i', async (name, status) => {
    expect(await connectTo(name)).toBe(status);
  });
});

describe('roles', () => {
  const scopeOf = {
    secrets: () => azure.places.vault.id,
    store: () => azure.places.store.id,
    storage: () => azure.places.storage.id,
    account: () =>
      `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.CognitiveServices/accounts/demo-language-1`,
  };
  let granted = 0;
  const grant = (role: keyof typeof BUILT_IN_ROLES, scope: string): void => {
    const { objectId: principalId } = azure.servicePrincipal;
    azure.access.assign({ id: `assignment-${++granted}`, principalId, roleId: BUILT_IN_ROLES[role].id, scope });
  };

  beforeEach(() => {
    azure.access.isEnforced = true;
  });

  const secrets = () => new SecretClient(azure.endpoints.keyVault, credential, { proxyOptions, ...noRetries });
  const store = () =>
    new AppConfigurationClient(azure.endpoints.appConfiguration, credential, { proxyOptions, ...noRetries });
  const accounts = () =>
    new CognitiveServicesManagementClient(credential, subscriptionId, { proxyOptions, ...noRetries }).accounts;
  const table = () =>
    new TableClient('https://localstorage.table.core.windows.net', 'Anything', credential, {
      proxyOptions,
      ...noRetries,
    });
  const queues = () =>
    new QueueServiceClient('https://localstorage.queue.core.windows.net', credential, {
      proxyOptions,
      retryOptions: { maxTries: 1 },
    });

  it('refuse what nothing grants, in the words of each service', async () => {
    await expect(secrets().getSecret('any')).rejects.toMatchObject({
      statusCode: 403,
      code: 'Forbidden',
      message: expect.stringContaining("Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'") as string,
    });
    await expect(store().getConfigurationSetting({ key: 'any' })).rejects.toMatchObject({ statusCode: 403 });
    await expect(accounts().listKeys(resourceGroup, 'demo-language-1')).rejects.toMatchObject({
      statusCode: 403,
      code: 'AuthorizationFailed',
    });
    await expect(table().getEntity('p', 'r')).rejects.toMatchObject({ statusCode: 403 });
    await expect(queues().getQueueClient('any').create()).rejects.toMatchObject({ statusCode: 403 });
  });

  it('allow what an assignment on the resource grants, and no more', async () => {
    grant('Key Vault Secrets User', scopeOf.secrets());
    grant('App Configuration Data Owner', scopeOf.store());
    grant('Storage Table Data Contributor', scopeOf.storage());
    grant('Storage Queue Data Contributor', scopeOf.storage());
    grant('Reader', scopeOf.account());
    azure.world.vault.set('present', { value: 'a value' });
    expect((await secrets().getSecret('present')).value).toBe('a value');
    await expect(secrets().setSecret('present', 'another')).rejects.toMatchObject({ statusCode: 403 });
    await store().setConfigurationSetting({ key: 'key', value: 'value' });
    expect((await store().getConfigurationSetting({ key: 'key' })).value).toBe('value');
    expect((await accounts().get(resourceGroup, 'demo-language-1')).name).toBe('demo-language-1');
    // Reading is not listing keys, nor a right on the account beside it.
    await expect(accounts().listKeys(resourceGroup, 'demo-language-1')).rejects.toMatchObject({ statusCode: 403 });
    await expect(accounts().get(resourceGroup, 'demo-openai-2')).rejects.toMatchObject({ statusCode: 403 });
  });

  it('let storage be used with a token: entities, transactions, messages', async () => {
    grant('Storage Table Data Contributor', scopeOf.storage());
    grant('Storage Queue Data Contributor', scopeOf.storage());
    await table().createTable();
    await table().submitTransaction([
      ['create', { partitionKey: 'p', rowKey: '1', value: "it's https://example.com/ inside" }],
      ['create', { partitionKey: 'p', rowKey: '2' }],
    ]);
    expect(await table().getEntity('p', '1')).toMatchObject({ value: "it's https://example.com/ inside" });
    const queue = queues().getQueueClient('messages');
    await queue.create();
    await queue.sendMessage('hello');
    expect((await queue.receiveMessages()).receivedMessageItems).toMatchObject([{ messageText: 'hello' }]);
  });

  it('cannot be assigned when they do not exist', () => {
    const assignment = { id: 'a', principalId: 'p', roleId: 'none', scope: '/' };
    expect(() => azure.access.assign(assignment)).toThrow(
      "The specified role definition with ID 'none' does not exist.",
    );
  });
});

// The management plane and the identities of the local Azure, through the real SDK clients.
import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { demoAccounts, resourceGroup, subscriptionId } from '../../local/azure/demo-accounts.ts';
import { TokenIssuer } from '../../local/azure/identity/tokens.ts';
import { bearer, failureOf, type LocalAzureUnderTest, send, startAzureUnderTest } from './local-azure-clients.ts';

let under: LocalAzureUnderTest;
const language = 'demo-language-1';
const armScope = 'https://management.azure.com/.default';
const accountsPath = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.CognitiveServices/accounts`;

beforeAll(async () => {
  // Every fourth is a search service, which has a list of its own.
  const accounts = demoAccounts(137).filter(({ kind }) => kind !== 'Search');
  under = await startAzureUnderTest({ accounts });
});
afterAll(() => under.azure.close());
afterEach(() => {
  vi.unstubAllEnvs();
  for (const account of under.azure.world.accounts.values()) {
    account.knobs.isLocalAuthDisabled = false;
    account.knobs.provisioningState = 'Succeeded';
  }
});

const listKeysWith = (authorization: string | undefined, version = '2025-09-01', method = 'POST') =>
  send(`${under.azure.endpoints.resourceManager}${accountsPath}/${language}/listKeys?api-version=${version}`, {
    method,
    ...(authorization === undefined ? {} : { headers: { authorization } }),
  });

describe('identities', () => {
  test('the managed identity of App Service gets a token that ARM takes', async () => {
    for (const name of ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'] as const) {
      vi.stubEnv(name, under.azure.environment()[name]);
    }
    const authorization = await bearer(new ManagedIdentityCredential(), armScope);
    expect((await listKeysWith(authorization)).status).toBe(200);
  });

  test('the managed identity endpoint refuses a wrong header and an unknown client', async () => {
    const { managedIdentity, managedIdentityHeader } = under.azure.endpoints;
    const url = `${managedIdentity}?api-version=2019-08-01&resource=https://vault.azure.net`;
    expect((await send(url, { headers: { 'x-identity-header': 'guess' } })).status).toBe(401);
    const headers = { 'x-identity-header': managedIdentityHeader };
    expect((await send(`${url}&client_id=someone`, { headers })).status).toBe(400);
    expect((await send(url, { headers })).status).toBe(200);
  });

  test('a client secret gets a token, a wrong one is refused in the words of Entra', async () => {
    expect(await bearer(under.credential, armScope)).toMatch(/^Bearer ey/);
    const { tenantId, clientId } = under.azure.servicePrincipal;
    const url = `${under.azure.endpoints.authority}/${tenantId}/oauth2/v2.0/token`;
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: 'wrong', scope: armScope };
    const answer = await send(url, { method: 'POST', body: new URLSearchParams(form) });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'invalid_client', error_codes: [7000215] });
  });

  test('discovery documents name the local authority', async () => {
    const { authority } = under.azure.endpoints;
    const { tenantId } = under.azure.servicePrincipal;
    const openId = await send(`${authority}/${tenantId}/v2.0/.well-known/openid-configuration`);
    expect(JSON.parse(openId.text)).toMatchObject({ token_endpoint: `${authority}/${tenantId}/oauth2/v2.0/token` });
    expect((await send(`${authority}/common/discovery/instance?api-version=1.1`)).status).toBe(200);
  });
});

describe('accounts', () => {
  test('lists every account of the subscription and of the group, page by page', async () => {
    const names: string[] = [];
    for await (const page of under.arm.accounts.list().byPage()) names.push(String(page.length));
    expect(names).toEqual(['100', '3']);
    let count = 0;
    for await (const account of under.arm.accounts.listByResourceGroup(resourceGroup)) {
      expect(account.properties?.provisioningState).toBe('Succeeded');
      count += 1;
    }
    expect(count).toBe(103);
  });

  test('shows an account with its endpoint, kind and posture; names are not case-sensitive', async () => {
    const account = await under.arm.accounts.get(resourceGroup.toUpperCase(), language.toUpperCase());
    expect(account.kind).toBe('TextAnalytics');
    expect(account.properties).toMatchObject({
      endpoint: under.azure.dataPlaneEndpoint(language),
      disableLocalAuth: false,
      customSubDomainName: language,
    });
  });

  test('answers 404 for an account, a group and a subscription that do not exist', async () => {
    expect(await failureOf(under.arm.accounts.get(resourceGroup, 'nobody'))).toMatchObject({
      status: 404,
      code: 'ResourceNotFound',
    });
    expect(await failureOf(under.arm.accounts.get('nowhere', language))).toMatchObject({
      status: 404,
      code: 'ResourceGroupNotFound',
    });
    const authorization = await bearer(under.credential, armScope);
    const path = '/subscriptions/none/providers/Microsoft.CognitiveServices/accounts?api-version=2025-09-01';
    const answer = await send(`${under.azure.endpoints.resourceManager}${path}`, { headers: { authorization } });
    expect(answer.status).toBe(404);
    expect(answer.text).toContain('SubscriptionNotFound');
  });
});

describe('keys', () => {
  test('regenerates one key, answers both, and changes the ETag of the account', async () => {
    const before = await under.arm.accounts.listKeys(resourceGroup, language);
    const { etag } = await under.arm.accounts.get(resourceGroup, language);
    const answered = await under.arm.accounts.regenerateKey(resourceGroup, language, 'Key2');
    const after = await under.arm.accounts.listKeys(resourceGroup, language);
    expect(after.key1 === before.key1).toBe(true);
    expect(after.key2 === before.key2).toBe(false);
    expect(after.key2 === answered.key2 && after.key1 === answered.key1).toBe(true);
    expect((await under.arm.accounts.get(resourceGroup, language)).etag).not.toBe(etag);
    expect(/^[0-9a-f]{32}$/.test(after.key2 ?? '')).toBe(true);
  });

  test('keys of an OpenAI account have the annotated shape', async () => {
    const { key1 } = await under.arm.accounts.listKeys(resourceGroup, 'demo-openai-2');
    const shape = /^[A-Za-z0-9]{52}JQQJ9[9DH][A-Za-z0-9][A-L][A-Za-z0-9]{16}[A-Za-z][A-Za-z0-9]{7}$/;
    expect(shape.test(key1 ?? '')).toBe(true);
  });

  test('refuses the spelling key1', async () => {
    const refused = under.arm.accounts.regenerateKey(resourceGroup, language, 'key1' as 'Key1');
    expect(await failureOf(refused)).toEqual({
      status: 400,
      code: 'BadRequest',
      message: "The key name 'key1' is invalid. Valid values are 'Key1' and 'Key2'.",
    });
  });

  test('refuses to list keys while local authentication is disabled or the account is being made', async () => {
    const account = [...under.azure.world.accounts.values()].find(({ seed }) => seed.name === language);
    if (account === undefined) throw new Error('The account is missing.');
    account.knobs.isLocalAuthDisabled = true;
    expect(await failureOf(under.arm.accounts.listKeys(resourceGroup, language))).toEqual({
      status: 400,
      code: 'BadRequest',
      message: 'Failed to list key. disableLocalAuth is set to be true',
    });
    account.knobs.provisioningState = 'Accepted';
    expect(await failureOf(under.arm.accounts.listKeys(resourceGroup, language))).toMatchObject({
      status: 400,
      code: 'AccountProvisioningStateInvalid',
    });
  });
});

describe('strictness', () => {
  const codeOf = (text: string): unknown => (JSON.parse(text) as { error: { code: unknown } }).error.code;

  test('answers 401 to a missing, foreign, expired, misdirected or unreadable token', async () => {
    const now = (): number => Date.now();
    const { tenantId } = under.azure.servicePrincipal;
    const claims = { aud: 'https://management.azure.com', oid: 'someone', appid: 'something' };
    const here = new TokenIssuer(tenantId, now);
    const cases: [string | undefined, string][] = [
      [undefined, 'AuthenticationFailed'],
      ['Bearer nonsense', 'InvalidAuthenticationToken'],
      [
        `Bearer ${new TokenIssuer(tenantId, now, Buffer.from('foreign')).issue(claims, 60)}`,
        'InvalidAuthenticationToken',
      ],
      [`Bearer ${here.issue(claims, -1)}`, 'ExpiredAuthenticationToken'],
      [`Bearer ${new TokenIssuer('another', now).issue(claims, 60)}`, 'InvalidAuthenticationTokenTenant'],
      [await bearer(under.credential, 'https://vault.azure.net/.default'), 'InvalidAuthenticationTokenAudience'],
    ];
    for (const [authorization, code] of cases) {
      const answer = await listKeysWith(authorization);
      expect([answer.status, codeOf(answer.text)]).toEqual([401, code]);
    }
    expect((await listKeysWith(`Bearer ${here.issue(claims, 60)}`)).status).toBe(200);
  });

  test('answers 400 to an unknown or missing api-version and reads an encoded name', async () => {
    const authorization = await bearer(under.credential, armScope);
    expect(codeOf((await listKeysWith(authorization, '2001-01-01')).text)).toBe('InvalidResourceType');
    const url = `${under.azure.endpoints.resourceManager}${accountsPath}/${language}`;
    const missing = await send(url, { headers: { authorization } });
    expect([missing.status, codeOf(missing.text)]).toEqual([400, 'MissingApiVersionParameter']);
    expect((await send(`${url}?api%2Dversion=2025-09-01`, { headers: { authorization } })).status).toBe(200);
  });

  test('tells calls, callers and accounts in the request log', async () => {
    const seen: string[] = [];
    const off = under.azure.onRequest((request) => seen.push(`${request.service} ${request.operation}`));
    const authorization = await bearer(under.credential, armScope);
    await send(`${under.azure.endpoints.resourceManager}${accountsPath}/${language}/listKeys?api-version=2025-09-01`, {
      method: 'POST',
      headers: { authorization, 'user-agent': 'node application/orders-api' },
    });
    off();
    expect(seen).toEqual(['arm listKeys']);
    expect(under.azure.requests.at(-1)).toMatchObject({
      service: 'arm',
      method: 'POST',
      path: `${accountsPath}/${language}/listKeys`,
      operation: 'listKeys',
      caller: 'orders-api',
      account: language,
      status: 200,
      isChallenge: false,
    });
  });
});

// What an administrator makes at the local Azure by hand: groups, accounts and their address rules.
import { request } from 'node:https';
import { describe, expect, test } from 'vitest';
import { resourceGroup, subscriptionId } from '../../local/azure/demo-accounts.ts';
import { ACCOUNT, administrator, call, codeOf, GROUP, language, type Reply, VAULT, vault } from './administrator.ts';
import { bearer } from './local-azure-clients.ts';

const { under, azure, manage } = administrator();

describe('resource groups', () => {
  test('are made, shown and deleted with everything in them', async () => {
    expect((await manage('PUT', GROUP, { location: 'westeurope' })).status).toBe(200);
    expect((await manage('HEAD', GROUP)).status).toBe(204);
    await manage('PUT', ACCOUNT, language());
    await manage('PUT', VAULT, vault(azure()));
    const { status, body } = await manage('GET', GROUP);
    expect([status, body['name'], body['location'], body['properties']]).toEqual([
      200,
      'exercise',
      'westeurope',
      { provisioningState: 'Succeeded' },
    ]);
    expect((await manage('DELETE', GROUP)).status).toBe(200);
    expect(codeOf(await manage('GET', GROUP))).toEqual([404, 'ResourceGroupNotFound']);
    expect((await manage('HEAD', GROUP)).status).toBe(404);
    expect(azure().world.accounts.size).toBe(0);
    expect((await manage('PUT', GROUP, { location: 'westeurope' })).status).toBe(201);
    expect(codeOf(await manage('GET', VAULT))).toEqual([404, 'ResourceNotFound']);
  });

  test('need a location, and the group that was there from the start is shown, too', async () => {
    expect(codeOf(await manage('PUT', `${GROUP}-2`, {}))).toEqual([400, 'LocationRequired']);
    expect((await manage('GET', `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`)).status).toBe(200);
  });
});

describe('accounts', () => {
  test('are made, kept by a second PUT, and deleted', async () => {
    const made = await manage('PUT', ACCOUNT, language());
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      id: ACCOUNT,
      kind: 'TextAnalytics',
      location: 'westeurope',
      sku: { name: 'S' },
      properties: { customSubDomainName: 'exercise-language', provisioningState: 'Succeeded' },
    });
    const keys = await manage('POST', `${ACCOUNT}/listKeys`, {});
    expect((await manage('PUT', ACCOUNT, language())).status).toBe(200);
    expect(await manage('POST', `${ACCOUNT}/listKeys`, {})).toEqual(keys);
    expect((await manage('DELETE', ACCOUNT)).status).toBe(200);
    expect(codeOf(await manage('GET', ACCOUNT))).toEqual([404, 'ResourceNotFound']);
    expect((await manage('DELETE', ACCOUNT)).status).toBe(204);
  });

  test('have no custom subdomain unless they ask for one, and then take no Entra token', async () => {
    await manage('PUT', ACCOUNT, { location: 'westeurope', kind: 'TextAnalytics', sku: { name: 'S' }, properties: {} });
    const { body } = await manage('GET', ACCOUNT);
    expect(body['properties']).not.toHaveProperty('customSubDomainName');
    const token = await bearer(under().credential, 'https://cognitiveservices.azure.com/.default');
    const url = `${azure().dataPlaneEndpoint('exercise-language')}language/:analyze-text?api-version=2023-04-01`;
    const documents = [{ id: '1', text: 'Hello' }];
    const asked = { kind: 'LanguageDetection', analysisInput: { documents } };
    const refused = await call(url, 'POST', token, asked);
    expect([refused.status, refused.body]).toEqual([
      400,
      {
        error: {
          code: 'BadRequest',
          message: 'Please provide a custom subdomain for token authentication, otherwise API key is required.',
        },
      },
    ]);
    expect((await manage('PATCH', ACCOUNT, { properties: { customSubDomainName: 'exercise-language' } })).status).toBe(
      200,
    );
    expect((await call(url, 'POST', token, asked)).status).toBe(200);
  });

  test('are refused without a location, in an unknown group, and with a subdomain that is taken', async () => {
    const nowhere = { ...language(), location: undefined };
    expect(codeOf(await manage('PUT', ACCOUNT, nowhere))).toEqual([400, 'LocationRequired']);
    const elsewhere = ACCOUNT.replace('/exercise/', '/nothing/');
    expect(codeOf(await manage('PUT', elsewhere, language()))).toEqual([404, 'ResourceGroupNotFound']);
    await manage('PUT', ACCOUNT, language());
    await manage('PUT', `${GROUP}-2`, { location: 'westeurope' });
    const second = ACCOUNT.replace('/exercise/', '/exercise-2/');
    expect(codeOf(await manage('PUT', second, language()))).toEqual([409, 'CustomDomainInUse']);
    await manage('DELETE', `${GROUP}-2`);
  });
});

/** The status of a call from a loopback address: `127.0.0.N` is seen as `203.0.113.N`. */
function callFrom(localAddress: string, key: string): Promise<number> {
  const url = `${azure().dataPlaneEndpoint('exercise-language')}language/:analyze-text?api-version=2023-04-01`;
  const body = JSON.stringify({
    kind: 'LanguageDetection',
    analysisInput: { documents: [{ id: '1', text: 'Hello' }] },
  });
  const headers = { 'ocp-apim-subscription-key': key, 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', localAddress, headers, family: 4 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('address rules', () => {
  test('let in only the listed ranges, before any key is looked at', async () => {
    await manage('PUT', ACCOUNT, language());
    const { body: keys } = await manage('POST', `${ACCOUNT}/listKeys`, {});
    const key = String(keys['key1']);
    const restrict = (...ranges: string[]): Promise<Reply> => {
      const ipRules = ranges.map((value) => ({ value }));
      return manage('PATCH', ACCOUNT, { properties: { networkAcls: { defaultAction: 'Deny', ipRules } } });
    };
    const statuses = () =>
      Promise.all([callFrom('127.0.0.1', key), callFrom('127.0.0.1', 'bad'), callFrom('127.0.0.9', key)]);
    expect(await statuses()).toEqual([200, 401, 200]);
    await restrict('198.51.100.0/24');
    expect(await statuses()).toEqual([403, 403, 403]);
    const shown = await restrict('198.51.100.0/24', '203.0.113.1');
    expect(shown.body['properties']).toMatchObject({
      networkAcls: { defaultAction: 'Deny', ipRules: [{ value: '198.51.100.0/24' }, { value: '203.0.113.1' }] },
    });
    expect(await statuses()).toEqual([200, 401, 403]);
    await restrict('203.0.113.8/30');
    expect(await statuses()).toEqual([403, 403, 200]);
  });

  test('do nothing while the default is to allow, and are refused when they are no public range', async () => {
    await manage(
      'PUT',
      ACCOUNT,
      language({ networkAcls: { defaultAction: 'Allow', ipRules: [{ value: '198.51.100.0/24' }] } }),
    );
    const { body: keys } = await manage('POST', `${ACCOUNT}/listKeys`, {});
    expect(await callFrom('127.0.0.1', String(keys['key1']))).toBe(200);
    for (const value of ['everywhere', '203.0.113.0/33', '203.0.113.256', '10.0.0.0/8', '192.168.1.1']) {
      const networkAcls = { defaultAction: 'Deny', ipRules: [{ value }] };
      expect([value, (await manage('PATCH', ACCOUNT, { properties: { networkAcls } })).status]).toEqual([value, 400]);
    }
  });
});

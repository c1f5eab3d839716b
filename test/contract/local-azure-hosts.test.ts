// The hosts of the local data plane: which accounts each serves, and how it refuses the others.
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountState } from '../../local/azure/world/world.ts';
import { send } from '../../src/azure/client/send.ts';
import { type NamedAzure, startNamedAzure } from './named-azure.ts';

let named: NamedAzure;
beforeAll(async () => {
  named = await startNamedAzure();
});
afterAll(() => named.close());

async function call(line: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  const [method = '', url = ''] = line.split(' ');
  const { status, bodyAsText } = await send(
    createPipelineRequest({
      method: method as 'GET' | 'POST',
      url,
      headers: createHttpHeaders({ 'content-length': '0', ...headers }),
    }),
  );
  return { status, body: bodyAsText ?? '' };
}
const withKey = ({ keys }: AccountState) => ({ 'ocp-apim-subscription-key': keys.key1.value });
const endpointOf = ({ seed }: AccountState) => named.azure.dataPlaneEndpoint(seed.name);

describe('an endpoint as Azure Resource Manager lists it', () => {
  test.each([
    ['a custom subdomain', 'Face', {}, true, 'https://one.cognitiveservices.azure.com/'],
    ['a region', 'Face', {}, false, 'https://westeurope.api.cognitive.microsoft.com/'],
    ['no region', 'Face', { location: 'global' }, false, 'https://api.cognitive.microsoft.com/'],
    [
      'Translator, also with a custom subdomain',
      'TextTranslation',
      {},
      true,
      'https://api.cognitive.microsofttranslator.com/',
    ],
    [
      'Translator in US Government',
      'TextTranslation',
      { cloud: 'usGovernment' },
      true,
      'https://api.cognitive.microsofttranslator.us/',
    ],
    ['Translator in China', 'TextTranslation', { cloud: 'china' }, false, 'https://api.translator.azure.cn/'],
    [
      'a region of China',
      'Face',
      { cloud: 'china', location: 'chinaeast2' },
      false,
      'https://chinaeast2.api.cognitive.azure.cn/',
    ],
    ['US Government', 'Face', { cloud: 'usGovernment' }, true, 'https://one.cognitiveservices.azure.us/'],
  ] as const)('%s', (_name, kind, seed, hasCustomSubdomain, expected) => {
    const account = named.addAccount(kind, { name: 'one', ...seed });
    account.knobs.hasCustomSubdomain = hasCustomSubdomain;
    expect(named.azure.dataPlaneEndpoint('one')).toBe(expected);
    named.azure.world.accounts.delete(account.id.toLowerCase());
  });

  test('may have a path', () => {
    const account = named.addAccount('SpeechServices');
    Object.assign(account.knobs, { hasCustomSubdomain: false, endpointPath: 'sts/v1.0/issuetoken' });
    expect(endpointOf(account)).toBe('https://westeurope.api.cognitive.microsoft.com/sts/v1.0/issuetoken');
  });
});

describe('a host of many accounts', () => {
  const region = 'https://westeurope.api.cognitive.microsoft.com';

  test('knows the account by its key, and refuses unknown keys and keys of another region', async () => {
    const here = named.addAccount('Face');
    const elsewhere = named.addAccount('Face', { location: 'northeurope' });
    const line = `GET ${region}/face/v1.0/facelists`;
    expect((await call(line, withKey(here))).status).toBe(200);
    expect((await call(line, withKey(elsewhere))).status).toBe(401);
    expect((await call(line, { 'ocp-apim-subscription-key': 'unknown' })).status).toBe(401);
    expect((await call(line, { authorization: 'Bearer any' })).status).toBe(401);
    const { token } = await new ManagedIdentityCredential().getToken('https://cognitiveservices.azure.com/.default');
    const refused = await call(line, { authorization: `Bearer ${token}` });
    expect([refused.status, refused.body]).toEqual([
      400,
      '{"error":{"code":"BadRequest","message":"Please provide a custom subdomain for token authentication, otherwise API key is required."}}',
    ]);
  });

  test('keeps serving the value before a regenerate as long as a node takes it', async () => {
    const account = named.addAccount('Face');
    const before = withKey(account);
    account.knobs.nodes = [{ acceptsNewAfterMs: 0, acceptsOldForMs: 60_000 }];
    named.azure.world.regenerateKey(account.id, 'key1');
    expect((await call(`GET ${region}/face/v1.0/facelists`, before)).status).toBe(200);
    account.knobs.nodes = [{ acceptsNewAfterMs: 0, acceptsOldForMs: 0 }];
    expect((await call(`GET ${region}/face/v1.0/facelists`, before)).status).toBe(401);
  });

  test('does not serve an account with network rules, which its own subdomain does', async () => {
    const account = named.addAccount('TextTranslation');
    account.knobs.networkRules = { defaultAction: 'Deny', ipRules: ['203.0.113.0/24'] };
    const refused = await call(`POST ${region}/sts/v1.0/issueToken`, withKey(account));
    expect([refused.status, refused.body]).toEqual([
      403,
      '{"error":{"code":"403","message": "Access denied due to Virtual Network/Firewall rules."}}',
    ]);
    const own = `POST https://${account.seed.name}.cognitiveservices.azure.com/sts/v1.0/issueToken`;
    expect((await call(own, withKey(account))).status).toBe(200);
  });
});

describe("an account's own host", () => {
  test('answers 404 for a subdomain that no account has', async () => {
    const account = named.addAccount('Face');
    const line = `GET https://${account.seed.name}.cognitiveservices.azure.com/face/v1.0/facelists`;
    expect((await call(line, withKey(account))).status).toBe(200);
    account.knobs.hasCustomSubdomain = false;
    expect((await call(line, withKey(account))).status).toBe(404);
  });

  test('answers 403 to everybody without public network access', async () => {
    const account = named.addAccount('Face');
    account.knobs.publicNetworkAccess = 'Disabled';
    const { status, body } = await call(`GET ${endpointOf(account)}face/v1.0/facelists`, withKey(account));
    expect([status, body]).toEqual([
      403,
      '{"error":{"code":"403","message":"Public access is disabled. Please configure private endpoint."}}',
    ]);
  });

  test('takes the key of Custom Vision only in the header that its service reads', async () => {
    const account = named.addAccount('CustomVision.Training');
    const line = `GET ${endpointOf(account)}customvision/v3.3/training/domains`;
    expect((await call(line, { 'training-key': account.keys.key1.value })).status).toBe(200);
    expect((await call(line, withKey(account))).status).toBe(401);
  });
});

describe("Translator's own host", () => {
  const translate = 'POST https://api.cognitive.microsofttranslator.com/translate?api-version=3.0&to=de';

  test('asks for the region of an account that has one', async () => {
    const account = named.addAccount('TextTranslation');
    const region = (value: string) => ({ 'ocp-apim-subscription-region': value });
    const without = await call(translate, withKey(account));
    expect([without.status, JSON.parse(without.body)]).toMatchObject([401, { error: { code: 401_001 } }]);
    const wrong = await call(translate, { ...withKey(account), ...region('northeurope') });
    expect([wrong.status, JSON.parse(wrong.body)]).toMatchObject([401, { error: { code: 401_000 } }]);
    // The body is empty: that is found after the key and the region.
    expect((await call(translate, { ...withKey(account), ...region('westeurope') })).status).toBe(400);
    const global = named.addAccount('TextTranslation', { location: 'global' });
    expect((await call(translate, withKey(global))).status).toBe(400);
  });

  test('issues no tokens', async () => {
    const account = named.addAccount('TextTranslation', { location: 'global' });
    const line = 'POST https://api.cognitive.microsofttranslator.com/sts/v1.0/issueToken';
    expect((await call(line, withKey(account))).status).toBe(404);
  });
});

// The connectivity check: what it finds, what it recommends, and that it changes nothing.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AccountKnobs, AccountState } from '../../../local/azure/world/world.ts';
import { type HttpStage, startHttpStage } from './stage.ts';

interface Finding {
  readonly check: string;
  readonly result: string;
  readonly detail: string;
  readonly remedy?: string;
}

let stage: HttpStage;
let shop: AccountState;
let speech: AccountState;
let untouched: AccountKnobs;
beforeAll(async () => {
  stage = await startHttpStage();
  shop = stage.addAccount('shop');
  speech = stage.addAccount('speech', {}, {}, 'SpeechServices');
  untouched = { ...shop.knobs };
  await stage.adopt();
});
afterEach(() => {
  Object.assign(shop.knobs, untouched);
  stage.azure.faults.clear();
});
afterAll(() => stage.close());

const check = async (account = 'shop', body: object = {}) => {
  const answer = await stage.post(`accounts/${account}/check`, body);
  const findings = answer.body['findings'] as Finding[];
  const find = (name: string) => findings.filter((finding) => finding.check === name);
  return { ...answer, findings, find };
};

describe('a healthy account', () => {
  it('is answered 200, every finding passes, and nothing was written but the result', async () => {
    const before = stage.azure.requests.length;
    const { status, body, findings } = await check();
    expect(status).toBe(200);
    expect(body).toMatchObject({ account: 'shop', isHealthy: true, isReadyForKeyless: true });
    expect(findings.map((finding) => [finding.check, finding.result])).toEqual([
      ['keysListed', 'pass'],
      ['key1Accepted', 'pass'],
      ['key2Accepted', 'pass'],
      ['publishedIsLive', 'pass'],
      ['announcedIsInLine', 'pass'],
      ['recordFollows', 'pass'],
      ['armPermissions', 'pass'],
      ['provisioningState', 'pass'],
      ['keyAuthentication', 'pass'],
      ['customSubdomain', 'pass'],
      ['networkRules', 'pass'],
      ['keyless', 'pass'],
    ]);
    const operations = stage.azure.requests.slice(before).map(({ operation }) => operation);
    expect(operations.filter((operation) => /^(set|update|upsert|regenerate|insert|tr)/.test(operation))).toEqual([
      'upsertEntity',
    ]);
  });
  it('whose kind exchanges keys for tokens is asked for one', async () => {
    expect((await check('speech')).find('tokenExchange')).toMatchObject([{ result: 'pass' }]);
    expect(speech.seed.kind).toBe('SpeechServices');
  });
});

describe('what is wrong is a finding with a remedy', () => {
  it('actions that the identity lacks are named', async () => {
    shop.knobs.missingActions = ['Microsoft.CognitiveServices/accounts/regenerateKey/action'];
    const { status, find } = await check();
    expect(status).toBe(503);
    expect(find('armPermissions')).toEqual([
      {
        check: 'armPermissions',
        result: 'fail',
        detail:
          'The identity may not regenerate a key: Microsoft.CognitiveServices/accounts/regenerateKey/action is missing.',
        remedy:
          'Assign a role with Microsoft.CognitiveServices/accounts/regenerateKey/action on the account; new assignments take some minutes.',
      },
    ]);
  });
  it('permissions that may not be listed are unknown, with what this check has proven and the command that tells', async () => {
    const body = { error: { code: 'AuthorizationFailed', message: 'x' } };
    const fault = { kind: 'answer', status: 403, body } as const;
    stage.azure.faults.add({ service: 'arm', operation: 'listPermissions', fault });
    const { status, find } = await check();
    expect(status).toBe(200);
    expect(find('armPermissions')).toEqual([
      {
        check: 'armPermissions',
        result: 'unknown',
        detail:
          'The identity may not list its own permissions. It may list the keys of the account, as this check has done. Whether it may regenerate a key is not known.',
        remedy: `This lists its roles: az role assignment list --assignee <client id> --scope ${shop.id.toLowerCase()} --include-inherited --include-groups --output table`,
      },
    ]);
  });
  it('permissions that cannot be listed are unknown, with the cause', async () => {
    stage.azure.faults.add({
      service: 'arm',
      operation: 'listPermissions',
      fault: { kind: 'serverError', status: 503 },
    });
    expect((await check()).find('armPermissions')).toMatchObject([
      { result: 'unknown', remedy: expect.stringContaining('arm listPermissions (503') as unknown },
    ]);
  });
  it('a firewall that keeps us out: the subnet to allow, and no addresses, of which there is no definitive list', async () => {
    shop.knobs.isDeniedByFirewall = true;
    const { status, find } = await check();
    expect(status).toBe(503);
    expect(find('networkRules')).toMatchObject([
      {
        result: 'fail',
        detail: expect.stringContaining('Selected networks only. Let in: no address, 0 subnets.') as unknown,
        remedy:
          'Integrate the Function App into a virtual network, and allow its subnet or give the account a private endpoint there. Its outbound addresses are no definitive list.',
      },
    ]);
    expect(find('key1Accepted')).toMatchObject([
      { result: 'fail', remedy: expect.stringContaining('network') as unknown },
    ]);
  });
  it('a refusal, in the sentence of its cause, wherever it is read', async () => {
    const refuse = (service: 'keyVault' | 'appConfiguration', operation: string, body: object) =>
      stage.azure.faults.add({ service, operation, fault: { kind: 'answer', status: 403, body } });
    refuse('appConfiguration', 'listKeyValues', { type: 'https://azconfig.io/errors/ip-address-rejected', title: 'x' });
    expect((await check()).find('announcedIsInLine')).toMatchObject([
      {
        result: 'fail',
        remedy:
          'appConfiguration read (403 ip-address-rejected): the network rules keep the function app out; let its network in or give it a private endpoint.',
      },
    ]);
    refuse('keyVault', 'getSecret', { error: { code: 'Forbidden', innererror: { code: 'ForbiddenByPolicy' } } });
    expect((await check()).find('keyVaultReachable')).toMatchObject([
      {
        remedy:
          'keyVault readNewest (403 ForbiddenByPolicy): the access policies of the vault do not let the identity in; give it Get on secrets in an access policy.',
      },
    ]);
  });
  it('keys that are switched off, although they cannot even be listed', async () => {
    shop.knobs.isLocalAuthDisabled = true;
    const { status, find } = await check();
    expect(status).toBe(503);
    expect(find('armReachable')).toMatchObject([{ result: 'fail' }]);
    expect(find('keyAuthentication')).toMatchObject([
      { result: 'fail', detail: expect.stringContaining('disableLocalAuth') as unknown },
    ]);
  });
  it('as deployed, without a role on the data plane: ready for keyless, because the token was taken', async () => {
    shop.knobs.isEntraRoleMissing = true;
    const { status, body, find } = await check();
    expect([status, body['isReadyForKeyless']]).toEqual([200, true]);
    expect(find('keyless')).toEqual([
      {
        check: 'keyless',
        result: 'pass',
        detail:
          'Ready for keyless: the data plane took the token of this identity, and refused it only for want of a role. Each application needs Cognitive Services User, or the role of its kind.',
      },
    ]);
  });
  it('what is missing for keyless', async () => {
    const fault = { kind: 'answer', status: 401, body: { statusCode: 401, message: 'x' } } as const;
    const remove = stage.azure.onRequest(({ operation }) => {
      // After the probes of both keys, only the call with a token is left.
      if (operation === 'listPermissions') stage.azure.faults.add({ service: 'dataPlane', times: 1, fault });
    });
    const refused = await check();
    remove();
    expect(refused.body['isReadyForKeyless']).toBe(false);
    expect(refused.find('keyless')).toMatchObject([
      {
        result: 'warning',
        detail: 'Not ready for keyless: the data plane refused a Microsoft Entra token of this identity (status 401).',
      },
    ]);
    stage.azure.faults.clear();
    shop.knobs.hasCustomSubdomain = false;
    const subdomain = await check();
    expect(subdomain.body['isReadyForKeyless']).toBe(false);
    expect(subdomain.find('customSubdomain')).toMatchObject([{ result: 'warning' }]);
    expect(subdomain.find('keyless')).toMatchObject([
      { detail: 'Not ready for keyless: there is no custom subdomain.' },
    ]);
  });
  it('what cannot be known about keyless is unknown, with the command that tells', async () => {
    shop.knobs.isDeniedByFirewall = true;
    const { body, find } = await check();
    expect(body['isReadyForKeyless']).toBe('unknown');
    expect(find('keyless')).toMatchObject([
      {
        result: 'unknown',
        detail: 'Whether the account could do without keys is not known: the call was answered with status 403.',
        remedy: expect.stringMatching(
          /^This tells, from a network that is let in: az rest --method post --resource https:\/\/cognitiveservices\.azure\.com --url "https:\/\/.*analyze-text/,
        ) as unknown,
      },
    ]);
  });
  it('an account that is being moved', async () => {
    shop.knobs.provisioningState = 'Moving';
    const { find } = await check();
    expect(find('provisioningState')).toMatchObject([{ result: 'warning', detail: 'The account is Moving.' }]);
  });
  it('a published value that is no live key', async () => {
    stage.azure.world.regenerateKey(shop.id, 'key1');
    const { status, find } = await check();
    expect(status).toBe(503);
    expect(find('publishedIsLive')).toMatchObject([{ result: 'fail' }]);
    await stage.tick();
  });
});

describe('other secrets in the vault', () => {
  it('that hold a key are named, also when it stands within a longer text; values are never answered', async () => {
    const { vault } = stage.azure.world;
    vault.set('copy-of-key2', { value: shop.keys.key2.value });
    vault.set('connection', { value: `Endpoint=https://x;Key=${shop.keys.key1.value};` });
    vault.set('switched-off', { value: shop.keys.key1.value, isEnabled: false });
    vault.set('former', { value: shop.keys.key1.value });
    vault.set('former', { value: 'something else' });
    for (let index = 0; index < 30; index++) vault.set(`noise-${index}`, { value: `noise ${index}` });
    const { status, find } = await check('shop', { searchVault: true });
    expect(status).toBe(200);
    expect(find('otherSecrets')).toEqual([
      {
        check: 'otherSecrets',
        result: 'warning',
        detail: 'Other secrets hold a key: connection (key1); copy-of-key2 (key2); 34 other secrets were searched.',
        remedy:
          'A rotation cuts off applications that read them: move these applications to the published secret first.',
      },
    ]);
  });
  it('are not looked at unless asked, and ones that cannot be read are counted', async () => {
    expect((await check()).find('otherSecrets')).toEqual([]);
    expect((await check('shop', { searchVault: false })).find('otherSecrets')).toEqual([]);
    const fault = { service: 'keyVault', operation: 'getSecret', times: 30, fault: { kind: 'refuse' } } as const;
    const remove = stage.azure.onRequest(({ operation }) => {
      // The pass over the account has read its own secret by then.
      if (operation === 'listSecrets') stage.azure.faults.add(fault);
    });
    stage.advance(60_000);
    const { find } = await check('shop', { searchVault: true });
    remove();
    expect(find('otherSecrets')[0]?.detail).toMatch(/could not be read/);
  });
  it('are at most 500: what is left out is said', async () => {
    for (let index = 0; index < 510; index++) stage.azure.world.vault.set(`more-${index}`, { value: 'noise' });
    stage.advance(60_000);
    const { find } = await check('shop', { searchVault: true });
    expect(find('otherSecrets')[0]?.detail).toMatch(/500 other secrets were searched, more were left out\.$/);
  });
  it('need an answer of true or false', async () => {
    const answer = await stage.post('accounts/shop/check', { searchVault: 'yes' });
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ field: 'searchVault' }] } });
  });
});

it('has never answered or logged a key', () => {
  const everything = stage.said.join('\n');
  for (const key of stage.everyKey()) {
    if (key.length >= 32) expect(everything).not.toContain(key);
  }
});

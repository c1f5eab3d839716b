// The vault of the local Azure, through the real secrets client.
import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TokenIssuer } from '../../local/azure/identity/tokens.ts';
import { bearer, failureOf, type LocalAzureUnderTest, send, startAzureUnderTest } from './local-azure-clients.ts';

let under: LocalAzureUnderTest;
let secrets: SecretClient;
const vaultScope = 'https://vault.azure.net/.default';

beforeAll(async () => {
  under = await startAzureUnderTest();
  ({ secrets } = under);
});
afterAll(() => under.azure.close());

const get = (path: string, authorization?: string) =>
  send(`${under.azure.endpoints.keyVault}${path}`, authorization === undefined ? {} : { headers: { authorization } });

describe('challenge', () => {
  test('a request without a token gets the challenge and nothing else', async () => {
    const answer = await get('/secrets/any?api-version=7.6');
    const { authority } = under.azure.endpoints;
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer authorization="${authority}/${under.azure.servicePrincipal.tenantId}", resource="https://vault.azure.net"`,
    );
    expect(answer.text).toBe(
      '{"error":{"code":"Unauthorized","message":"AKV10000: Request is missing a Bearer or PoP token."}}',
    );
  });

  test('a cold client writes once, after one challenge', async () => {
    const { endpoints, requests } = under.azure;
    const cold = new SecretClient(endpoints.keyVault, under.credential, { disableChallengeResourceVerification: true });
    const before = requests.length;
    await cold.setSecret('cold', 'value');
    const seen = requests.slice(before).filter(({ service }) => service === 'keyVault');
    expect(seen.map(({ operation, status, isChallenge }) => [operation, status, isChallenge])).toEqual([
      ['setSecret', 401, true],
      ['setSecret', 200, false],
    ]);
    expect(under.azure.world.vault.versions('cold')).toHaveLength(1);
  });

  test('a token for another audience, even with a slash, or an expired one is refused', async () => {
    const withSlash = await bearer(under.credential, 'https://vault.azure.net//.default');
    expect((await get('/secrets/any?api-version=7.6', withSlash)).text).toContain(
      'AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://vault.azure.net/.',
    );
    const { tenantId } = under.azure.servicePrincipal;
    const claims = { aud: 'https://vault.azure.net', oid: 'someone', appid: 'something' };
    const expired = new TokenIssuer(tenantId, () => Date.now()).issue(claims, -1);
    expect((await get('/secrets/any?api-version=7.6', `Bearer ${expired}`)).status).toBe(401);
  });
});

describe('secrets', () => {
  test('each write is a new version; value, tags, type and times come back', async () => {
    const expiresOn = new Date('2030-01-02T03:04:05Z');
    const first = await secrets.setSecret('mine', 'one');
    const second = await secrets.setSecret('mine', 'two', {
      tags: { CredentialId: 'key2' },
      contentType: 'text/plain',
      expiresOn,
    });
    expect(second.properties.version).not.toBe(first.properties.version);
    const read = await secrets.getSecret('MINE');
    expect([read.value, read.name]).toEqual(['two', 'mine']);
    expect(read.properties).toMatchObject({ tags: { CredentialId: 'key2' }, contentType: 'text/plain', expiresOn });
    expect(read.properties).toMatchObject({
      enabled: true,
      recoverableDays: 90,
      recoveryLevel: 'Recoverable+Purgeable',
    });
    const version = first.properties.version ?? '';
    expect((await secrets.getSecret('mine', { version })).value).toBe('one');
  });

  test('a patch changes one version, shows no value, and leaves what it does not name', async () => {
    const { properties } = await secrets.setSecret('patched', 'one', { tags: { a: '1' }, contentType: 'text/plain' });
    const updated = await secrets.updateSecretProperties('patched', properties.version ?? '', { tags: { b: '2' } });
    expect(updated.tags).toEqual({ b: '2' });
    expect(updated.contentType).toBe('text/plain');
    await secrets.setSecret('patched', 'two');
    const newest = await secrets.updateSecretProperties('patched', '', { contentType: 'newest' });
    expect(newest.version).not.toBe(properties.version);
  });

  test('a disabled version cannot be read, and it is the newest all the same', async () => {
    const { properties } = await secrets.setSecret('off', 'one');
    await secrets.updateSecretProperties('off', properties.version ?? '', { enabled: false });
    expect(await failureOf(secrets.getSecret('off'))).toEqual({
      status: 403,
      code: 'Forbidden',
      message: 'Operation get is not allowed on a disabled secret.',
    });
    await secrets.setSecret('off', 'two', { enabled: false });
    expect(await failureOf(secrets.getSecret('off'))).toMatchObject({ status: 403 });
  });

  test('lists versions page by page without values', async () => {
    for (let index = 0; index < 5; index += 1) await secrets.setSecret('many', `value-${index}`);
    const pages: number[] = [];
    const iterator = secrets.listPropertiesOfSecretVersions('many').byPage({ maxPageSize: 2 });
    for await (const page of iterator) pages.push(page.length);
    expect(pages).toEqual([2, 2, 1]);
    const authorization = await bearer(under.credential, vaultScope);
    expect((await get('/secrets/many/versions?api-version=7.6', authorization)).text).not.toContain('value-');
  });

  test('a missing secret and a missing version are not found', async () => {
    const failure = await failureOf(secrets.getSecret('absent'));
    expect(failure).toMatchObject({ status: 404, code: 'SecretNotFound' });
    expect(failure.message).toMatch(/^A secret with \(name\/id\) absent was not found in this key vault\./);
    await secrets.setSecret('present', 'one');
    const version = '0123456789abcdef0123456789abcdef';
    expect(await failureOf(secrets.getSecret('present', { version }))).toMatchObject({ status: 404 });
  });

  test('a deleted secret keeps its name until it is recovered or purged', async () => {
    await secrets.setSecret('gone', 'one');
    const poller = await secrets.beginDeleteSecret('gone', { intervalInMs: 1 });
    await poller.pollUntilDone();
    expect((await secrets.getDeletedSecret('gone')).recoveryId).toBe(
      `${under.azure.endpoints.keyVault}/deletedsecrets/gone`,
    );
    expect(await failureOf(secrets.setSecret('gone', 'two'))).toEqual({
      status: 409,
      code: 'Conflict',
      message:
        'Secret gone is currently in a deleted but recoverable state, and its name cannot be reused; ' +
        'in this state, the secret can only be recovered or purged.',
    });
    await (await secrets.beginRecoverDeletedSecret('gone', { intervalInMs: 1 })).pollUntilDone();
    expect((await secrets.getSecret('gone')).value).toBe('one');
    await (await secrets.beginDeleteSecret('gone', { intervalInMs: 1 })).pollUntilDone();
    await secrets.purgeDeletedSecret('gone');
    expect((await secrets.setSecret('gone', 'new')).value).toBe('new');
    const names: string[] = [];
    for await (const { name } of secrets.listPropertiesOfSecrets()) names.push(name);
    expect(names).toContain('gone');
  });
});

describe('strictness', () => {
  test('refuses names, tags and versions of the protocol that Key Vault refuses', async () => {
    expect(await failureOf(secrets.setSecret('under_score', 'x'))).toMatchObject({ status: 400, code: 'BadParameter' });
    const tags = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`tag${index}`, 'x']));
    expect(await failureOf(secrets.setSecret('tagged', 'x', { tags }))).toMatchObject({ status: 400 });
    const authorization = await bearer(under.credential, vaultScope);
    expect((await get('/secrets/any?api-version=1999-01-01', authorization)).status).toBe(400);
    expect((await get('/secrets/any', authorization)).status).toBe(400);
  });

  test.each(['2015-06-01', '2016-10-01', '7.0', '7.1', '7.2', '7.3', '7.4', '7.5', '7.6', '2025-07-01'])(
    'takes version %s of the protocol, which SDKs of some year send',
    async (version) => {
      await secrets.setSecret('any-version', 'value');
      const authorization = await bearer(under.credential, vaultScope);
      const answer = await get(`/secrets/any-version/?api-version=${version}`, authorization);
      expect([answer.status, (JSON.parse(answer.text) as { value: string }).value]).toEqual([200, 'value']);
    },
  );
});

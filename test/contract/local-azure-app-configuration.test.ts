// The configuration store of the local Azure, through the real client.
import type { AppConfigurationClient } from '@azure/app-configuration';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TokenIssuer } from '../../local/azure/identity/tokens.ts';
import { bearer, failureOf, type LocalAzureUnderTest, send, startAzureUnderTest } from './local-azure-clients.ts';

let under: LocalAzureUnderTest;
let client: AppConfigurationClient;

beforeAll(async () => {
  under = await startAzureUnderTest();
  client = under.configuration;
});
afterAll(() => under.azure.close());

async function request(path: string, init: RequestInit = {}) {
  const authorization = await bearer(under.credential, 'https://appconfig.azure.com/.default');
  const headers = { authorization, ...(init.headers as Record<string, string> | undefined) };
  return send(`${under.azure.endpoints.appConfiguration}${path}`, { ...init, headers });
}

describe('key-values', () => {
  test('come back as written, by key and label, whatever characters are in the key', async () => {
    const key = 'Team/A:key #1?';
    await client.setConfigurationSetting({ key, value: 'none' });
    await client.setConfigurationSetting({
      key,
      label: 'prod',
      value: 'labelled',
      contentType: 'application/json',
      tags: { owner: 'us' },
    });
    const labelled = await client.getConfigurationSetting({ key, label: 'prod' });
    expect(labelled).toMatchObject({ key, label: 'prod', value: 'labelled', contentType: 'application/json' });
    expect(labelled).toMatchObject({ tags: { owner: 'us' }, isReadOnly: false });
    expect((await client.getConfigurationSetting({ key })).value).toBe('none');
    expect(labelled.lastModified?.getFullYear()).toBeGreaterThan(2000);
  });

  test('an absent one is 404 without a body', async () => {
    expect(await failureOf(client.getConfigurationSetting({ key: 'absent' }))).toMatchObject({ status: 404 });
    const raw = await request('/kv/absent?api-version=2023-11-01');
    expect([raw.status, raw.text, raw.headers.get('sync-token')]).toEqual([404, '', null]);
    expect((await client.deleteConfigurationSetting({ key: 'absent' })).statusCode).toBe(204);
  });

  test('a write under a stale ETag is 412 without a body and changes nothing', async () => {
    const first = await client.setConfigurationSetting({ key: 'guarded', value: '1' });
    const second = await client.setConfigurationSetting({ key: 'guarded', value: '2' });
    expect(second.etag).not.toBe(first.etag);
    const stale = client.setConfigurationSetting({ ...first, value: '3' }, { onlyIfUnchanged: true });
    expect(await failureOf(stale)).toMatchObject({ status: 412 });
    expect((await client.getConfigurationSetting({ key: 'guarded' })).value).toBe('2');
    const raw = await request('/kv/guarded?api-version=2023-11-01', {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'if-none-match': '*' },
      body: '{"value":"4"}',
    });
    expect([raw.status, raw.text, raw.headers.get('sync-token')]).toEqual([412, '', null]);
    expect(await failureOf(client.addConfigurationSetting({ key: 'guarded', value: '5' }))).toMatchObject({
      status: 412,
    });
    await client.setConfigurationSetting({ ...second, value: '6' }, { onlyIfUnchanged: true });
    expect((await client.getConfigurationSetting({ key: 'guarded' })).value).toBe('6');
  });

  test('an unchanged one is 304', async () => {
    const written = await client.setConfigurationSetting({ key: 'cached', value: '1' });
    const same = await client.getConfigurationSetting(written, { onlyIfChanged: true });
    expect(same.statusCode).toBe(304);
    await client.setConfigurationSetting({ key: 'cached', value: '2' });
    expect((await client.getConfigurationSetting(written, { onlyIfChanged: true })).value).toBe('2');
  });

  test('a locked one refuses writes with a typo, and locking changes its ETag', async () => {
    const written = await client.setConfigurationSetting({ key: 'locked', value: '1' });
    const locked = await client.setReadOnly({ key: 'locked' }, true);
    expect([locked.isReadOnly, locked.etag === written.etag]).toEqual([true, false]);
    const raw = await request('/kv/locked?api-version=2023-11-01', { method: 'DELETE' });
    expect(raw.status).toBe(409);
    expect(raw.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(raw.text).toBe(
      '{"type":"https://azconfig.io/errors/key-locked","title":"Modifing key \'locked\' is not allowed",' +
        '"name":"locked","detail":"The key is read-only. To allow modification unlock it first.","status":409}',
    );
    await client.setReadOnly({ key: 'locked' }, false);
    expect((await client.deleteConfigurationSetting({ key: 'locked' })).statusCode).toBe(200);
  });
});

describe('lists', () => {
  const keysOf = async (options: Parameters<AppConfigurationClient['listConfigurationSettings']>[0]) => {
    const found: string[] = [];
    for await (const { key, label } of client.listConfigurationSettings(options)) found.push(`${key}|${label ?? ''}`);
    return found;
  };

  test('filter by key, label and tag, ordered by key and then label', async () => {
    for (const [key, label] of [
      ['filter:b', undefined],
      ['filter:a', 'two'],
      ['filter:a', undefined],
      ['filter,c', undefined],
    ] as const) {
      const tags = key === 'filter:b' ? { team: 'x' } : {};
      await client.setConfigurationSetting({ key, value: '1', tags, ...(label === undefined ? {} : { label }) });
    }
    expect(await keysOf({ keyFilter: 'filter:*' })).toEqual(['filter:a|', 'filter:a|two', 'filter:b|']);
    expect(await keysOf({ keyFilter: 'filter:a,filter:b', labelFilter: '\0' })).toEqual(['filter:a|', 'filter:b|']);
    expect(await keysOf({ keyFilter: 'filter\\,c' })).toEqual(['filter,c|']);
    expect(await keysOf({ keyFilter: 'filter:*', labelFilter: 'two' })).toEqual(['filter:a|two']);
    expect(await keysOf({ keyFilter: 'filter:*', tagsFilter: ['team=x'] })).toEqual(['filter:b|']);
    expect(await failureOf(keysOf({ keyFilter: 'a,b,c,d,e,f' }))).toMatchObject({ status: 400 });
  });

  test('are paged; an unchanged page is 304 and still leads on', async () => {
    const { store } = under.azure.world;
    for (let index = 100; index < 205; index += 1) store.set(`page:${index}`, null, { value: 'x' });
    const etags: string[] = [];
    for await (const page of client.listConfigurationSettings({ keyFilter: 'page:*' }).byPage()) {
      etags.push(page.etag ?? '');
    }
    expect(etags).toHaveLength(2);
    store.set('page:203', null, { value: 'changed' });
    // The client tells the status as a number or as a text.
    const statuses: string[] = [];
    const again = client.listConfigurationSettings({ keyFilter: 'page:*', pageEtags: etags }).byPage();
    for await (const page of again) statuses.push(String(page._response.status));
    expect(statuses).toEqual(['304', '200']);
    const checked: string[] = [];
    const check = client.checkConfigurationSettings({ keyFilter: 'page:*', pageEtags: etags }).byPage();
    for await (const page of check) checked.push(String(page._response.status));
    expect(checked).toEqual(['304', '200']);
  });

  test('show the fields that were asked for', async () => {
    await client.setConfigurationSetting({ key: 'fields', value: '1' });
    const raw = await request('/kv?key=fields&$Select=key,etag&api-version=2023-11-01');
    expect(raw.headers.get('content-type')).toBe('application/vnd.microsoft.appconfig.kvset+json; charset=utf-8');
    const { items } = JSON.parse(raw.text) as { items: object[] };
    expect(items.map((item) => Object.keys(item))).toEqual([['etag', 'key']]);
  });
});

describe('strictness', () => {
  test('answers 401 with both schemes to a missing or bad token', async () => {
    const url = `${under.azure.endpoints.appConfiguration}/kv?api-version=2023-11-01`;
    const missing = await send(url);
    expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'HMAC-SHA256, Bearer']);
    const authorization = await bearer(under.credential, 'https://vault.azure.net/.default');
    const wrong = await send(url, { headers: { authorization } });
    expect(wrong.headers.get('www-authenticate')).toBe(
      'HMAC-SHA256, Bearer error="invalid_token", error_description="Authorization token failed validation"',
    );
    const claims = { aud: under.azure.endpoints.appConfiguration, oid: 'someone', appid: 'something' };
    const issuer = new TokenIssuer(under.azure.servicePrincipal.tenantId, () => Date.now());
    expect((await send(url, { headers: { authorization: `Bearer ${issuer.issue(claims, 60)}` } })).status).toBe(200);
    expect((await send(url, { headers: { authorization: `Bearer ${issuer.issue(claims, -1)}` } })).status).toBe(401);
  });

  test('refuses api-versions and bodies that App Configuration refuses', async () => {
    expect((await request('/kv')).text).toContain('"title":"API version is not specified"');
    expect((await request('/kv?api-version=1999-01-01')).text).toContain('"title":"Unsupported API version"');
    const body = '{"value":"x"}';
    const put = (path: string, headers: Record<string, string>, text: string) =>
      request(`/kv/${path}?api-version=2023-11-01`, { method: 'PUT', headers, body: text });
    expect((await put('typed', { 'content-type': 'text/plain' }, body)).status).toBe(415);
    expect((await put('typed', { 'content-type': 'application/json' }, '{')).status).toBe(400);
    const large = JSON.stringify({ value: 'x'.repeat(11_000) });
    expect((await put('typed', { 'content-type': 'application/json' }, large)).status).toBe(400);
  });
});

// The configuration store of the local Azure, where it once differed from Microsoft's own emulator: the same requests
// get the same status here as there.
import { request as rawRequest } from 'node:https';
import type { AppConfigurationClient } from '@azure/app-configuration';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, type LocalAzureUnderTest, send, startAzureUnderTest } from './local-azure-clients.ts';

let under: LocalAzureUnderTest;
let client: AppConfigurationClient;
let now = Date.parse('2026-11-30T12:00:00Z');

beforeAll(async () => {
  under = await startAzureUnderTest({ now: () => now });
  client = under.configuration;
});
afterAll(() => under.azure.close());

const VERSION = 'api-version=2023-11-01';

async function request(path: string, init: RequestInit = {}) {
  const authorization = await bearer(under.credential, 'https://appconfig.azure.com/.default');
  const headers = { authorization, ...(init.headers as Record<string, string> | undefined) };
  return send(`${under.azure.endpoints.appConfiguration}${path}`, { ...init, headers });
}

function put(key: string, body: object, headers: Record<string, string> = {}) {
  return request(`/kv/${key}?${VERSION}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function namesIn(path: string): Promise<readonly (string | null)[]> {
  const { items } = JSON.parse((await request(path)).text) as { items: { key?: string; name?: string | null }[] };
  return items.map(({ key, name }) => key ?? name ?? null);
}

describe('writes', () => {
  test('of equal content keep the ETag and the time; other tags or another type do not', async () => {
    const written = { value: '1', content_type: 'text/plain', tags: { a: 'b' } };
    const first = await put('equal', written);
    now += 1000;
    const again = await put('equal', written);
    expect(again.text).toBe(first.text);
    for (const other of [
      { ...written, value: '2' },
      { ...written, value: '2', tags: {} },
      { value: '2', tags: {} },
    ]) {
      const before = (await request(`/kv/equal?${VERSION}`)).headers.get('etag');
      expect((await put('equal', other)).headers.get('etag')).not.toBe(before);
    }
  });

  test('under If-None-Match with the current ETag are 412, with another one they pass', async () => {
    const etag = (await put('none-match', { value: '1' })).headers.get('etag') ?? '';
    expect((await put('none-match', { value: '2' }, { 'if-none-match': etag })).status).toBe(412);
    expect((await put('none-match', { value: '2' }, { 'if-none-match': '"another"' })).status).toBe(200);
    const lock = { method: 'PUT', headers: { 'if-none-match': '*' } };
    expect((await request(`/locks/none-match?${VERSION}`, lock)).status).toBe(412);
  });

  test('to a locked key-value are 412 when their condition fails, and 409 only when it holds', async () => {
    await put('held', { value: '1' });
    const locked = await request(`/locks/held?${VERSION}`, { method: 'PUT' });
    const etag = locked.headers.get('etag') ?? '';
    expect((await put('held', { value: '2' }, { 'if-match': '"stale"' })).status).toBe(412);
    expect((await put('held', { value: '2' }, { 'if-none-match': '*' })).status).toBe(412);
    expect((await put('held', { value: '2' }, { 'if-match': etag })).status).toBe(409);
    expect((await put('held', { value: '1' })).status).toBe(409);
    const remove = { method: 'DELETE', headers: { 'if-match': '"stale"' } };
    expect((await request(`/kv/held?${VERSION}`, remove)).status).toBe(412);
    expect((await request(`/locks/held?${VERSION}`, { method: 'PUT' })).headers.get('etag')).toBe(etag);
  });

  test('take a number as its text, and refuse any other value that is no text', async () => {
    expect(JSON.parse((await put('number', { value: 12.5 })).text)).toMatchObject({ value: '12.5' });
    expect((await put('number', { value: { a: 1 } })).status).toBe(400);
  });

  test('with a tag of more than 256 characters, or with a control character, are 400', async () => {
    const statusOf = async (tags: object) => (await put('tagged', { value: '1', tags })).status;
    expect(await statusOf({ a: 'x'.repeat(256) })).toBe(200);
    expect(await statusOf({ a: 'x'.repeat(257) })).toBe(400);
    expect(await statusOf({ ['x'.repeat(257)]: 'a' })).toBe(400);
    expect(await statusOf({ a: 'two\nlines' })).toBe(400);
  });

  test('to a key with % are 400, to . and .. too, and a POST is 404', async () => {
    expect((await put('100%25', { value: '1' })).status).toBe(400);
    expect((await request(`/locks/100%25?${VERSION}`, { method: 'PUT' })).status).toBe(400);
    expect((await request(`/kv?key=100%25&${VERSION}`)).status).toBe(200);
    expect((await request(`/kv/posted?${VERSION}`, { method: 'POST' })).status).toBe(404);
    const authorization = await bearer(under.credential, 'https://appconfig.azure.com/.default');
    const { hostname, port } = new URL(under.azure.endpoints.appConfiguration);
    for (const key of ['.', '..', '%2e%2E']) {
      const status = await new Promise((resolve, reject) => {
        const asked = rawRequest({ hostname, port, path: `/kv/${key}?${VERSION}`, headers: { authorization } });
        asked.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
        asked.end();
      });
      expect(status, key).toBe(400);
    }
  });
});

describe('filters', () => {
  beforeAll(async () => {
    await put('f:a', { value: '1', tags: { 'a=b': 'c', team: 'x' } });
    await put('f:b', { value: '1', tags: { team: '' } });
    await put('f*', { value: '1' });
  });

  test('take an asterisk at the end of a single value only', async () => {
    for (const filter of ['f:a*,f:b', 'f:a,f:b*', 'f*a', 'f*a*']) {
      expect((await request(`/kv?key=${filter}&${VERSION}`)).status, filter).toBe(400);
      expect((await request(`/kv?label=${filter}&${VERSION}`)).status, filter).toBe(400);
    }
    expect(await namesIn(`/kv?key=f:*&${VERSION}`)).toEqual(['f:a', 'f:b']);
    expect(await namesIn(`/kv?key=f:b,f:a&${VERSION}`)).toEqual(['f:a', 'f:b']);
    expect(await namesIn(`/kv?key=f%5C*&${VERSION}`)).toEqual(['f*']);
  });

  test('that are empty match everything', async () => {
    const all = await namesIn(`/kv?${VERSION}`);
    expect(all).toContain('f:a');
    expect(await namesIn(`/kv?key=&label=&tags=&${VERSION}`)).toEqual(all);
  });

  test('of tags are a name, one equals sign and a value, with escapes', async () => {
    expect(await namesIn(`/kv?tags=team%3Dx&${VERSION}`)).toEqual(['f:a']);
    expect(await namesIn(`/kv?tags=team%3D&${VERSION}`)).toEqual(['f:b']);
    expect(await namesIn(`/kv?tags=a%5C%3Db%3Dc&tags=team%3Dx&${VERSION}`)).toEqual(['f:a']);
    for (const filter of ['noequals', '%3Dx', 'a%3Db%3Dc', 'a%3Db*']) {
      const refused = await request(`/kv?tags=${filter}&${VERSION}`);
      expect([refused.status, refused.text.includes('"name":"tags"')], filter).toEqual([400, true]);
    }
  });
});

describe('the past', () => {
  test('is listed as revisions, the newest first, and is read at an instant', async () => {
    for (const value of ['1', '2', '2', '3']) {
      now += 60_000;
      await client.setConfigurationSetting({ key: 'history', label: 'l', value });
    }
    const between = new Date(now - 60_000);
    await client.deleteConfigurationSetting({ key: 'history', label: 'l' });
    const values: (string | undefined)[] = [];
    for await (const { value } of client.listRevisions({ keyFilter: 'history', labelFilter: 'l' })) values.push(value);
    expect(values).toEqual(['3', '2', '1']);
    const setting = { key: 'history', label: 'l' };
    expect((await client.getConfigurationSetting(setting, { acceptDateTime: between })).value).toBe('2');
    const listed: (string | undefined)[] = [];
    const past = client.listConfigurationSettings({ keyFilter: 'history', acceptDateTime: between });
    for await (const { value } of past) listed.push(value);
    expect(listed).toEqual(['2']);
  });

  test('has pages of a hundred', async () => {
    for (let index = 0; index < 105; index++) under.azure.world.store.set('many', null, { value: String(index) });
    const values: (string | undefined)[] = [];
    for await (const { value } of client.listRevisions({ keyFilter: 'many' })) values.push(value);
    expect([values.length, values[0], values[99], values[100], values[104]]).toEqual([105, '104', '5', '4', '0']);
  });
});

test('keys and labels are listed, each name once', async () => {
  for (const label of ['n1', 'n2']) await client.setConfigurationSetting({ key: 'named', label, value: '1' });
  expect(await namesIn(`/keys?name=named&${VERSION}`)).toEqual(['named']);
  expect(await namesIn(`/labels?name=n*&${VERSION}`)).toEqual(['n1', 'n2']);
  expect((await namesIn(`/labels?${VERSION}`))[0]).toBeNull();
  expect((await request(`/keys?key=named&${VERSION}`)).status).toBe(400);
  const labels: (string | undefined)[] = [];
  for await (const { name } of client.listLabels({ nameFilter: 'n1,n2' })) labels.push(name);
  expect(labels).toEqual(['n1', 'n2']);
});

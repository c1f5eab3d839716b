// What every route refuses: parameters and fields that it does not know, unseen characters, texts that may hold a key.
import { HttpRequest } from '@azure/functions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../../src/http/contract/operations.ts';
import { pageQuery } from '../../../src/http/contract/schemas.ts';
import { readQuery } from '../../../src/http/guard.ts';
import { type HttpStage, startHttpStage } from './stage.ts';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  stage.addAccount('shop');
  await stage.adopt();
});
afterAll(() => stage.close());

/** Names that every object of JavaScript has, and a typing error. */
const TRAPS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'limti'] as const;
const asText = expect.any(String) as unknown;

describe.each(TRAPS)('a parameter named %s', (name) => {
  it.each(OPERATIONS.map(({ method, path }) => [method, path] as const))(
    'is refused by %s %s',
    async (method, path) => {
      const address = `${path.replace('{account}', 'shop').replaceAll(/\{\w+\}/g, 'x')}?${name}=x`;
      const body = { reason: 'x', consumer: 'x', version: '0'.repeat(32), filter: {} };
      const answer = method === 'get' ? await stage.get(address) : await stage.post(address, body);
      expect(answer).toMatchObject({ status: 400, body: { fields: [{ field: name, expected: asText }] } });
    },
  );
  it('is refused as a field of a body, on the top and within', async () => {
    const inside = await stage.post('campaigns', `{"reason":"x","dryRun":true,"filter":{"${name}":"x"}}`);
    expect(inside.status).toBe(400);
    const { status, body } = await stage.post('accounts/shop/check', `{"${name}":{"a":1}}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ fields: [{ field: name }] });
  });
});

it('the host takes its own parameters, and a parameter counts once', async () => {
  expect((await stage.get('accounts?code=a-key&clientId=x')).status).toBe(200);
  const twice = new HttpRequest({ url: 'https://x.example/api/accounts?limit=1&limit=1000', method: 'GET' });
  expect(() => readQuery(twice, pageQuery)).toThrow('Not as expected: limit.');
});

const UNSEEN: readonly (readonly [string, string])[] = [
  ['a right-to-left override', '\u202e'],
  ['an embedding', '\u202a'],
  ['an isolate', '\u2066'],
  ['the end of an isolate', '\u2069'],
  ['a zero-width space', '\u200b'],
  ['a zero-width joiner', '\u200d'],
  ['a mark of direction', '\u200f'],
  ['an Arabic letter mark', '\u061c'],
  ['a byte order mark', 'x\ufeffx'],
  ['a soft hyphen', '\u00ad'],
  ['a separator of lines', 'x\u2028x'],
  ['a filler that looks like nothing', '\u3164'],
  ['a tag character', '\u{e0041}'],
  ['an escape', '\u001b'],
  ['half a character', '\ud83d'],
];
const KEYS: readonly (readonly [string, string])[] = [
  ['32 hex digits', '0123456789abcdef0123456789abcdef'],
  ['84 letters and digits', `${'A1b2C3d4'.repeat(10)}ACOG`],
  ['a key in a sentence', `the key is "${'k'.repeat(32)}".`],
];

/** Where a text of an operator is stored or shown. */
const TEXTS: readonly (readonly [string, (text: string) => Promise<{ status: number; body: object }>, string])[] = [
  ...['rotate', 'rollback', 'approve', 'pause', 'resume', 'check', 'requests/x/withdraw'].map(
    (verb) => [verb, (reason: string) => stage.post(`accounts/shop/${verb}`, { reason }), 'reason'] as const,
  ),
  ['campaign', (reason) => stage.post('campaigns', { reason, filter: {} }), 'reason'],
  ['abort', (reason) => stage.post('campaigns/x/abort', { reason }), 'reason'],
  ['a filter', (search) => stage.post('campaigns', { reason: 'x', filter: { search } }), 'filter.search'],
  ['a policy', (policy) => stage.post('campaigns', { reason: 'x', filter: { policy } }), 'filter.policy'],
  ['an account', (one) => stage.post('campaigns', { reason: 'x', filter: { accounts: [one] } }), 'filter.accounts.0'],
];

describe.each(TEXTS)('the text of %s', (_, send, field) => {
  it.each(UNSEEN)('has no %s', async (__, unseen) => {
    const answer = await send(`looks${unseen}well`);
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ field }] } });
    expect(JSON.stringify(answer.body)).not.toContain(unseen);
  });
  it.each(KEYS)('has no %s: the refusal names the field and the remedy, and not the text', async (__, key) => {
    const answer = await send(key);
    expect(answer).toMatchObject({
      status: 400,
      body: { fields: [{ field, expected: expect.stringContaining('name a key by its fingerprint') as unknown }] },
    });
    expect(JSON.stringify(answer.body)).not.toContain(key);
  });
});

it('line breaks, tabs, emoji, any script and the ids of people are letters like others', async () => {
  const reason = 'Schlüssel\n\tgeleakt 🔥❤️ キー ключ 11111111-2222-3333-4444-555555555555, 65661e84f9565a5b';
  const answer = await stage.post('accounts/shop/pause', { reason });
  expect(answer).toMatchObject({ status: 200, body: { pause: { reason } } });
});

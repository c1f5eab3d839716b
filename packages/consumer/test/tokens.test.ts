// The exchange of a key for a token, and when a token is renewed. `fetch` and the time are the test's.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKeyConsumer, createTokenExchange, type KeyConsumer } from '../src/index.ts';
import { Source } from './source.ts';

let consumer: KeyConsumer | undefined;
const asked: string[] = [];
const addresses: string[] = [];
let status = 200;
/** Keys that the gateway refuses. */
const refused: string[] = [];
beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  addresses.length = 0;
  refused.length = 0;
  status = 200;
  vi.stubGlobal('fetch', async (address: string, init: { headers: Record<string, string> }) => {
    const key = init.headers['Ocp-Apim-Subscription-Key'] ?? '';
    asked.push(key);
    addresses.push(address);
    return new Response(`token ${asked.length}`, { status: refused.includes(key) ? 401 : status });
  });
});
afterEach(() => {
  consumer?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open(source: Source) {
  consumer = createKeyConsumer({ source });
  return createTokenExchange({ consumer, endpoint: 'https://account.test/' });
}

it('keeps a token for eight minutes, and renews it without making a call wait', async () => {
  const exchange = open(new Source());
  expect(await exchange.token()).toBe('token 1');
  await vi.advanceTimersByTimeAsync(8 * 60_000 - 1);
  expect(await exchange.token()).toBe('token 1');
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(await exchange.token()).toBe('token 1');
  await vi.advanceTimersByTimeAsync(1);
  expect(await exchange.token()).toBe('token 2');
});

it('hands out no token that is older than nine minutes', async () => {
  const exchange = open(new Source());
  await exchange.token();
  status = 500;
  await vi.advanceTimersByTimeAsync(9 * 60_000 - 1);
  expect(await exchange.token()).toBe('token 1');
  await vi.advanceTimersByTimeAsync(1);
  await expect(exchange.token()).rejects.toThrow('No token was issued: status 500.');
});

it('drops the token of a key that is no longer in use', async () => {
  const source = new Source();
  const exchange = open(source);
  await exchange.token();
  source.version = 'v2';
  await consumer?.refresh();
  expect(await exchange.token()).toBe('token 2');
  expect(asked).toEqual(['key of v1', 'key of v2']);
});

it('keeps a token that a lagging node gave for the former key', async () => {
  const source = new Source();
  const exchange = open(source);
  await exchange.token();
  source.version = 'v2';
  await consumer?.refresh();
  refused.push('key of v2');
  expect(await exchange.token()).toBe('token 3');
  expect(await exchange.token()).toBe('token 3');
  expect(asked).toEqual(['key of v1', 'key of v2', 'key of v1']);
});

it('drops a token of the former key when yet another key is in use', async () => {
  const source = new Source();
  const exchange = open(source);
  await exchange.token();
  source.version = 'v2';
  await consumer?.refresh();
  refused.push('key of v2');
  await exchange.token();
  source.version = 'v3';
  await consumer?.refresh();
  expect(await exchange.token()).toBe('token 4');
});

it('keeps a token that came with the key that a look brought', async () => {
  const source = new Source();
  const exchange = open(source);
  await consumer?.current();
  source.version = 'v2';
  refused.push('key of v1');
  expect(await exchange.token()).toBe('token 2');
  expect(await exchange.token()).toBe('token 2');
});

it('hands out no token that is too old although the clock was set back', async () => {
  const exchange = open(new Source());
  await exchange.token();
  vi.setSystemTime(Date.now() - 3_600_000);
  await vi.advanceTimersByTimeAsync(9 * 60_000);
  expect(await exchange.token()).toBe('token 2');
});

it('keeps a token although the clock was set forward', async () => {
  const exchange = open(new Source());
  await exchange.token();
  vi.setSystemTime(Date.now() + 3_600_000);
  expect(await exchange.token()).toBe('token 1');
  expect(asked).toHaveLength(1);
});

describe('a token is asked for', () => {
  it.each<[string, { readonly endpoint: string; readonly region?: string }, string]>([
    [
      'of an endpoint',
      { endpoint: 'https://a.cognitiveservices.azure.com/' },
      'https://a.cognitiveservices.azure.com/',
    ],
    [
      'of an endpoint without the last slash',
      { endpoint: 'https://a.cognitiveservices.azure.com' },
      'https://a.cognitiveservices.azure.com/',
    ],
    [
      'of an endpoint that Azure lists with a path',
      { endpoint: 'https://westeurope.api.cognitive.microsoft.com/sts/v1.0/issuetoken' },
      'https://westeurope.api.cognitive.microsoft.com/',
    ],
    [
      'of an endpoint that Azure lists with the path of a service',
      { endpoint: 'https://westeurope.api.cognitive.microsoft.us/face/v1.0/' },
      'https://westeurope.api.cognitive.microsoft.us/',
    ],
    [
      'behind a gateway with a path of its own',
      { endpoint: 'https://api.contoso.com/ai' },
      'https://api.contoso.com/ai/',
    ],
    [
      'behind a gateway, with the path of the exchange',
      { endpoint: 'https://localhost:3/demo/sts/v1.0/issuetoken' },
      'https://localhost:3/demo/',
    ],
    [
      'at the region for Translator’s own host',
      { endpoint: 'https://api.cognitive.microsofttranslator.com/', region: 'West Europe' },
      'https://westeurope.api.cognitive.microsoft.com/',
    ],
    [
      'at the region for a host of Translator of one part of the world',
      { endpoint: 'https://api-eur.cognitive.microsofttranslator.com', region: 'westeurope' },
      'https://westeurope.api.cognitive.microsoft.com/',
    ],
    [
      'at the shared host for a global account of Translator',
      { endpoint: 'https://api.cognitive.microsofttranslator.com/', region: 'global' },
      'https://api.cognitive.microsoft.com/',
    ],
    [
      'at the region in the cloud for the US government',
      { endpoint: 'https://api.cognitive.microsofttranslator.us/', region: 'usgovvirginia' },
      'https://usgovvirginia.api.cognitive.microsoft.us/',
    ],
    [
      'at the region in China',
      { endpoint: 'https://api.translator.azure.cn/', region: 'chinaeast2' },
      'https://chinaeast2.api.cognitive.azure.cn/',
    ],
  ])('%s', async (_, where, base) => {
    consumer = createKeyConsumer({ source: new Source() });
    await createTokenExchange({ consumer, ...where }).token();
    expect(addresses).toEqual([`${base}sts/v1.0/issueToken`]);
  });

  it('of no host of Translator without a region: it issues no tokens', () => {
    consumer = createKeyConsumer({ source: new Source() });
    const options = { consumer, endpoint: 'https://api.cognitive.microsofttranslator.com/' };
    expect(() => createTokenExchange(options)).toThrow('api.cognitive.microsofttranslator.com issues no tokens');
  });
});

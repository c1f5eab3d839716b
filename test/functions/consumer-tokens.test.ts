// The exchange of a key for a token, and when a token is renewed. `fetch` and the time are the test's.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createKeyConsumer, createTokenExchange, type KeyConsumer } from '../../src/consumer/index.ts';
import { Source } from './consumer-source.ts';

let consumer: KeyConsumer | undefined;
const asked: string[] = [];
let status = 200;
beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  status = 200;
  vi.stubGlobal('fetch', async (_: string, init: { headers: Record<string, string> }) => {
    asked.push(init.headers['Ocp-Apim-Subscription-Key'] ?? '');
    return new Response(`token ${asked.length}`, { status });
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

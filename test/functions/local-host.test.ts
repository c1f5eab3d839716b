// What the local host does for functions: a fixture app, built as the real app is built, in a process of its own.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BuiltApp, buildFixtureApp, type RunningHost, startLocalHost, until } from './fixtures/run-host.ts';

interface Seen {
  readonly ticks: readonly {
    readonly isPastDue: boolean;
    readonly schedule: unknown;
    readonly scheduleStatus: unknown;
  }[];
  readonly nightly: readonly unknown[];
  readonly events: readonly unknown[];
}

let app: BuiltApp;
let host: RunningHost;

beforeAll(async () => {
  app = await buildFixtureApp('app');
  host = await startLocalHost(app, [], { NIGHTLY_SCHEDULE: '0 0 3 * * *' });
});
afterAll(async () => {
  await host.stop();
  await app.remove();
});

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const call = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);
const seen = async () => (await (await call('/api/seen')).json()) as Seen;

describe('the ready line', () => {
  it('names the functions that are served, in the order of their names', () => {
    expect(host.ready).toEqual({
      ready: true,
      port: expect.any(Number) as number,
      functions: [
        'aGreedy',
        'echo',
        'fail',
        'hooked',
        'lengths',
        'nightly',
        'onEvent',
        'problem',
        'purge',
        'seen',
        'slow',
        'tick',
        'traces',
        'zExact',
      ],
    });
  });

  it('leaves out, and the log names, a function that cannot be served; the others go on', () => {
    const errors = host.logLines().filter(({ level, function: name }) => level === 'error' && name !== 'fail');
    expect(errors.map(({ message }) => message)).toEqual([
      "The 'onQueue' function is in error: The storage connection 'AzureWebJobsStorage' is not set.",
      "The 'unresolved' function is in error: '%NO_SUCH_SETTING%' does not resolve to a value.",
    ]);
  });
});

describe('an HTTP function', () => {
  it('is not asked by a request that names no host', async () => {
    const { hostname, port } = new URL(host.url);
    const status = await new Promise((resolve, reject) => {
      const asked = request({ hostname, port, path: '/api/echo', headers: { host: '[' } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on('error', reject).end();
    });
    expect(status).toBe(400);
    expect(host.logLines().filter(({ message }) => message.includes('failed in the host'))).toEqual([]);
  });

  it('is given method, parameters, query, headers and body, and answers status, headers, cookies and body', async () => {
    const answer = await call('/api/accounts/My%20Account/key1?x=1&x=2&empty=', {
      method: 'POST',
      headers: { 'x-sent': 'hello' },
      body: '{"reason":"drill"}',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('x-answered-by')).toBe('echo');
    expect(answer.headers.get('set-cookie')).toBe('seen=yes; Path=/; HttpOnly');
    expect(await answer.json()).toEqual({
      method: 'POST',
      path: '/api/accounts/My%20Account/key1',
      params: { account: 'My Account', slot: 'key1' },
      query: { x: '1,2', empty: '' },
      header: 'hello',
      text: '{"reason":"drill"}',
    });
  });

  it('may do without an optional parameter', async () => {
    expect(await (await call('/api/accounts/a')).json()).toMatchObject({ method: 'GET', params: { account: 'a' } });
  });

  it('answers a problem document unchanged, and needs no key locally', async () => {
    const answer = await call('/api/problems', { method: 'POST' });
    expect(answer.status).toBe(409);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toEqual({ title: 'Already requested', status: 409 });
  });

  it.each([
    ['no such route', 'GET', '/api/nothing'],
    ['a wrong method', 'DELETE', '/api/accounts/a'],
    ['a route without the prefix', 'GET', '/accounts/a'],
  ])('is not found for %s: 404 with an empty body', async (_case, method, path) => {
    const answer = await call(path, { method });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe('');
  });

  it('that throws is a 500 with an empty body, and the log says why', async () => {
    const answer = await call('/api/fail');
    expect(answer.status).toBe(500);
    expect(await answer.text()).toBe('');
    const find = () => host.logLines().find(({ level, function: name }) => level === 'error' && name === 'fail');
    // The line follows the answer.
    await vi.waitFor(() => expect(find()).toBeDefined(), { timeout: 10_000 });
    expect(find()?.message).toMatch(/^Executed 'Functions.fail' \(Failed, Id=[0-9a-f-]{36}, .*The handler failed\./);
  });

  it('is the first that matches in the order of names, even if another matches better', async () => {
    expect(await (await call('/api/items/recent')).text()).toBe('greedy');
  });

  it('sees a body of a hundred megabytes, as in the real host, and none above', async () => {
    const most = await call('/api/lengths', { method: 'POST', body: Buffer.alloc(104_857_600, 'x') });
    expect([most.status, await most.text()]).toEqual([200, '104857600']);
    const answer = await call('/api/lengths', { method: 'POST', body: Buffer.alloc(104_857_601, 'x') });
    expect(answer.status).toBe(413);
  });

  it.each([
    ['an encoded slash as it was sent', 'a%2Fb', 'a%2Fb'],
    ['a malformed escape as it was sent', 'a%ZZb', 'a%ZZb'],
    ['an escape that is no text as it was sent, and the next decoded', 'a%FF%20b', 'a%FF b'],
    ['letters beyond ASCII decoded', 'caf%C3%A9', 'caf\u00e9'],
  ])('is given %s, as by the real host', async (_case, sent, given) => {
    const answer = await call(`/api/accounts/${sent}`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ params: { account: given } });
  });

  it.each([
    ['two slashes', '/api//accounts/a', 404],
    ['two slashes at the start', '//api/accounts/a', 404],
    ['two slashes at the end', '/api/accounts/a//', 404],
    ['an encoded zero', '/api/accounts/%00', 400],
    ['an address of more than 8 kB', `/api/accounts/${'a'.repeat(8_192)}`, 414],
    ['an address of 100 kB', `/api/accounts/${'a'.repeat(100_000)}`, 414],
    ['an address just below 8 kB', `/api/accounts/${'a'.repeat(8_150)}`, 200],
  ])('meets %s as in the real host', async (_case, path, status) => {
    expect((await call(path)).status).toBe(status);
  });

  it.each([
    ['headers of 20 kB', { 'x-sent': 'h'.repeat(20_000) }, 200],
    ['headers of more than 32 kB', { 'x-sent': 'h'.repeat(33_000) }, 431],
    ['more than a hundred headers', Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`x-${at}`, '1'])), 431],
  ])('meets %s as in the real host', async (_case, headers, status) => {
    expect((await call('/api/accounts/a', { headers })).status).toBe(status);
  });
});

describe('the landing page', () => {
  it('is at the root, as in the real host', async () => {
    const answer = await call('/');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html']);
  });

  it('is an empty 204 with AzureWebJobsDisableHomepage, as in the real host', async () => {
    const bare = await startLocalHost(app, [], { AzureWebJobsDisableHomepage: 'True' });
    expect((await fetch(`${bare.url}/`)).status).toBe(204);
    await bare.stop();
  });
});

describe('hooks', () => {
  it('run before and after an invocation, may replace the handler, and edit what the app logs', async () => {
    expect(await (await call('/api/hooked')).text()).toBe('wrapped handler');
    expect(await (await call('/api/traces')).json()).toEqual(['appStart', 'postInvocation after preInvocation']);
    const line = host.logLines().find(({ category, function: name }) => category === 'user' && name === 'hooked');
    expect(line).toMatchObject({ level: 'warning', message: 'said the ***' });
    expect(line?.invocationId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a timer function', () => {
  it('fires by its schedule', async () => {
    await until(async () => (await seen()).ticks.length >= 2, 10_000);
    expect((await seen()).ticks[0]).toEqual({
      schedule: { adjustForDST: true },
      scheduleStatus: null,
      isPastDue: false,
    });
  });

  it('runs now when the admin endpoint is asked, accepted before it has ended', async () => {
    const answer = await call('/admin/functions/nightly', { method: 'POST', headers: JSON_TYPE, body: '{"input":""}' });
    expect(answer.status).toBe(202);
    await until(async () => (await seen()).nightly.length === 1, 5_000);
    const words = host.logLines().filter(({ category }) => category === 'user');
    expect(words).toContainEqual(expect.objectContaining({ function: 'nightly', message: 'nightly ran' }));
    expect(words).toContainEqual(expect.objectContaining({ level: 'information', message: 'said aloud' }));
  });

  it.each([
    ['an unknown function', '/admin/functions/nobody', '{"input":""}', 404],
    ['a body that is no JSON', '/admin/functions/nightly', 'now', 400],
  ])('is not run by hand for %s', async (_case, path, body, status) => {
    expect((await call(path, { method: 'POST', headers: JSON_TYPE, body })).status).toBe(status);
  });

  it('is not run by hand without the content type of JSON: 415, as in the real host', async () => {
    for (const headers of [{}, { 'content-type': 'text/plain' }]) {
      const answer = await call('/admin/functions/nightly', { method: 'POST', headers, body: '{"input":""}' });
      expect(answer.status).toBe(415);
    }
  });

  it('is not the only kind that runs by hand: an HTTP function does too, as in the real host', async () => {
    const answer = await call('/admin/functions/fail', { method: 'POST', headers: JSON_TYPE, body: '{"input":"x"}' });
    expect(answer.status).toBe(202);
  });

  it('belongs to a host that says it is running', async () => {
    expect(await (await call('/admin/host/status')).json()).toMatchObject({ state: 'Running' });
  });
});

describe('an Event Grid function', () => {
  const hook = '/runtime/webhooks/EventGrid?functionName=onEvent';
  const post = (type: string | undefined, body: unknown, path = hook) =>
    call(path, {
      method: 'POST',
      headers: type === undefined ? {} : { 'aeg-event-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('answers the validation of both schemas', async () => {
    const classic = await post('SubscriptionValidation', [{ data: { validationCode: 'code-1' } }]);
    expect([classic.status, await classic.json()]).toEqual([200, { validationResponse: 'code-1' }]);
    const cloud = await post('SubscriptionValidation', { data: '{"validationCode":"code-2"}' });
    expect([cloud.status, await cloud.json()]).toEqual([200, { validationResponse: 'code-2' }]);
    const options = await call(hook, {
      method: 'OPTIONS',
      headers: { 'webhook-request-origin': 'eventgrid.azure.net' },
    });
    expect(options.status).toBe(200);
    expect(options.headers.get('webhook-allowed-origin')).toBe('eventgrid.azure.net');
  });

  it('is run once per event, of an array or alone', async () => {
    const events = [
      { id: '1', subject: 'accounts/a', data: { VaultName: 'v' } },
      { id: '2', subject: 'accounts/b', data: { VaultName: 'v' } },
    ];
    expect((await post('Notification', events)).status).toBe(202);
    expect((await post('notification', { id: '3', subject: 'accounts/c', data: {} })).status).toBe(202);
    expect((await seen()).events).toEqual([...events, { id: '3', subject: 'accounts/c', data: {} }]);
  });

  it('makes the whole delivery fail when it fails for one event', async () => {
    const answer = await post('Notification', [
      { id: '4', subject: 'fail' },
      { id: '5', subject: 'accounts/d', data: {} },
    ]);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toBe('Exception while executing function: Functions.onEvent');
    expect((await seen()).events).toContainEqual({ id: '5', subject: 'accounts/d', data: {} });
  });

  it.each([
    ['no event type', undefined, [], 400],
    ['an unknown event type', 'Other', [], 400],
    ['an unsubscription', 'Unsubscribe', '', 202],
    ['a body that is no JSON', 'Notification', 'nothing', 500],
  ])('answers %s', async (_case, type, body, status) => {
    expect((await post(type, body)).status).toBe(status);
  });

  it('that does not exist is named', async () => {
    const answer = await post('Notification', [], '/runtime/webhooks/EventGrid?functionName=nobody');
    expect([answer.status, await answer.text()]).toEqual([404, "cannot find function: 'nobody'"]);
  });
});

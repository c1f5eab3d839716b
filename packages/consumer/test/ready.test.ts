// What makes existing clients follow the key: a `fetch` for clients that take one, and `onKey` for clients that hold a
// credential.

import { AzureKeyCredential } from '@azure/core-auth';
import createTranslator from '@azure-rest/ai-translation-text';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKeyConsumer, createKeyFetch, type KeyConsumer, type KeyConsumerOptions } from '../src/index.ts';
import { Source } from './source.ts';

let consumer: KeyConsumer | undefined;
afterEach(() => {
  consumer?.close();
  vi.unstubAllGlobals();
});

/** A consumer that took these versions into use, one after the other. */
async function consume(source: Source, versions: readonly string[], options: Partial<KeyConsumerOptions> = {}) {
  consumer = createKeyConsumer({ source, ...options });
  for (const version of versions) {
    source.version = version;
    await consumer.refresh();
  }
  return consumer;
}

describe('a fetch with the key', () => {
  interface Sent {
    readonly url: string;
    readonly key: string | null;
    readonly body: string;
    readonly kept: string | null;
  }
  const sent: Sent[] = [];
  /** Keys that the gateway takes. */
  let taken: readonly string[] = [];
  beforeEach(() => {
    sent.length = 0;
    vi.stubGlobal('fetch', async (input: string | URL | Request, init?: RequestInit) => {
      const request = new Request(input, init);
      const { headers, url } = request;
      const key = headers.get('Ocp-Apim-Subscription-Key') ?? headers.get('api-key');
      sent.push({ url, key, body: await request.text(), kept: headers.get('X-Kept') });
      return new Response('answer', { status: taken.includes(key ?? '') ? 200 : 401 });
    });
  });
  const URL_OF_CALL = 'https://account.test/call';
  const streamOf = (text: string) => new Blob([text]).stream();

  it('sends the key in use', async () => {
    taken = ['key of v1'];
    const keyFetch = createKeyFetch({ consumer: await consume(new Source(), []) });
    const response = await keyFetch(URL_OF_CALL, { headers: { 'X-Kept': 'yes' } });
    expect(await response.text()).toBe('answer');
    expect(sent).toEqual([{ url: URL_OF_CALL, key: 'key of v1', body: '', kept: 'yes' }]);
  });

  it.each<[string, () => [input: string | URL | Request, init?: RequestInit]]>([
    ['text', () => [URL_OF_CALL, { method: 'POST', body: 'asked', headers: { 'X-Kept': 'yes' } }]],
    [
      'bytes',
      () => [new URL(URL_OF_CALL), { method: 'POST', body: Buffer.from('asked'), headers: [['X-Kept', 'yes']] }],
    ],
    ['a request', () => [new Request(URL_OF_CALL, { method: 'POST', body: 'asked', headers: { 'X-Kept': 'yes' } })]],
    [
      'a stream',
      () => [
        URL_OF_CALL,
        { method: 'POST', body: streamOf('asked'), duplex: 'half', headers: new Headers({ 'X-Kept': 'yes' }) },
      ],
    ],
  ])('sends the whole request again under each key, when it is %s', async (_, request) => {
    const source = new Source();
    const keyFetch = createKeyFetch({ consumer: await consume(source, ['v1', 'v2']) });
    source.version = 'v3';
    taken = ['key of v3'];
    expect((await keyFetch(...request())).status).toBe(200);
    expect(sent).toEqual(
      ['key of v2', 'key of v1', 'key of v3'].map((key) => ({ url: URL_OF_CALL, key, body: 'asked', kept: 'yes' })),
    );
  });

  it('replaces the key that a client sets, in the header of that client', async () => {
    taken = ['key of v1'];
    const keyFetch = createKeyFetch({ consumer: await consume(new Source(), []), header: 'api-key' });
    await keyFetch(URL_OF_CALL, { headers: { 'API-Key': 'set by the client' } });
    expect(sent.map(({ key }) => key)).toEqual(['key of v1']);
  });
});

describe('onKey', () => {
  it('hears of each key before it is used, the first as well, and once', async () => {
    const heard: string[] = [];
    const source = new Source();
    const held = await consume(source, ['v1', 'v1', 'v2'], {
      onKey: (key, version) => heard.push(`${version}: ${key.reveal()}`),
    });
    expect(heard).toEqual(['v1: key of v1', 'v2: key of v2']);
    source.value = 'key of v2';
    source.version = 'v3';
    await held.refresh();
    expect(heard).toHaveLength(2);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('not updated');
      },
    ],
    ['rejects', () => Promise.reject(new Error('not updated'))],
  ])('that %s is reported, and the key is in use all the same', async (_, onKey) => {
    const errors: unknown[] = [];
    const held = await consume(new Source(), ['v1'], { onKey, onError: (error) => errors.push(error) });
    await Promise.resolve();
    expect(errors).toEqual([new Error('not updated')]);
    expect((await held.current()).version).toBe('v1');
  });

  it('updates the credential of a client that was made once', async () => {
    const source = new Source();
    const credential = new AzureKeyCredential('none yet');
    const asked: unknown[] = [];
    const client = createTranslator('https://account.test', credential, {
      httpClient: {
        sendRequest: async (request) => {
          const key = request.headers.get('Ocp-Apim-Subscription-Key');
          asked.push(key);
          return { request, headers: request.headers, status: key === 'key of v2' ? 200 : 401, bodyAsText: '{}' };
        },
      },
    });
    const held = await consume(source, ['v1'], {
      onKey: (key) => credential.update(key.reveal()),
      keepFormerForMs: 0,
    });
    source.version = 'v2';
    const body = { inputs: [{ text: 'Hello', targets: [{ language: 'fr' }] }] };
    const { status } = await held.withKey(() => client.path('/translate').post({ body }));
    expect(status).toBe('200');
    expect(asked).toEqual(['key of v1', 'key of v2']);
  });
});

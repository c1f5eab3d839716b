// Refusals as the real SDKs of applications report them. A server on loopback refuses version v1's key with 401.
// `outcome.test.ts` has the same shapes by hand, with those of SDKs that are too large to install here.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import createTranslator, { isUnexpected } from '@azure-rest/ai-translation-text';
import * as speech from 'microsoft-cognitiveservices-speech-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKeyConsumer, type KeyConsumer } from '../src/index.ts';
import { Source } from './source.ts';

const REFUSAL = { error: { code: '401', message: 'Access denied due to invalid subscription key.' } };
const KEY_HEADER = 'ocp-apim-subscription-key';

/** Speech sends the key in the query where its socket takes no headers, and in a header elsewhere. */
function keyOf({ url = '', headers }: IncomingMessage): unknown {
  const query = new Map([...new URL(url, 'http://x').searchParams].map(([name, value]) => [name.toLowerCase(), value]));
  return headers[KEY_HEADER] ?? query.get(KEY_HEADER);
}

const server = createServer((request, response) => {
  const isRefused = keyOf(request) === 'key of v1';
  response.writeHead(isRefused ? 401 : 200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(isRefused ? REFUSAL : []));
});
// A key that is accepted meets another error: the test is about keys, not about speech.
server.on('upgrade', (request, socket) => {
  const status = keyOf(request) === 'key of v1' ? '401 Unauthorized' : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
});

let host: string;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

let consumer: KeyConsumer | undefined;
afterEach(() => {
  consumer?.close();
  vi.unstubAllGlobals();
});

/** The versions that `use` is run with when the source has v2 by the time that v1 is refused. */
async function versionsUsed(use: (key: string) => Promise<unknown>): Promise<string[]> {
  const source = new Source();
  consumer = createKeyConsumer({ source });
  await consumer.current();
  source.version = 'v2';
  const versions: string[] = [];
  await consumer
    .withKey((key, version) => {
      versions.push(version);
      return use(key.reveal());
    })
    .catch(() => undefined);
  return versions;
}

describe('the Azure REST client of Translator', () => {
  const translate = async (key: string) => {
    const client = createTranslator(`http://${host}`, { key, region: 'westeurope' }, { allowInsecureConnection: true });
    const body = { inputs: [{ text: 'Hello', targets: [{ language: 'fr' }] }] };
    return client.path('/translate').post({ body });
  };

  it('returns its refusal as the text 401', async () => {
    expect((await translate('key of v1')).status).toBe('401');
    expect(await versionsUsed(translate)).toEqual(['v1', 'v2']);
  });

  it('is seen when the application throws the error of the body', async () => {
    const translateOrThrow = async (key: string) => {
      const response = await translate(key);
      if (isUnexpected(response)) throw response.body.error as unknown;
      return response.body;
    };
    expect(await versionsUsed(translateOrThrow)).toEqual(['v1', 'v2']);
  });
});

const speak = (key: string) => {
  const config = speech.SpeechConfig.fromEndpoint(new URL(`ws://${host}/tts`), key);
  // No file and no loudspeaker.
  const synthesizer = new speech.SpeechSynthesizer(config, null);
  return new Promise<speech.SpeechSynthesisResult>((resolve, reject) => {
    synthesizer.speakTextAsync('Hello', resolve, reject);
  }).finally(() => synthesizer.close());
};

/** Under Node 20 the SDK uses the `ws` package, since Node 22 the global `WebSocket`, which hides the status. */
describe.each<[string, { readonly WebSocket: typeof WebSocket | undefined; readonly details: RegExp }]>([
  ['ws', { WebSocket: undefined, details: /Unexpected server response: 401$/ }],
  ['the global WebSocket', { WebSocket: globalThis.WebSocket, details: /StatusCode: 1006,[^]*Reason:\s*$/ }],
])('the Speech SDK with %s', (_, { WebSocket, details }) => {
  beforeEach(() => {
    vi.stubGlobal('WebSocket', WebSocket);
  });

  it('says so only in the details of its result', async () => {
    const { reason, errorDetails } = await speak('key of v1');
    expect(reason).toBe(speech.ResultReason.Canceled);
    expect(errorDetails).toMatch(details);
    expect(await versionsUsed(speak)).toEqual(['v1', 'v2']);
  });

  it('is seen when the application throws the details of the cancellation', async () => {
    const speakOrThrow = async (key: string) => {
      const result = await speak(key);
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- as applications do
      throw speech.CancellationDetails.fromResult(result);
    };
    expect(await versionsUsed(speakOrThrow)).toEqual(['v1', 'v2']);
  });

  it('is seen when the application throws them as a message', async () => {
    const speakOrThrow = async (key: string) => {
      throw new Error((await speak(key)).errorDetails);
    };
    expect(await versionsUsed(speakOrThrow)).toEqual(['v1', 'v2']);
  });
});

it('the Speech SDK does not blame the key for a request that is wrong', async () => {
  vi.stubGlobal('WebSocket', undefined);
  expect((await speak('key of v2')).errorDetails).toContain('Unexpected server response: 400');
  expect(await versionsUsed(() => speak('key of v2'))).toEqual(['v1']);
});

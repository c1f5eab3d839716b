// Which outcomes of a call mean that its key was refused. Each client has its own way to say 401.
import { afterEach, describe, expect, it } from 'vitest';
import { createKeyConsumer, type KeyConsumer } from '../src/index.ts';
import { Source } from './source.ts';

let consumer: KeyConsumer | undefined;
afterEach(() => consumer?.close());

/** The versions that a call is made with when version v1 ends as `end` says and v2 is there to be read. */
async function versionsUsed(end: () => unknown): Promise<string[]> {
  const source = new Source();
  consumer = createKeyConsumer({ source });
  await consumer.current();
  source.version = 'v2';
  const versions: string[] = [];
  const use = async (_: unknown, version: string) => {
    versions.push(version);
    return version === 'v1' ? end() : 'done';
  };
  await consumer.withKey(use).catch(() => undefined);
  return versions;
}

const thrown = (error: unknown) => () => {
  throw error;
};
const failure = (details: object) => Object.assign(new Error('refused'), details);

/** The native Speech SDKs: github.com/Azure-Samples/cognitive-services-speech-sdk/issues/966. */
const SPEECH =
  'WebSocket upgrade failed: Authentication error (401). Please check subscription information and region name.';
const UNOPENED = 'Unable to contact server. StatusCode: 1006, wss://westeurope.tts.speech.microsoft.com/ Reason:';

/**
 * As `openai` has it: `src/core/error.ts` of github.com/openai/openai-node. Not installed here: it is 50 MB.
 * `APIError` carries the fields of the body, `AuthenticationError` is what it makes of a 401.
 */
class AuthenticationError extends Error {
  readonly status = 401;
  readonly headers = new Headers();
  readonly error = { code: '401', message: 'Access denied due to invalid subscription key.' };
  readonly code = '401';
  readonly param = undefined;
  readonly type = undefined;
  readonly requestID = null;
}

const ring: { cause?: unknown } = {};
ring.cause = ring;

describe('a refused key is replaced, and the call made again', () => {
  it.each([
    ['fetch', new Response(null, { status: 401 })],
    ['the Azure REST clients, with text', { status: '401', body: { error: { code: '401' } } }],
    ['a client of its own', { statusCode: 401 }],
    ['an axios that does not reject', { response: { status: 401 } }],
    ['a result of the Speech SDK', { errorDetails: SPEECH }],
  ])('when the call returns 401 as %s', async (_, answer) => {
    expect(await versionsUsed(() => answer)).toEqual(['v1', 'v2']);
  });

  it.each([
    ['the Azure SDKs throw', failure({ statusCode: 401, code: '401' })],
    ['the OpenAI SDK throws', new AuthenticationError()],
    ['axios throws', failure({ code: 'ERR_BAD_REQUEST', response: { status: 401 } })],
    ['a status as text', failure({ status: '401' })],
    ['the answer of an Azure REST client', { status: '401', body: {} }],
    ['the error in the body of an Azure REST client', { code: '401', message: 'Access denied' }],
    ['the body of an Azure REST client', { error: { code: '401', message: 'Access denied' } }],
    ['the error in the body of Translator', { code: 401_000, message: 'credentials are missing or invalid' }],
    ['a number as the code', { code: 401 }],
    ['a cause', new Error('The call failed.', { cause: failure({ statusCode: 401 }) })],
    ['a cause of a cause', new Error('A', { cause: new Error('B', { cause: { code: '401' } }) })],
    ['a status in words next to the number', failure({ status: 'fail', statusCode: 401 })],
    ['a socket of the ws package', new Error('Unexpected server response: 401')],
    ['the details of the Speech SDK', { errorDetails: SPEECH }],
    ['the details of the Speech SDK as a message', new Error(SPEECH)],
    ['the details of the Speech SDK as text', SPEECH],
    ['the details of a socket that hides why it did not open', new Error(`${UNOPENED} `)],
  ])('when the call throws 401 as %s', async (_, error) => {
    expect(await versionsUsed(thrown(error))).toEqual(['v1', 'v2']);
  });
});

it('a refused key is replaced when the call throws before it returns', async () => {
  const source = new Source();
  consumer = createKeyConsumer({ source });
  await consumer.current();
  source.version = 'v2';
  const use = (_: unknown, version: string) => {
    if (version === 'v1') throw failure({ status: 401 });
    return Promise.resolve('done');
  };
  expect(await consumer.withKey(use)).toBe('done');
});

describe('the key is not to blame', () => {
  it.each([
    ['200', { status: 200 }],
    ['200 as text', { status: '200' }],
    ['429', { status: 429 }],
    ['403 as text', { status: '403' }],
    ['nothing', undefined],
    ['text', '401'],
    ['a number', 401],
    ['a document with a code of its own', { code: '401' }],
    ['a document with a cause of its own', { cause: { status: 401 } }],
    ['a document with an error of its own', { error: { code: '401' } }],
    ['a document with a message of its own', { message: SPEECH }],
    ['another end of a socket', { errorDetails: 'Unexpected server response: 429' }],
    ['a socket that did not open for a stated reason', { errorDetails: `${UNOPENED} getaddrinfo ENOTFOUND` }],
  ])('when the call returns %s', async (_, answer) => {
    expect(await versionsUsed(() => answer)).toEqual(['v1']);
  });

  it.each([
    ['no network', failure({ code: 'ECONNREFUSED' })],
    ['403', failure({ statusCode: 403 })],
    ['a cause that is something else', new Error('A', { cause: failure({ code: 'ECONNRESET' }) })],
    ['a cause that is its own cause', ring],
    ['a code that only begins like it', failure({ code: '4010' })],
    ['a status of a socket that only begins like it', new Error('Unexpected server response: 4010')],
    ['nothing', undefined],
  ])('when the call throws %s', async (_, error) => {
    expect(await versionsUsed(thrown(error))).toEqual(['v1']);
  });
});

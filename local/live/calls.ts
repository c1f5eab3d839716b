// The requests of which the answers are compared: those that the service makes, and refusals on which it relies. Each is
// sent as plain HTTP, so that no SDK hides a difference. A made-up key and a secret of its own are all that they change.
import { type Entry, entryOf } from './transcript.ts';

/** Where the requests go. Addresses have no slash at their end. */
export interface Place {
  readonly resourceManager: string;
  readonly keyVault: string;
  readonly appConfiguration: string;
  /** ARM id of an account of the kind TextAnalytics, and the address of its data plane. */
  readonly accountId: string;
  readonly dataPlane: string;
  /** A token for the resource, or none for `anonymous`. */
  token(resource: Resource): Promise<string>;
}

export type Resource = 'arm' | 'keyVault' | 'appConfiguration';

const ARM_VERSION = '2024-10-01';
const VAULT_VERSION = '7.6';
const STORE_VERSION = '2023-11-01';
const SECRET = 'live-test';
const KEY_VALUE = 'live-test';
const DOCUMENT = { kind: 'LanguageDetection', analysisInput: { documents: [{ id: '1', text: 'hello' }] } };
/** No account has it. */
const MADE_UP_KEY = '0'.repeat(32);

interface Options {
  readonly as?: Resource;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends every request once, in an order in which each finds what the ones before have left. */
export async function askAll(place: Place): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const send = async (call: string, method: string, url: string, { as, body, headers = {} }: Options = {}) => {
    const authorization = as === undefined ? {} : { authorization: `Bearer ${await place.token(as)}` };
    const response = await fetch(url, {
      method,
      headers: { ...authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'manual',
    });
    const copy = response.clone();
    entries.push(await entryOf(call, response));
    return copy;
  };
  const liveKey = await askArm(place, send);
  await askDataPlane(place, liveKey, send);
  await askVault(place, send);
  await askStore(place, send);
  return entries;
}

type Send = (call: string, method: string, url: string, options?: Options) => Promise<Response>;

/** Returns a live key, to be sent to the data plane and nowhere else. */
async function askArm({ resourceManager, accountId }: Place, send: Send): Promise<string> {
  const url = (more: string, id = accountId): string => `${resourceManager}${id}${more}?api-version=${ARM_VERSION}`;
  await send('arm: an account', 'GET', url(''), { as: 'arm' });
  await send('arm: an account that is not there', 'GET', url('', `${accountId}-missing`), { as: 'arm' });
  await send('arm: list keys without a token', 'POST', url('/listKeys'), { body: {} });
  await send('arm: regenerate a slot that is not there', 'POST', url('/regenerateKey'), {
    as: 'arm',
    body: { keyName: 'Key3' },
  });
  await send(
    'arm: list keys by an unknown version',
    'POST',
    `${resourceManager}${accountId}/listKeys?api-version=2000-01-01`,
    {
      as: 'arm',
      body: {},
    },
  );
  const listed = await send('arm: list keys', 'POST', url('/listKeys'), { as: 'arm', body: {} });
  const { key1 = '' } = (await listed.json()) as { readonly key1?: string };
  return key1;
}

async function askDataPlane({ dataPlane }: Place, liveKey: string, send: Send): Promise<void> {
  const url = `${dataPlane}/language/:analyze-text?api-version=2023-04-01`;
  const ask = (call: string, headers: Readonly<Record<string, string>>) =>
    send(`data plane: ${call}`, 'POST', url, { body: DOCUMENT, headers });
  await ask('a live key', { 'ocp-apim-subscription-key': liveKey });
  await ask('a dead key', { 'ocp-apim-subscription-key': MADE_UP_KEY });
  await ask('no key', {});
}

async function askVault({ keyVault }: Place, send: Send): Promise<void> {
  const url = (path: string): string => `${keyVault}/secrets/${path}?api-version=${VAULT_VERSION}`;
  const ask = (call: string, method: string, path: string, body?: unknown) =>
    send(`vault: ${call}`, method, url(path), { as: 'keyVault', body });
  await send('vault: a secret without a token', 'GET', url(SECRET));
  const written = await ask('write a secret', 'PUT', SECRET, { value: 'made up', tags: { CredentialId: 'key1' } });
  const version = ((await written.json()) as { readonly id?: string }).id?.split('/').at(-1) ?? '';
  await ask('read a secret', 'GET', SECRET);
  await ask('read a secret that is not there', 'GET', `${SECRET}-missing`);
  await ask('write under a name that is not allowed', 'PUT', `${SECRET}_x`, { value: 'made up' });
  await ask('list versions', 'GET', `${SECRET}/versions`);
  await ask('disable a version', 'PATCH', `${SECRET}/${version}`, { attributes: { enabled: false } });
  await ask('read a disabled version', 'GET', SECRET);
}

async function askStore({ appConfiguration }: Place, send: Send): Promise<void> {
  const url = (path: string): string => `${appConfiguration}/${path}api-version=${STORE_VERSION}`;
  const body = { value: 'made up', content_type: 'text/plain' };
  const ask = (call: string, method: string, path: string, options: Options = {}) =>
    send(`store: ${call}`, method, url(path), { as: 'appConfiguration', ...options });
  const one = `kv/${KEY_VALUE}?`;
  await send('store: a key-value without a token', 'GET', url(one));
  await ask('a key-value that is not there', 'GET', one);
  await ask('write what must not be there', 'PUT', one, { body, headers: { 'if-none-match': '*' } });
  await ask('write once more what must not be there', 'PUT', one, { body, headers: { 'if-none-match': '*' } });
  await ask('write by an old ETag', 'PUT', one, { body, headers: { 'if-match': '"old"' } });
  await ask('read a key-value', 'GET', one);
  await ask('list key-values', 'GET', `kv?key=${KEY_VALUE}&label=%00&`);
  await ask('delete a key-value', 'DELETE', one);
}

// The live test, as far as it goes without a subscription: its requests against the local Azure, the shapes that it keeps,
// and the words for what differs. The whole of it is `npm run live -- --local`, which the workflow `ci` runs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askAll } from '../../local/live/calls.ts';
import { type Installation, localInstallation } from '../../local/live/installation.ts';
import { differences, type Entry, entryOf, shapeOf } from '../../local/live/transcript.ts';

const one = (changes: Partial<Entry> = {}): Entry => ({ call: 'a call', status: 200, headers: [], ...changes });

describe('what is kept of an answer', () => {
  it('is the form, and no value', () => {
    const answer = { id: 'a secret', list: [{ n: 1 }, { n: 2 }], none: null, isOn: true, tags: { 'of callers': 'x' } };
    expect(shapeOf(answer)).toEqual({
      id: 'string',
      list: [{ n: 'number' }],
      none: 'null',
      isOn: 'boolean',
      tags: 'object',
    });
  });

  it('is the code of an error, and never a message', async () => {
    const headers = { 'content-type': 'application/json', etag: '"1"', 'x-other': 'other' };
    const body = JSON.stringify({ error: { code: 'KeyNotFound', message: 'the value abc' } });
    expect(await entryOf('a call', new Response(body, { status: 404, headers }))).toEqual({
      call: 'a call',
      status: 404,
      code: 'KeyNotFound',
      headers: ['content-type', 'etag'],
      body: { error: { code: 'string', message: 'string' } },
    });
    const long = JSON.stringify({ error: { code: 'the value abc' } });
    expect(await entryOf('a call', new Response(long, { status: 400, headers }))).not.toHaveProperty('code');
  });
});

describe('a difference', () => {
  it.each([
    [one(), one(), []],
    [
      one({ status: 400, code: 'Invalid' }),
      one(),
      ['a call: local Azure is kinder here: Azure answers 400 Invalid, the local Azure 200.'],
    ],
    [one(), one({ status: 403 }), ['a call: local Azure differs here: Azure answers 200, the local Azure 403.']],
    [
      one({ headers: [] }),
      one({ headers: ['etag'] }),
      ['a call: local Azure is kinder here: it sends the header etag, Azure does not.'],
    ],
    [
      one({ body: { id: 'string' } }),
      one({ body: { id: 'string', more: [{ n: 'number' }] } }),
      ['a call: local Azure is kinder here: it sends more, Azure does not.'],
    ],
    [
      one({ body: { id: 'string', list: [{ n: 'number' }] } }),
      one({ body: { id: 'number', list: [{}] } }),
      [
        'a call: id is string in Azure, number in the local Azure.',
        'a call: Azure sends list.0.n, the local Azure does not.',
      ],
    ],
  ] as const)('of %j and %j', (azure, local, sentences) => {
    expect(differences([azure], [local])).toEqual(sentences);
  });

  it('is also a request that only one was sent', () => {
    expect(differences([one()], [])).toEqual(['a call: only Azure was asked.']);
  });
});

describe('the requests', () => {
  let installation: Installation;
  let entries: readonly Entry[];
  beforeAll(async () => {
    installation = await localInstallation();
    entries = await askAll(installation.place);
  });
  afterAll(() => installation.tearDown());

  it('are answered by the local Azure as its own tests say', () => {
    const answered = Object.fromEntries(
      entries.map(({ call, status, code }) => [call, [status, code].join(' ').trim()]),
    );
    expect(answered).toEqual({
      'arm: an account': '200',
      'arm: an account that is not there': '404 ResourceNotFound',
      'arm: list keys': '200',
      'arm: list keys by an unknown version': '400 InvalidResourceType',
      'arm: list keys without a token': '401 AuthenticationFailed',
      'arm: regenerate a slot that is not there': '400 BadRequest',
      'data plane: a dead key': '401 401',
      'data plane: a live key': '200',
      'data plane: no key': '401 401',
      'store: a key-value that is not there': '404',
      'store: a key-value without a token': '401',
      'store: delete a key-value': '200',
      'store: list key-values': '200',
      'store: read a key-value': '200',
      'store: write by an old ETag': '412',
      'store: write once more what must not be there': '412',
      'store: write what must not be there': '200',
      'vault: a secret without a token': '401 Unauthorized',
      'vault: disable a version': '200',
      'vault: list versions': '200',
      'vault: read a disabled version': '403 Forbidden',
      'vault: read a secret': '200',
      'vault: read a secret that is not there': '404 SecretNotFound',
      'vault: write a secret': '200',
      'vault: write under a name that is not allowed': '400 BadParameter',
    });
  });

  it('leave no value in the transcript', async () => {
    const { place } = installation;
    const { resourceManager, accountId } = place;
    const url = `${resourceManager}${accountId}/listKeys?api-version=2024-10-01`;
    const bearer = await place.token('arm');
    const listed = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${bearer}` } });
    const { key1, key2 } = (await listed.json()) as { readonly key1: string; readonly key2: string };
    const text = JSON.stringify(entries);
    expect([key1.length, key2.length]).toEqual([32, 32]);
    expect([key1, key2, bearer, accountId, 'made up'].filter((value) => text.includes(value))).toEqual([]);
    expect(differences(entries, entries)).toEqual([]);
  });
});

// Requests about a leaked key over HTTP: what is stored and when, what is replaced within the call, what is proven later.
// The local Azure speaks the real protocols; its gateways have nodes that learn of a new key late where a test says so.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, type HttpStage, startHttpStage } from './stage.ts';

const MINUTE = 60_000;
const NAMES = ['leaky', 'standby', 'calm', 'named', 'printed', 'twice', 'more', 'busy', 'dated'];
const asText = expect.any(String) as unknown;

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  for (const name of NAMES) stage.addAccount(name);
  stage.addAccount('watched', { mode: 'observe' });
  stage.addAccount('lagging');
  stage.addAccount('spoilt', { consumers: ['orders-api'] });
  await stage.adopt();
});
afterAll(() => stage.close());

const keysOf = (name: string) => {
  const state = [...stage.azure.world.accounts.values()].find(({ seed }) => seed.name === name);
  if (state === undefined) throw new Error(`There is no account ${name}.`);
  return { id: state.id, key1: state.keys.key1.value, key2: state.keys.key2.value };
};
const fingerprintOf = async (name: string, slot: string): Promise<string> => {
  const { body } = await stage.get(`accounts/${name}`);
  const keys = body['keys'] as { slot: string; fingerprint?: string }[];
  return keys.find((key) => key.slot === slot)?.fingerprint ?? '';
};
const leak = (name: string, more: object = {}, headers: Readonly<Record<string, string>> = {}) =>
  stage.post(`accounts/${name}/rotate`, { reason: 'in a repository', compromised: 'published', ...more }, { headers });
const requestIn = (body: Record<string, unknown>) => body['request'] as Record<string, unknown>;
const historyOf = async (name: string): Promise<Record<string, unknown>[]> => {
  const { body } = await stage.get(`accounts/${name}/history`);
  return body['entries'] as Record<string, unknown>[];
};

describe('a leaked key', () => {
  it('that is published is replaced at once, although the account is paused; its death is proven later', async () => {
    const { id, key1 } = keysOf('leaky');
    await stage.post('accounts/leaky/pause', { reason: 'holidays' });
    const { status, body } = await leak('leaky', {}, { 'Idempotency-Key': 'leak-1' });
    expect(status).toBe(202);
    const request = requestIn(body);
    expect(request).toMatchObject({ kind: 'compromised', state: 'replaced', replacedAt: asText });
    expect([request['outcome'], request['closedAt'], request['provenAt']]).toEqual([undefined, undefined, undefined]);
    expect(request['summary']).toMatch(/^The leaked key is not a key of the account since .* is under way\./);
    expect(Object.values(keysOf('leaky'))).not.toContain(key1);
    expect(stage.nodesTaking(id, key1)).toEqual([false]);
    expect(await stage.get('accounts/leaky')).toMatchObject({ body: { publishedSlot: 'key2' } });
    await stage.confirm();
    const { body: closed } = await stage.get('accounts/leaky/requests/leak-1');
    expect(closed).toMatchObject({ state: 'closed', outcome: 'KeyIsDead', replacedAt: request['replacedAt'] });
    expect(closed['provenAt']).toBe(closed['closedAt']);
    expect(Date.parse(String(closed['provenAt'])) - Date.parse(String(closed['replacedAt']))).toBeGreaterThan(900_000);
  });

  it('has its end in the history, so that receivers of notifications are told that it is proven dead', async () => {
    const ends = (await historyOf('leaky')).filter(({ kind }) => kind === 'RequestClosed');
    expect(ends).toMatchObject([{ requestId: 'leak-1', reason: 'KeyIsDead' }]);
  });

  it('is not called dead while a node of the gateway still takes it', async () => {
    const { id, key1 } = keysOf('lagging');
    stage.azure.world.account(id).knobs.nodes = [
      { acceptsNewAfterMs: 0, acceptsOldForMs: 0 },
      { acceptsNewAfterMs: 0, acceptsOldForMs: 2 * HOUR },
    ];
    const { body } = await leak('lagging', {}, { 'Idempotency-Key': 'leak-1' });
    expect(requestIn(body)).toMatchObject({ state: 'replaced' });
    expect(stage.nodesTaking(id, key1)).toEqual([false, true]);
    for (let tick = 0; tick < 4; tick++) {
      await stage.confirm();
      expect(stage.nodesTaking(id, key1)).toEqual([false, true]);
      expect((await stage.get('accounts/lagging/requests/leak-1')).body).toMatchObject({ state: 'replaced' });
    }
    stage.advance(2 * HOUR);
    await stage.tick();
    expect(stage.nodesTaking(id, key1)).toEqual([false, false]);
    // The rejections must last as long as the node was seen to lag.
    stage.advance(2 * HOUR);
    await stage.confirm();
    expect((await stage.get('accounts/lagging/requests/leak-1')).body).toMatchObject({ outcome: 'KeyIsDead' });
  });

  it('that stands by is replaced at once, and the published one stays', async () => {
    const { id, key1, key2 } = keysOf('standby');
    const { status, body } = await leak('standby', { compromised: 'key2' });
    expect(status).toBe(202);
    expect(requestIn(body)).toMatchObject({ state: 'closed', outcome: 'KeyReplaced', replacedAt: asText });
    expect(requestIn(body)).not.toHaveProperty('provenAt');
    expect([stage.nodesTaking(id, key2), stage.nodesTaking(id, key1)]).toEqual([[false], [true]]);
  });

  it('that is published stays for the overlap that is asked for', async () => {
    const { id, key1 } = keysOf('calm');
    await leak('calm', { compromised: 'key1', overlap: 'PT2H' });
    expect(stage.nodesTaking(id, key1)).toEqual([true]);
    stage.advance(2 * HOUR);
    await stage.tick();
    expect(stage.nodesTaking(id, key1)).toEqual([false]);
  });
});

describe('what is stored', () => {
  it('is the word itself, before Key Vault or Azure Resource Manager are asked for anything', async () => {
    const from = stage.azure.requests.length;
    await leak('named', {}, { 'Idempotency-Key': 'named-1' });
    const asked = stage.azure.requests.slice(from).map(({ service, operation }) => `${service}.${operation}`);
    const stored = asked.findIndex((call) => call === 'table.transaction');
    expect(stored).toBeGreaterThan(-1);
    // App Configuration is asked for the account, and not waited for.
    const before = asked.slice(0, stored).filter((call) => !/^(table|appConfiguration|token)\./.test(call));
    expect(before).toEqual([]);
    expect(asked.slice(stored)).toContain('arm.regenerateKey');
    const [requested] = (await historyOf('named')).filter(({ kind }) => kind === 'Requested');
    expect(requested).not.toHaveProperty('fingerprint');
  });

  it('may be a fingerprint in place of a name', async () => {
    const { id, key1 } = keysOf('printed');
    const fingerprint = await fingerprintOf('printed', 'key1');
    expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
    const { status, body } = await leak('printed', { compromised: fingerprint });
    expect(status).toBe(202);
    expect(requestIn(body)).toMatchObject({ state: 'replaced', fingerprint });
    expect(stage.nodesTaking(id, key1)).toEqual([false]);
    const [requested] = (await historyOf('printed')).filter(({ kind }) => kind === 'Requested');
    expect(requested).toMatchObject({ fingerprint });
  });

  it('is one emergency when the same leak is named again 30 seconds later, and the successor lives', async () => {
    const { id, key1 } = keysOf('twice');
    const first = await leak('twice');
    const successor = keysOf('twice').key2;
    stage.advance(30_000);
    const second = await leak('twice');
    expect(second.body).toMatchObject({ isRepeated: true });
    expect(requestIn(second.body)['id']).toBe(requestIn(first.body)['id']);
    expect(stage.nodesTaking(id, key1)).toEqual([false]);
    expect(stage.nodesTaking(id, successor)).toEqual([true]);
    expect((await historyOf('twice')).filter(({ kind }) => kind === 'RotationStarted')).toHaveLength(1);
  });

  it('says what the operator accepts, also when it is said later of the same leak', async () => {
    const first = await leak('more', { overlap: 'PT1H' });
    const second = await leak('more', { accept: 'outage' });
    expect(requestIn(second.body)).toMatchObject({ accepts: 'outage', fingerprint: asText });
    expect(second.body['isRepeated']).toBe(false);
    expect(requestIn(second.body)['fingerprint']).toBe(requestIn(first.body)['fingerprint']);
  });
});

describe('what is refused', () => {
  it.each([
    ['a word of acceptance without a leaked key', { accept: 'outage' }, 'accept'],
    ['a word of acceptance that does not exist', { compromised: 'key1', accept: 'anything' }, 'accept'],
    ['a fingerprint that is none', { compromised: '0123456789abcde' }, 'compromised'],
  ])('%s', async (_, body, field) => {
    const answer = await stage.post('accounts/busy/rotate', { reason: 'x', ...body });
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ field, expected: asText }] } });
  });

  it('a leak on an account that is only observed, with what to do by hand', async () => {
    const before = keysOf('watched');
    const answer = await leak('watched');
    expect(answer).toMatchObject({
      status: 409,
      body: { reason: 'ObserveOnly', remedy: expect.stringContaining('docs/emergencies.md') as unknown },
    });
    expect((await stage.get('accounts/watched')).body['openRequests']).toEqual([]);
    expect(keysOf('watched')).toEqual(before);
  });
});

describe('a dry run', () => {
  it('says that a key would be sacrificed, and that its users are cut off until another can be published', async () => {
    stage.azure.world.vault.set('spoilt-key', { value: 'a value that is no key of the account' });
    const before = keysOf('spoilt');
    const held = await leak('spoilt', { compromised: 'key1', dryRun: true });
    expect(held.body).toMatchObject({ steps: [], end: { reason: 'SecretNotRecognised', isBlocked: true } });
    const { status, body } = await leak('spoilt', { compromised: 'key1', accept: 'outage', dryRun: true });
    expect(status).toBe(200);
    expect(body['steps']).toEqual([
      {
        at: asText,
        step: 'sacrifice',
        slot: 'key1',
        calls: [
          'Table: write the record',
          'Azure Resource Manager: regenerate key1 of spoilt, although it may be published',
        ],
      },
      { at: asText, step: 'record', calls: ['Table: write the record'] },
    ]);
    expect(body['consumers']).toMatchObject([{ consumer: 'orders-api', risk: 'cutOff' }]);
    expect(body['others']).toMatch(
      /^Applications that use the leaked key are cut off at .*, until another key can be published\.$/,
    );
    expect(keysOf('spoilt')).toEqual(before);
  });
});

describe('an account that is paused', () => {
  it('keeps one open request however often a rotation is asked for', async () => {
    await stage.post('accounts/busy/pause', { reason: 'holidays' });
    const ids = new Set<unknown>();
    for (let call = 0; call < 50; call++) {
      const { status, body } = await stage.post('accounts/busy/rotate', { reason: `call ${call}` });
      expect(status).toBe(202);
      ids.add(requestIn(body)['id']);
    }
    expect(ids.size).toBe(1);
    const { body } = await stage.get('accounts/busy');
    expect(body['openRequests']).toHaveLength(1);
    await stage.post('accounts/busy/resume', { reason: 'back' });
  });

  it('is looked at by the first tick after it is resumed, where a rotation came due meanwhile', async () => {
    await stage.post('accounts/dated/pause', { reason: 'holidays' });
    await stage.tick();
    stage.advance(40 * DAY);
    await stage.tick();
    expect((await stage.get('accounts/dated')).body).toMatchObject({ phase: 'idle', reason: 'Paused' });
    stage.advance(MINUTE);
    await stage.post('accounts/dated/resume', { reason: 'back' });
    await stage.tick();
    expect((await stage.get('accounts/dated')).body).toMatchObject({ phase: 'preparing', rotationId: 1 });
  });
});

it('has never answered or logged a key', () => {
  const everything = stage.said.join('\n');
  expect(everything).toContain('KeyReplaced');
  const keys = stage.everyKey();
  expect(keys.size).toBeGreaterThan(25);
  for (const key of keys) expect(everything).not.toContain(key);
});

// Every operator verb over HTTP against the running host with the built app, while the timer fires each second.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { eventually, HostClient } from './http-client.ts';
import { isAcceptedByAll, isRejectedByAll } from './nodes.ts';

/** Nothing is due by itself; overlaps are short. */
const POLICY = {
  ...DEMO_POLICY,
  rotationInterval: 'P1D',
  overlapMinimum: 'PT2S',
  overlapMaximum: 'PT3S',
  spread: 'PT0S',
};
const LANGUAGE = '/api/accounts/demo-language-1';
const OPENAI = '/api/accounts/demo-openai-2';

let stage: Stage;
let client: HostClient;

beforeAll(async () => {
  stage = await setStage({ accounts: demoAccounts(2), policy: POLICY, latencyMs: 0, onLine: () => undefined });
  const port = await freePort();
  await stage.startHost(port);
  client = new HostClient(port);
  // Adopted, and the time after an adoption in which nothing is regenerated is over.
  for (const path of [LANGUAGE, OPENAI])
    await eventually(
      () => client.get(path),
      ({ body }) => body['phase'] === 'idle',
    );
  await new Promise((resolve) => setTimeout(resolve, 3_500));
});
afterAll(() => stage.close());

const statusOf = async (path: string) => (await client.get(path)).body;
const rest = (path: string, rotationId: number) =>
  eventually(
    () => statusOf(path),
    (body) => body['phase'] === 'idle' && body['rotationId'] === rotationId,
    40_000,
  );
const keysOf = (name: string) => {
  const account = [...stage.azure.world.accounts.values()].find(({ seed }) => seed.name === name);
  if (account === undefined) throw new Error(`There is no account ${name}.`);
  return { id: account.id, key1: account.keys.key1.value, key2: account.keys.key2.value };
};

describe('what a caller did wrong is named', () => {
  it.each([
    ['no JSON', '{', 400, 'body'],
    ['no reason', {}, 400, 'reason'],
    ['an empty reason', { reason: ' ' }, 400, 'reason'],
    ['a reason that is no text', { reason: 5 }, 400, 'reason'],
    ['a field that does not exist', { reason: 'x', force: true }, 400, 'force'],
    ['a slot that does not exist', { reason: 'x', compromised: 'key3' }, 400, 'compromised'],
    ['an overlap without a compromised key', { reason: 'x', overlap: 'PT1M' }, 400, 'overlap'],
    ['an overlap that is no duration', { reason: 'x', compromised: 'key1', overlap: 'soon' }, 400, 'overlap'],
    ['a body that is no object', '[]', 400, 'body'],
  ])('%s', async (_, body, status, field) => {
    const answer = await client.post(`${LANGUAGE}/rotate`, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body['fields']).toEqual([{ field, expected: expect.any(String) as unknown }]);
    expect(answer.body).toMatchObject({ title: expect.any(String) as unknown, remedy: expect.any(String) as unknown });
  });
  it('an unknown account', async () => {
    const answer = await client.post('/api/accounts/nobody/rotate', { reason: 'x' });
    expect(answer).toMatchObject({
      status: 404,
      body: { type: 'urn:ai-services-key-rotation:problem:unknown-account' },
    });
  });
  it('an unknown operation', async () => {
    expect((await client.post(`${LANGUAGE}/explode`, { reason: 'x' })).status).toBe(404);
  });
  it('an idempotency key that is none', async () => {
    const answer = await client.post(`${LANGUAGE}/rotate`, { reason: 'x' }, { 'Idempotency-Key': 'a b' });
    expect(answer.status).toBe(400);
    expect(answer.body['fields']).toMatchObject([{ field: 'Idempotency-Key' }]);
  });
  it('an unknown request', async () => {
    expect((await client.get(`${LANGUAGE}/requests/nothing`)).status).toBe(404);
  });
});

describe('rotate', () => {
  it('is one rotation however often the same call is made, and refuses a second one inside it', async () => {
    const before = keysOf('demo-language-1');
    const headers = { 'Idempotency-Key': 'monthly-1' };
    const first = client.post(`${LANGUAGE}/rotate`, { reason: 'monthly' }, headers);
    await eventually(
      () => statusOf(LANGUAGE),
      ({ phase }) => phase === 'propagating',
    );
    const inside = await client.post(`${LANGUAGE}/rotate`, { reason: 'again' });
    expect(inside).toMatchObject({
      status: 409,
      body: { reason: 'RotationUnderWay', acceptableAt: expect.any(String) as unknown },
    });
    const answer = await first;
    expect(answer.status).toBe(202);
    const location = answer.headers.get('location') ?? '';
    expect(location).toBe(`${LANGUAGE}/requests/monthly-1`);
    const again = await client.post(`${LANGUAGE}/rotate`, { reason: 'monthly' }, headers);
    expect(again).toMatchObject({ status: 202, body: { isRepeated: true } });
    const other = await client.post(`${LANGUAGE}/rotate`, { reason: 'another' }, headers);
    expect(other.status).toBe(422);
    expect(await rest(LANGUAGE, 1)).toMatchObject({ rotationId: 1, publishedSlot: 'key2' });
    expect((await client.get(location)).body).toMatchObject({
      state: 'closed',
      outcome: 'RotationStarted',
      rotationId: 1,
      reason: 'monthly',
    });
    const after = keysOf('demo-language-1');
    expect(after.key1 !== before.key1 && after.key2 !== before.key2).toBe(true);
  });
});

describe('pause, resume, roll back', () => {
  it('holds a rotation, lets it go on, and takes it back in the overlap', async () => {
    const first = await client.post(`${LANGUAGE}/pause`, { reason: 'freeze' });
    const second = await client.post(`${LANGUAGE}/pause`, { reason: 'freeze' });
    expect(first).toMatchObject({ status: 200, body: { pause: { reason: 'freeze' } } });
    expect(second.body['pause']).toEqual(first.body['pause']);
    const held = client.post(`${LANGUAGE}/rotate`, { reason: 'while paused' });
    await eventually(
      () => statusOf(LANGUAGE),
      ({ reason }) => reason === 'Paused',
    );
    expect(await statusOf(LANGUAGE)).toMatchObject({ phase: 'idle', rotationId: 1, reason: 'Paused' });
    const resumed = await client.post(`${LANGUAGE}/resume`, { reason: 'go on' });
    expect(resumed.body['pause']).toBeUndefined();
    await eventually(
      () => statusOf(LANGUAGE),
      ({ phase }) => phase === 'propagating',
    );
    const { key2 } = keysOf('demo-language-1');
    const back = await client.post(`${LANGUAGE}/rollback`, { reason: 'one consumer is not ready' });
    expect(back.status).toBe(202);
    await held;
    expect(await rest(LANGUAGE, 2)).toMatchObject({ publishedSlot: 'key2', last: { outcome: 'rolledBack' } });
    expect(keysOf('demo-language-1').key2).toBe(key2);
  });
  it('refuses a roll back when there is nothing to take back', async () => {
    const answer = await client.post(`${LANGUAGE}/rollback`, { reason: 'x' });
    expect(answer).toMatchObject({
      status: 202,
      body: { request: { state: 'closed', outcome: 'RefusedNothingToRollBack' } },
    });
  });
});

describe('a leaked key', () => {
  it('is replaced within the call and proven dead seconds later, whatever is paused; other accounts are left alone', async () => {
    const others = keysOf('demo-language-1');
    await client.post(`${OPENAI}/pause`, { reason: 'freeze' });
    const { id, key1 } = keysOf('demo-openai-2');
    const startedAt = Date.now();
    const answer = await client.post(`${OPENAI}/rotate`, { reason: 'found in a repository', compromised: 'published' });
    const asText = expect.any(String) as unknown;
    const { world } = stage.azure;
    // The call may wait for the proof, and need not.
    expect(answer).toMatchObject({
      status: 202,
      body: {
        request: {
          kind: 'compromised',
          state: expect.stringMatching(/^(replaced|closed)$/) as unknown,
          replacedAt: asText,
        },
      },
    });
    // Nodes that lag may accept it still, and refuse its successor.
    expect(keysOf('demo-openai-2').key1).not.toBe(key1);
    expect(Date.now() - startedAt).toBeLessThan(21_000);
    const { body: closed } = await eventually(
      () => client.get(answer.headers.get('location') ?? ''),
      ({ body }) => body['state'] === 'closed',
    );
    expect(closed).toMatchObject({ state: 'closed', outcome: 'KeyIsDead', provenAt: asText });
    expect(isRejectedByAll(world, id, key1)).toBe(true);
    expect(isAcceptedByAll(world, id, keysOf('demo-openai-2').key2)).toBe(true);
    // Rejected for `confirmOver`, five seconds.
    expect(Date.parse(String(closed['provenAt'])) - Date.parse(String(closed['replacedAt']))).toBeGreaterThan(5_000);
    expect(keysOf('demo-language-1')).toEqual(others);
    await client.post(`${OPENAI}/resume`, { reason: 'over' });
  });
});

describe('check', () => {
  it('answers 200 for a healthy account and 503 with a remedy for one that cannot be reached', async () => {
    const healthy = await client.post(`${LANGUAGE}/check`, {});
    expect(healthy).toMatchObject({ status: 200, body: { isHealthy: true } });
    const account = stage.azure.world.account(keysOf('demo-language-1').id);
    account.knobs.isDeniedByFirewall = true;
    const denied = await client.post(`${LANGUAGE}/check`, {});
    account.knobs.isDeniedByFirewall = false;
    expect(denied.status).toBe(503);
    expect(JSON.stringify(denied.body)).toContain('deniedByNetwork');
    expect(JSON.stringify(denied.body)).toContain('network rules');
  });
});

it('never shows a key in an answer', async () => {
  await client.get('/api/accounts');
  await client.get(`${LANGUAGE}/history`);
  const { vault, accounts } = stage.azure.world;
  const keys = [...accounts.values()].flatMap(({ keys: { key1, key2 } }) => [key1.value, key2.value]);
  const published = [...vault.secrets.values()].flatMap(({ versions }) => versions.map(({ value }) => value));
  const everything = client.answers.join('\n');
  expect(client.answers.length).toBeGreaterThan(20);
  for (const key of new Set([...keys, ...published])) expect(everything).not.toContain(key);
});

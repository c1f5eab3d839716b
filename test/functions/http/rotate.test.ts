// What operators ask for, with the real request and context, against a local Azure over the wire.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, type HttpStage, startHttpStage } from './stage.ts';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  for (const name of ['plain', 'turning', 'calm', 'used', 'held', 'apart']) {
    stage.addAccount(name, name === 'used' ? { standbyIsFree: false } : {});
  }
  stage.addAccount('consumed', { consumers: ['orders-api'] });
  stage.configure('KeyRotation:Accounts:broken', { resourceId: 'nonsense' });
  await stage.adopt();
});
afterAll(() => stage.close());

const keysOf = (name: string) => {
  const state = [...stage.azure.world.accounts.values()].find(({ seed }) => seed.name === name);
  if (state === undefined) throw new Error(`There is no account ${name}.`);
  return { id: state.id, key1: state.keys.key1.value, key2: state.keys.key2.value };
};
const asText = expect.any(String) as unknown;

describe('a bad request is refused, naming the field', () => {
  it.each([
    ['no JSON', '{', 'body'],
    ['no object', '[]', 'body'],
    ['no reason', {}, 'reason'],
    ['a reason that is no text', { reason: 5 }, 'reason'],
    ['a reason that is too long', { reason: 'x '.repeat(251) + 'x' }, 'reason'],
    ['a reason with a control character', { reason: 'looks \u001b[31mred' }, 'reason'],
    ['a reason with half a character', { reason: 'x\ud83d' }, 'reason'],
    ['an unknown field', { reason: 'x', force: true }, 'force'],
    ['an unknown key', { reason: 'x', compromised: 'primary' }, 'compromised'],
    ['an overlap without a compromised key', { reason: 'x', overlap: 'PT1H' }, 'overlap'],
    ['an overlap that is no duration', { reason: 'x', compromised: 'key1', overlap: '1h' }, 'overlap'],
  ])('%s', async (_, body, field) => {
    const answer = await stage.post('accounts/plain/rotate', body);
    expect(answer).toMatchObject({ status: 400, body: { status: 400, fields: [{ field, expected: asText }] } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
  it('a body that is too long', async () => {
    const answer = await stage.post('accounts/plain/rotate', { reason: 'x', more: 'x'.repeat(20_000) });
    expect(answer).toMatchObject({ status: 413, body: { remedy: asText } });
  });
  it('an idempotency key that is malformed', async () => {
    const headers = { 'Idempotency-Key': 'a key' };
    const answer = await stage.post('accounts/plain/rotate', { reason: 'x' }, { headers });
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ field: 'Idempotency-Key' }] } });
  });
  it('an unknown account, and one that is left out, with what is wrong with it', async () => {
    const unknown = await stage.post('accounts/nobody/rotate', { reason: 'x' });
    expect(unknown).toMatchObject({
      status: 404,
      body: { type: 'urn:ai-services-key-rotation:problem:unknown-account' },
    });
    const broken = await stage.get('accounts/broken');
    expect(broken).toMatchObject({
      status: 404,
      body: { problems: [{ setting: 'KeyRotation:Accounts:broken.resourceId', account: 'broken', remedy: asText }] },
    });
    const fleet = await stage.get('accounts');
    expect(fleet).toMatchObject({ status: 200, body: { problems: [{ account: 'broken' }], total: 7 } });
  });
});

describe('a dry run', () => {
  const planned = (body: Record<string, unknown>) =>
    (body['steps'] as { step: string; slot?: string }[]).map(({ step, slot }) =>
      [step, slot].filter(Boolean).join(' '),
    );
  it('answers what would follow, and changes nothing', async () => {
    const before = await stage.get('accounts/plain');
    const requests = stage.azure.requests.length;
    const answer = await stage.post('accounts/plain/rotate', { reason: 'looking', dryRun: true });
    expect(answer).toMatchObject({ status: 200, body: { account: 'plain', end: { reason: 'NotDue' }, consumers: [] } });
    expect(planned(answer.body).filter((step) => !step.startsWith('probe'))).toEqual([
      'regenerate key2',
      'publish key2',
      'announceReference',
      'announceFlag key2',
      'record',
      'regenerate key1',
      'record',
      'disable',
      'record',
    ]);
    expect(answer.body['steps']).toContainEqual({
      at: asText,
      step: 'regenerate',
      slot: 'key2',
      calls: ['Table: write the record', 'Azure Resource Manager: regenerate key2 of plain'],
    });
    const operations = stage.azure.requests.slice(requests).map(({ operation }) => operation);
    expect(operations.filter((operation) => /^(set|regenerate|transaction|upsert)/.test(operation))).toEqual([]);
    expect((await stage.get('accounts/plain')).body).toEqual(before.body);
  });
  it('says who would be cut off', async () => {
    const kill = { reason: 'looking', compromised: 'published', dryRun: true };
    expect(await stage.post('accounts/consumed/rotate', kill)).toMatchObject({
      status: 200,
      body: { consumers: [{ consumer: 'orders-api', risk: 'cutOff', detail: asText }] },
    });
    const gently = await stage.post('accounts/consumed/rotate', { reason: 'looking', dryRun: true });
    expect(gently).toMatchObject({
      body: {
        consumers: [{ consumer: 'orders-api', risk: 'none' }],
        end: { reason: 'ConsumersNotAcknowledged', isBlocked: true },
        others: expect.stringMatching(/^Applications that use the standby key are cut off at /) as unknown,
      },
    });
  });
  it('is refused where the real request would be', async () => {
    const wrong = await stage.post('accounts/plain/rotate', { reason: 'x', dryRun: 'yes' });
    expect(wrong).toMatchObject({ status: 400, body: { fields: [{ field: 'dryRun' }] } });
  });
});

describe('rotate', () => {
  it('is one rotation however often the same call is made', async () => {
    const before = keysOf('plain');
    const headers = { 'Idempotency-Key': 'monthly-1' };
    const first = await stage.post('accounts/plain/rotate', { reason: 'monthly' }, { headers });
    expect(first).toMatchObject({
      status: 202,
      body: {
        isRepeated: false,
        request: { id: 'monthly-1', state: 'closed', outcome: 'RotationStarted', by: 'function key', rotationId: 1 },
        status: { phase: 'preparing', publishedSlot: 'key1', reason: 'ActivationTimeNotOver' },
      },
    });
    expect(first.headers.get('location')).toBe('/api/accounts/plain/requests/monthly-1');
    const again = await stage.post('accounts/plain/rotate', { reason: 'monthly' }, { headers });
    expect(again).toMatchObject({ status: 202, body: { isRepeated: true, request: { rotationId: 1 } } });
    const other = await stage.post('accounts/plain/rotate', { reason: 'yearly' }, { headers });
    expect(other).toMatchObject({ status: 422, body: { remedy: asText } });
    expect(keysOf('plain').key1).toBe(before.key1);
    expect(await stage.get('accounts/plain/requests/monthly-1')).toMatchObject({
      status: 200,
      body: { reason: 'monthly', state: 'closed' },
    });
    expect((await stage.get('accounts/plain/requests/monthly-2')).status).toBe(404);
  });
  it('is refused inside an overlap, with the time when it would be accepted', async () => {
    await stage.activate();
    const { body: status } = await stage.get('accounts/plain');
    expect(status).toMatchObject({ phase: 'propagating', publishedSlot: 'key2' });
    const { endsAt } = status['overlap'] as { endsAt: string };
    const dry = await stage.post('accounts/plain/rotate', { reason: 'again', dryRun: true });
    expect(dry.status).toBe(409);
    const answer = await stage.post('accounts/plain/rotate', { reason: 'again' });
    expect(answer).toMatchObject({ status: 409, body: { reason: 'RotationUnderWay', acceptableAt: endsAt } });
  });
  it('waits while App Configuration cannot be read, and the account shows the cause and no key', async () => {
    const problem = { type: 'https://azconfig.io/errors/ip-address-rejected', title: 'x' };
    const fault = { kind: 'answer', status: 403, body: problem } as const;
    const remove = stage.azure.faults.add({ service: 'appConfiguration', operation: 'listKeyValues', fault });
    await stage.post('accounts/apart/rotate', { reason: 'now' });
    const shown = (await stage.get('accounts/apart')).body;
    remove();
    expect(shown).toMatchObject({
      reason: 'AnnouncementUnknown',
      detail:
        'appConfiguration read (403 ip-address-rejected): the network rules keep the function app out; let its network in or give it a private endpoint.',
    });
    const { key1, key2 } = keysOf('apart');
    for (const key of [key1, key2]) expect(JSON.stringify(shown)).not.toContain(key);
    stage.advance(60_000);
    await stage.tick();
    expect((await stage.get('accounts/apart')).body['detail']).toBeUndefined();
  });
  it('ends by the timer, and both keys are new', async () => {
    const before = keysOf('plain');
    stage.advance(2 * DAY);
    await stage.confirm();
    expect(await stage.get('accounts/plain')).toMatchObject({
      body: { phase: 'idle', rotationId: 1, last: { outcome: 'completed', provenAt: asText } },
    });
    expect(keysOf('plain').key1).not.toBe(before.key1);
  });
});

describe('roll back, approve, pause, resume', () => {
  const looking = { reason: 'looking', dryRun: true };
  const effects = (body: Record<string, unknown>) =>
    (body['steps'] as { step: string; slot?: string }[])
      .filter(({ step }) => ['publish', 'regenerate'].includes(step))
      .map(({ step, slot }) => `${step} ${slot ?? ''}`);
  const unchanged = async (name: string, look: () => Promise<void>): Promise<void> => {
    const before = [await stage.get(`accounts/${name}`), await stage.get(`accounts/${name}/history`)];
    await look();
    const after = [await stage.get(`accounts/${name}`), await stage.get(`accounts/${name}/history`)];
    expect(after.map(({ body }) => body)).toEqual(before.map(({ body }) => body));
  };
  it('says what a roll back would do, to whom, and when it would be refused; and changes nothing', async () => {
    await unchanged('held', async () => {
      const { status, body } = await stage.post('accounts/held/rollback', looking);
      expect(status).toBe(200);
      expect(body).toMatchObject({ outcome: 'RefusedNothingToRollBack', end: { reason: 'NotDue' } });
      expect(effects(body)).toEqual([]);
    });
    await stage.post('accounts/held/rotate', { reason: 'monthly' });
    await stage.activate();
    await unchanged('held', async () => {
      const { body } = await stage.post('accounts/held/rollback', looking);
      expect(body).toMatchObject({
        outcome: 'RolledBack',
        end: { reason: 'NotDue' },
        others: expect.stringMatching(
          /^Applications that have not taken the key that is published again by .* are cut off then\.$/,
        ) as unknown,
      });
      expect(effects(body)).toEqual(['publish key1', 'regenerate key2']);
    });
  });
  it('says what a pause and the end of it would do, and changes nothing', async () => {
    await unchanged('held', async () => {
      const paused = await stage.post('accounts/held/pause', looking);
      expect(paused).toMatchObject({ status: 200, body: { steps: [], end: { reason: 'Paused', isBlocked: false } } });
      const resumed = await stage.post('accounts/held/resume', looking);
      expect(resumed).toMatchObject({ status: 200, body: { end: { reason: 'NotDue' } } });
      expect(effects(resumed.body)).toEqual(['regenerate key1']);
      expect(resumed.body['others']).toMatch(/^Applications that use the superseded key are cut off at /);
    });
  });
  it('takes a rotation back while the superseded key lives, and refuses it otherwise', async () => {
    await stage.post('accounts/turning/rotate', { reason: 'monthly' });
    await stage.activate();
    const back = await stage.post('accounts/turning/rollback', { reason: 'the app is not ready' });
    expect(back).toMatchObject({
      status: 202,
      body: { request: { kind: 'rollBack', outcome: 'RolledBack' }, status: { publishedSlot: 'key1' } },
    });
    stage.advance(3 * DAY);
    await stage.confirm();
    expect(await stage.get('accounts/turning')).toMatchObject({
      body: { phase: 'idle', last: { outcome: 'rolledBack' } },
    });
    expect(await stage.post('accounts/turning/rollback', { reason: 'again' })).toMatchObject({
      body: { request: { outcome: 'RefusedNothingToRollBack' } },
    });
  });
  it('waits for approval before a standby is regenerated that may be in use', async () => {
    const before = keysOf('used');
    const asked = await stage.post('accounts/used/rotate', { reason: 'first' });
    expect(asked).toMatchObject({ body: { status: { reason: 'StandbyMayBeInUse', isBlocked: true } } });
    await unchanged('used', async () => {
      const { body } = await stage.post('accounts/used/approve', looking);
      expect(body).toMatchObject({ outcome: 'StandbyApproved' });
      expect(effects(body)).toEqual(['regenerate key2', 'publish key2', 'regenerate key1']);
    });
    expect(keysOf('used')).toEqual(before);
    const approved = await stage.post('accounts/used/approve', { reason: 'nobody uses it' });
    expect(approved).toMatchObject({
      status: 202,
      body: { request: { outcome: 'StandbyApproved' }, status: { phase: 'preparing' } },
    });
    expect(keysOf('used').key2).not.toBe(before.key2);
  });
  it('pauses and resumes once, however often it is asked', async () => {
    const first = await stage.post('accounts/calm/pause', { reason: 'holidays' });
    expect(first).toMatchObject({ status: 200, body: { pause: { by: 'function key', reason: 'holidays' } } });
    stage.advance(1_000);
    const second = await stage.post('accounts/calm/pause', { reason: 'other' });
    expect(second.body['pause']).toEqual(first.body['pause']);
    const resumed = await stage.post('accounts/calm/resume', { reason: 'back' });
    expect(resumed).toMatchObject({ status: 200 });
    expect(resumed.body['pause']).toBeUndefined();
    expect((await stage.post('accounts/calm/resume', { reason: 'back' })).status).toBe(200);
    const { body } = await stage.get('accounts/calm/history');
    const kinds = (body['entries'] as { kind: string }[]).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'Paused' || kind === 'Resumed')).toEqual(['Resumed', 'Paused']);
  });
  it('knows no other operation', async () => {
    expect((await stage.post('accounts/calm/explode', { reason: 'x' })).status).toBe(404);
  });
});

it('has never answered or logged a key', () => {
  const everything = stage.said.join('\n');
  expect(everything).toContain('RotationStarted');
  const keys = stage.everyKey();
  expect(keys.size).toBeGreaterThan(15);
  for (const key of keys) expect(everything).not.toContain(key);
});

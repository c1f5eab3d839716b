// Campaigns as operators ask for them, with real requests, against a local Azure over the wire.
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCampaigns } from '../../../src/fleet/campaign/campaigns.ts';
import { HOUR, type HttpStage, publishedVersion, startHttpStage } from './stage.ts';

const NAMES = ['alpha', 'beta', 'gamma', 'delta'];
const asText = expect.any(String) as unknown;

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  for (const name of [...NAMES, 'apart', 'broken']) stage.addAccount(name);
  await stage.adopt();
  stage.addAccount('fresh');
});
afterAll(() => stage.close());

/** What the timer does with campaigns. */
async function advance(minutes = 1): Promise<void> {
  stage.advance(minutes * 60_000);
  const now = stage.app.clock.now();
  const bounds = { startsUntil: now + 60_000, stepsUntil: now + 120_000, concurrency: 4 };
  await runCampaigns(
    stage.app,
    (_level, event, fields) => stage.said.push(JSON.stringify({ event, ...fields })),
    bounds,
  );
}
const phaseOf = async (name: string) => (await stage.get(`accounts/${name}`)).body['phase'];
const create = async (body: object, headers: Record<string, string> = {}) => {
  const answer = await stage.post('campaigns', { reason: 'a policy has changed', ...body }, { headers });
  const campaign = answer.body['campaign'] as { id: string } | undefined;
  return { answer, path: `campaigns/${campaign?.id ?? ''}` };
};

describe('a bad request is refused, naming the field', () => {
  const filter = {};
  it.each([
    ['no reason', { filter }, 'reason'],
    ['no filter', { reason: 'x' }, 'filter'],
    ['an unknown field', { reason: 'x', filter, force: true }, 'force'],
    ['an unknown field of the filter', { reason: 'x', filter: { kind: 'OpenAI' } }, 'filter.kind'],
    ['rings that leave somebody out', { reason: 'x', filter, rings: [{ percent: 10 }] }, 'rings'],
    ['no rings', { reason: 'x', filter, rings: [] }, 'rings'],
    ['shares that fall', { reason: 'x', filter, rings: [{ percent: 20 }, { percent: 10 }, { percent: 100 }] }, 'rings'],
    ['a ring of two kinds', { reason: 'x', filter, rings: [{ count: 1, percent: 10 }, { percent: 100 }] }, 'rings.0'],
    ['a cap of nobody', { reason: 'x', filter, perSubscription: 0 }, 'perSubscription'],
    ['a bake that is no duration', { reason: 'x', filter, bake: 'soon' }, 'bake'],
    ['an account that is none', { reason: 'x', filter: { accounts: ['nobody'] } }, 'filter.accounts'],
    [
      'a canary that is no member',
      { reason: 'x', filter, rings: [{ accounts: ['fresh'] }, { percent: 100 }] },
      'rings.0.accounts',
    ],
    ['a filter that matches nobody', { reason: 'x', filter: { policy: 'nothing' } }, 'filter'],
  ])('%s', async (_, body, field) => {
    const answer = await stage.post('campaigns', body);
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ field, expected: asText }] } });
    expect((await stage.get('campaigns')).body).toEqual({ campaigns: [], total: 0, unreadable: [] });
  });
  it('a campaign or an operation that does not exist', async () => {
    const type = 'urn:ai-services-key-rotation:problem:unknown-campaign';
    expect(await stage.get('campaigns/nobody')).toMatchObject({ status: 404, body: { type } });
    expect(await stage.post('campaigns/nobody/pause', { reason: 'x' })).toMatchObject({ status: 404, body: { type } });
    expect(await stage.post('campaigns/nobody/stop', { reason: 'x' })).toMatchObject({ status: 404 });
  });
  it('whoever may only read', async () => {
    const claims = [{ typ: 'roles', val: 'Rotation.Read' }];
    const principal = Buffer.from(JSON.stringify({ auth_typ: 'aad', claims })).toString('base64');
    const options = { authorization: 'entra', headers: { 'x-ms-client-principal': principal } } as const;
    expect((await stage.get('campaigns', options)).status).toBe(200);
    const answer = await stage.post('campaigns', { reason: 'x', filter: {} }, options);
    expect(answer).toMatchObject({ status: 403, body: { role: 'Rotation.Operate' } });
  });
});

describe('a dry run', () => {
  it('answers who would take part, in which ring, and stores nothing', async () => {
    const body = { reason: 'looking', filter: {}, dryRun: true, rings: [{ accounts: ['Beta'] }, { percent: 100 }] };
    const answer = await stage.post('campaigns', body);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        total: 6,
        rings: [
          { name: 'named accounts', total: 1, accounts: ['beta'] },
          { name: '100 %', total: 5 },
        ],
        subscriptions: 1,
        skipped: { notAdopted: 1 },
      },
    });
    expect((await stage.get('campaigns')).body).toEqual({ campaigns: [], total: 0, unreadable: [] });
  });
});

describe('a campaign', () => {
  const rings = [{ name: 'canary', accounts: ['alpha'] }, { percent: 100 }];
  let path: string;

  it('is stored with its members, and nobody is rotated yet', async () => {
    const made = await create({ filter: { accounts: NAMES }, rings, bake: 'PT10M' }, { 'Idempotency-Key': 'first' });
    path = made.path;
    expect(made.answer).toMatchObject({
      status: 202,
      body: {
        isRepeated: false,
        campaign: { state: 'running', ring: 'canary', total: 4, open: 4, by: 'function key' },
      },
    });
    expect(made.answer.headers.get('location')).toBe(`/api/${path}`);
    expect(await phaseOf('alpha')).toBe('idle');
    const { campaigns } = await stage.app.ports.records.listDue(stage.app.clock.now());
    expect(campaigns).toContain(path.slice(10));
  });
  it('is one campaign, however often it is asked for with its key', async () => {
    const headers = { 'Idempotency-Key': 'first' };
    const again = await create({ filter: { accounts: NAMES }, rings, bake: 'PT10M' }, headers);
    expect(again).toMatchObject({ path, answer: { status: 202, body: { isRepeated: true } } });
    const other = await create({ filter: { accounts: ['beta'] } }, headers);
    expect(other.answer).toMatchObject({ status: 422 });
    expect((await stage.get('campaigns')).body['total']).toBe(1);
  });
  it('rotates the canary, and nobody else while that bakes', async () => {
    await advance();
    expect(await phaseOf('alpha')).toBe('preparing');
    expect((await stage.get(path)).body).toMatchObject({ rings: [{ name: 'canary', done: 0 }, { open: 3 }] });
    await stage.activate();
    expect(await phaseOf('alpha')).toBe('propagating');
    await advance();
    expect((await stage.get(path)).body).toMatchObject({
      state: 'running',
      ring: 'canary',
      rings: [
        { name: 'canary', total: 1, open: 0, done: 1, endedAt: asText },
        { name: '100 %', total: 3, open: 3, done: 0 },
      ],
      failures: [],
    });
    expect(await phaseOf('beta')).toBe('idle');
    const history = await stage.get('accounts/alpha/history');
    const by = `function key (campaign ${path.slice(10)})`;
    expect(history.body['entries']).toContainEqual(expect.objectContaining({ kind: 'Requested', by }));
  });
  it('costs no look while it bakes', async () => {
    const due = async () => (await stage.app.ports.records.listDue(stage.app.clock.now())).campaigns.length;
    const before = await due();
    stage.advance(9 * 60_000);
    expect(await due()).toBe(before);
    stage.advance(60_000);
    expect(await due()).toBe(before + 1);
  });
  it('then rotates the rest, each once, and completes', async () => {
    await advance();
    expect(await Promise.all(NAMES.map(phaseOf))).toEqual(['propagating', 'preparing', 'preparing', 'preparing']);
    await stage.activate();
    await advance();
    const all = await Promise.all(NAMES.map(phaseOf));
    expect(all).toEqual(['propagating', 'propagating', 'propagating', 'propagating']);
    expect((await stage.get(path)).body).toMatchObject({ state: 'completed', done: 4, open: 0, failed: 0 });
    const rotations = await Promise.all(
      NAMES.map(async (name) => (await stage.get(`accounts/${name}`)).body['rotationId']),
    );
    expect(rotations).toEqual([1, 1, 1, 1]);
    expect(await phaseOf('apart')).toBe('idle');
    const due = await stage.app.ports.records.listDue(stage.app.clock.now());
    expect(due.campaigns).toEqual([]);
    expect(await stage.post(`${path}/abort`, { reason: 'late' })).toMatchObject({
      status: 409,
      body: { reason: 'completed' },
    });
  });
});

describe('a campaign that goes wrong', () => {
  it('halts, says who has failed and why, and goes on when it is resumed', async () => {
    const rings = [{ name: 'canary', accounts: ['broken'] }, { percent: 100 }];
    const { path } = await create({ filter: { accounts: ['broken', 'apart'] }, rings, maxFailures: 0 });
    const { vault } = stage.azure.world;
    vault.update('broken-key', publishedVersion(stage, 'broken'), { isEnabled: false });
    await advance();
    await advance(60);
    expect((await stage.get(path)).body).toMatchObject({
      state: 'halted',
      changed: { by: 'campaign', reason: '1 members of ring canary have failed; at most 0 may.' },
      failures: [{ account: 'broken', ring: 'canary', reason: 'SecretDisabled', at: asText }],
    });
    expect(stage.said.some((line) => line.includes('"event":"campaignHalted"'))).toBe(true);
    await advance(60);
    expect(await phaseOf('apart')).toBe('idle');
    const resumed = await stage.post(`${path}/resume`, { reason: 'known' });
    expect(resumed).toMatchObject({ status: 200, body: { state: 'running', changed: { reason: 'known' } } });
    await advance();
    await stage.activate();
    await advance();
    expect(await phaseOf('apart')).toBe('propagating');
    expect((await stage.get(path)).body).toMatchObject({ state: 'completed', done: 1, failed: 1 });
  });
});

describe('an operator', () => {
  it('pauses, resumes and aborts, each once; rotations under way are left alone', async () => {
    stage.addAccount('first');
    stage.addAccount('second');
    await stage.adopt();
    const rings = [{ accounts: ['first'] }, { percent: 100 }];
    const { path } = await create({ filter: { accounts: ['first', 'second'] }, rings });
    const say = (word: string) => stage.post(`${path}/${word}`, { reason: 'seen enough' });
    expect(await say('pause')).toMatchObject({
      status: 200,
      body: { state: 'paused', changed: { by: 'function key' } },
    });
    expect(await say('pause')).toMatchObject({ status: 200, body: { state: 'paused' } });
    await advance();
    expect(await phaseOf('first')).toBe('idle');
    expect(await say('resume')).toMatchObject({ status: 200, body: { state: 'running' } });
    expect(await say('abort')).toMatchObject({ status: 200, body: { state: 'aborted' } });
    expect(await say('abort')).toMatchObject({ status: 200, body: { state: 'aborted' } });
    expect(await say('resume')).toMatchObject({ status: 409 });
    stage.advance(HOUR);
    await advance();
    expect(await phaseOf('first')).toBe('idle');
    const { campaigns } = (await stage.get('campaigns?limit=1')).body as { campaigns: { id: string }[] };
    expect(campaigns.map(({ id }) => `campaigns/${id}`)).toEqual([path]);
  });
});

describe('the list', () => {
  const list = async (query: string) =>
    (await stage.get(`campaigns${query}`)).body as {
      campaigns: { id: string }[];
      total: number;
      next?: string;
      unreadable: string[];
    };

  it('comes in pages that leave nobody out and tell nobody twice, the newest first', async () => {
    const all = await list('');
    expect(all.total).toBeGreaterThan(2);
    expect(all.next).toBeUndefined();
    const ids: string[] = [];
    for (let query = '?limit=2'; ; ) {
      const page = await list(query);
      expect(page.total).toBe(all.total);
      expect(page.campaigns.length).toBeLessThanOrEqual(2);
      ids.push(...page.campaigns.map(({ id }) => id));
      if (page.next === undefined) break;
      query = `?limit=2&after=${page.next}`;
    }
    expect(ids).toEqual(all.campaigns.map(({ id }) => id));
    expect(await stage.get('campaigns?after=*')).toMatchObject({ status: 400, body: { fields: [{ field: 'after' }] } });
  });

  it('names one whose row cannot be understood', async () => {
    const row = { partitionKey: 'rotation', rowKey: 'c|damaged', campaign: '{', wish: '{}', rings: '[]' };
    const connection = stage.azure.endpoints.storageConnectionString ?? '';
    const table = TableClient.fromConnectionString(connection, 'KeyRotation', { allowInsecureConnection: true });
    await table.createEntity(row);
    const { campaigns, unreadable } = await list('');
    expect(unreadable).toEqual(['damaged']);
    expect(campaigns.map(({ id }) => id)).not.toContain('damaged');
    await table.deleteEntity('rotation', 'c|damaged');
  });
});

it('no answer and no line ever holds a key', () => {
  for (const key of stage.everyKey()) expect(stage.said.join('\n')).not.toContain(key);
});

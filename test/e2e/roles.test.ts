// Operators and consumers with roles, over HTTP against the running host, while the timer fires each second.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { eventually, HostClient } from './http-client.ts';

const POLICY = {
  ...DEMO_POLICY,
  rotationInterval: 'P1D',
  overlapMinimum: 'PT1S',
  overlapMaximum: 'PT10S',
  onMissing: 'hold',
  standbyIsFree: false,
  spread: 'PT0S',
};
const NAME = 'demo-language-1';
const PATH = `/api/accounts/${NAME}`;

let stage: Stage;
let client: HostClient;

function as(name: string, ...roles: string[]): Record<string, string> {
  const claims = [
    { typ: 'name', val: name },
    { typ: 'http://schemas.microsoft.com/identity/claims/objectidentifier', val: `id-of-${name}` },
    ...roles.map((role) => ({ typ: 'roles', val: role })),
  ];
  const principal = { auth_typ: 'aad', claims, name_typ: 'name', role_typ: 'roles' };
  return { 'x-ms-client-principal': Buffer.from(JSON.stringify(principal)).toString('base64') };
}

const OPERATOR = as('ada', 'Rotation.Operate');
const READER = as('bob', 'Rotation.Read');
const EMERGENCY = as('eve', 'Rotation.Emergency');
const WEB = as('web', 'Rotation.Acknowledge');

beforeAll(async () => {
  stage = await setStage({
    accounts: demoAccounts(1),
    policy: POLICY,
    latencyMs: 0,
    onLine: () => undefined,
    settings: { AUTHORIZATION: 'entra', WEBSITE_AUTH_ENABLED: 'True' },
  });
  const { store } = stage.azure.world;
  const [account] = stage.azure.world.accounts.values();
  store.set(`KeyRotation:Accounts:${NAME}`, null, {
    value: JSON.stringify({ resourceId: account?.id, policy: 'demo', consumers: ['web'] }),
    contentType: 'application/json',
  });
  store.set('KeyRotation:Sentinel', null, { value: '2' });
  const port = await freePort();
  await stage.startHost(port);
  client = new HostClient(port);
  await eventually(
    () => client.get(PATH, READER),
    ({ body }) => body['phase'] === 'idle',
  );
});
afterAll(() => stage.close());

describe('with AUTHORIZATION=entra', () => {
  it('nobody is let in without a principal, and a role that is missing is named', async () => {
    expect((await client.get(PATH)).status).toBe(401);
    expect((await client.post(`${PATH}/rotate`, { reason: 'x' })).status).toBe(401);
    expect(await client.post(`${PATH}/rotate`, { reason: 'x' }, READER)).toMatchObject({
      status: 403,
      body: { role: 'Rotation.Operate' },
    });
    const leaked = { reason: 'x', compromised: 'published' };
    expect(await client.post(`${PATH}/rotate`, leaked, OPERATOR)).toMatchObject({
      status: 403,
      body: { role: 'Rotation.Emergency' },
    });
    expect(
      await client.post(`${PATH}/acknowledgements`, { consumer: 'web', version: 'a'.repeat(32) }, OPERATOR),
    ).toMatchObject({ status: 403 });
    expect(await client.get(PATH, WEB)).toMatchObject({ status: 403 });
  });
  it('a forged or broken principal is nobody', async () => {
    for (const value of ['', 'e30=', 'not base64!', Buffer.from('{"claims":"x"}').toString('base64')]) {
      expect((await client.get(PATH, { 'x-ms-client-principal': value })).status).toBe(401);
    }
  });
});

describe('the first rotation of an account that was in use', () => {
  it('is rehearsed, waits for approval, then for the consumer, and ends with its word; the history says who', async () => {
    const rehearsed = await client.post(`${PATH}/rotate`, { reason: 'x', dryRun: true }, OPERATOR);
    expect(rehearsed).toMatchObject({ status: 200, body: { account: NAME } });
    expect(JSON.stringify(rehearsed.body['end'])).toContain('StandbyMayBeInUse');
    // An account is left alone for the maximum overlap after its adoption.
    await client.post(`${PATH}/rotate`, { reason: 'first' }, OPERATOR);
    const blocked = await eventually(
      () => client.get(PATH, READER),
      ({ body }) => body['reason'] === 'StandbyMayBeInUse',
      40_000,
    );
    expect(blocked.body).toMatchObject({ phase: 'idle', isBlocked: true, rotationId: 0 });
    expect(await client.post(`${PATH}/approve`, { reason: 'nobody uses key2' }, OPERATOR)).toMatchObject({
      status: 202,
    });
    const overlap = await eventually(
      () => client.get(PATH, READER),
      ({ body }) => body['phase'] === 'propagating',
    );
    expect(overlap.body).toMatchObject({ overlap: { missingConsumers: ['web'] } });
    const version = overlap.body['publishedVersion'];
    expect(
      await client.post(
        `${PATH}/acknowledgements`,
        { consumer: 'nobody', version },
        as('nobody', 'Rotation.Acknowledge'),
      ),
    ).toMatchObject({ status: 404 });
    expect(
      await client.post(`${PATH}/acknowledgements`, { consumer: 'web', version }, as('other', 'Rotation.Acknowledge')),
    ).toMatchObject({ status: 403 });
    expect(await client.post(`${PATH}/acknowledgements`, { consumer: 'web', version }, WEB)).toMatchObject({
      status: 200,
    });
    const rested = await eventually(
      () => client.get(PATH, READER),
      ({ body }) => body['phase'] === 'idle',
      10_000,
    );
    expect(rested.body).toMatchObject({
      rotationId: 1,
      last: { outcome: 'completed', provenAt: expect.any(String) as unknown },
    });
    const { entries } = (await client.get(`${PATH}/history`, READER)).body as {
      entries: { kind: string; by?: string; reason?: string }[];
    };
    const asked = entries
      .filter(({ kind }) => kind === 'Requested')
      .map(({ by, reason }) => `${by ?? ''}: ${reason ?? ''}`);
    expect(asked).toEqual(['ada (id-of-ada): approve: nobody uses key2', 'ada (id-of-ada): rotate: first']);
  });
  it('an emergency needs its own role', async () => {
    const answer = await client.post(`${PATH}/rotate`, { reason: 'leaked', compromised: 'key1' }, EMERGENCY);
    expect(answer).toMatchObject({ status: 202, body: { request: { outcome: 'KeyReplaced', by: 'eve (id-of-eve)' } } });
  });
});

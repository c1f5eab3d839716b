// Requests of operators after they are stored: listed, what they wait for, withdrawn.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestIdOf } from '../../../src/fleet/campaign/rules/model.ts';
import { principal } from './principal.ts';
import { DAY, type HttpStage, startHttpStage } from './stage.ts';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  for (const name of ['listed', 'waiting', 'begun', 'leaked', 'old', 'campaigned']) {
    stage.addAccount(name);
  }
  await stage.adopt();
});
afterAll(() => stage.close());

const asText = expect.any(String) as unknown;
const withKey = (key: string, options: object = {}) => ({ ...options, headers: { 'Idempotency-Key': key } });
const paused = (name: string) => stage.post(`accounts/${name}/pause`, { reason: 'holidays' });

describe('the requests of an account', () => {
  it('are listed, the newest first, in pages', async () => {
    await paused('listed');
    for (const [index, verb] of ['approve', 'rollback', 'rotate'].entries()) {
      await stage.post(`accounts/listed/${verb}`, { reason: verb }, withKey(`wish-${index}`));
      stage.advance(1_000);
    }
    const { status, body } = await stage.get('accounts/listed/requests');
    expect(status).toBe(200);
    expect(body['requests']).toMatchObject([
      { id: 'wish-2', kind: 'rotate', state: 'open', waitsFor: 'Paused' },
      { id: 'wish-1', kind: 'rollBack', state: 'closed', outcome: 'RefusedNothingToRollBack' },
      { id: 'wish-0', kind: 'approve', state: 'closed', outcome: 'StandbyApproved' },
    ]);
    const first = await stage.get('accounts/listed/requests?limit=2');
    const second = await stage.get(`accounts/listed/requests?limit=2&after=${String(first.body['next'])}`);
    expect(second.body).toMatchObject({ requests: [{ id: 'wish-0' }] });
    expect(second.body['next']).toBeUndefined();
  });
  it('say what they wait for, until when, and when they expire', async () => {
    await paused('waiting');
    const asked = await stage.post('accounts/waiting/rotate', { reason: 'soon' }, withKey('soon'));
    const { at } = asked.body['request'] as { at: string };
    const expiresAt = new Date(Date.parse(at) + 35 * DAY).toISOString();
    expect(asked.body['request']).toMatchObject({ state: 'open', waitsFor: 'Paused', expiresAt });
    expect(asked.body['request']).not.toHaveProperty('waitsUntil');
    const { body } = await stage.get('accounts/waiting');
    expect(body['openRequests']).toMatchObject([{ id: 'soon', waitsFor: 'Paused', expiresAt }]);
    const leak = await stage.post('accounts/waiting/rotate', { reason: 'x', compromised: 'key2', overlap: 'P1D' });
    expect(leak.body['request']).not.toHaveProperty('expiresAt');
  });
});

describe('a withdrawal', () => {
  it('shows what follows without the request, ends it once, and nothing is done for it', async () => {
    const path = 'accounts/listed/requests/wish-2/withdraw';
    const dry = await stage.post(path, { reason: 'looking', dryRun: true });
    expect(dry).toMatchObject({ status: 200, body: { steps: [], end: { reason: 'Paused' } } });
    expect(await stage.post(path, { reason: 'a mistake' })).toMatchObject({
      status: 200,
      body: { request: { id: 'wish-2', state: 'closed', outcome: 'Withdrawn', closedAt: asText } },
    });
    expect((await stage.post(path, { reason: 'again' })).status).toBe(200);
    await stage.post('accounts/listed/resume', { reason: 'back' });
    await stage.tick();
    expect((await stage.get('accounts/listed')).body).toMatchObject({ phase: 'idle', rotationId: 0, openRequests: [] });
    const { body } = await stage.get('accounts/listed/history');
    expect(body['entries']).toContainEqual(
      expect.objectContaining({
        kind: 'RequestWithdrawn',
        requestId: 'wish-2',
        by: 'function key',
        reason: 'a mistake',
      }),
    );
  });
  it('comes too late once the rotation has begun, and says what is under way', async () => {
    await stage.post('accounts/begun/rotate', { reason: 'soon' }, withKey('soon'));
    const path = 'accounts/begun/requests/soon/withdraw';
    const refused = {
      status: 409,
      body: { reason: 'RequestClosed', detail: 'The request has ended: RotationStarted.', remedy: asText },
    };
    expect(await stage.post(path, { reason: 'too late' })).toMatchObject(refused);
    expect(await stage.post(path, { reason: 'too late', dryRun: true })).toMatchObject(refused);
  });
  it('of a leaked key needs the role of an emergency, and comes too late once the key is replaced', async () => {
    const leak = { reason: 'in a log', compromised: 'published' };
    await stage.post('accounts/leaked/rotate', leak, withKey('leak'));
    const path = 'accounts/leaked/requests/leak/withdraw';
    const as = (role: string) => ({
      authorization: 'entra' as const,
      headers: principal({ roles: [role], name: 'Ada' }),
    });
    expect(await stage.post(path, { reason: 'no' }, as('Rotation.Check'))).toMatchObject({ status: 403 });
    expect(await stage.post(path, { reason: 'no' }, as('Rotation.Operate'))).toMatchObject({
      status: 403,
      body: { role: 'Rotation.Emergency' },
    });
    expect(await stage.post(path, { reason: 'no' }, as('Rotation.Emergency'))).toMatchObject({
      status: 409,
      body: { reason: 'KeyReplaced' },
    });
  });
  it('of a request that is not stored is a 404', async () => {
    for (const id of ['unknown', 'a%7Cb', '..']) {
      const { status } = await stage.post(`accounts/listed/requests/${id}/withdraw`, { reason: 'x' });
      expect(status).toBe(404);
    }
  });
});

it('an idempotency key that looks like the request of a campaign does not take its place', async () => {
  await stage.post('accounts/campaigned/rollback', { reason: 'mine' }, withKey('campaign-0a1b2c'));
  const id = requestIdOf('0a1b2c' as never);
  const request = { id, kind: 'rotate', reason: 'all', by: 'campaign', at: stage.app.clock.now() } as const;
  const [account] = (await stage.app.fleet()).accounts.filter(({ alias }) => alias === 'campaigned');
  if (account === undefined) throw new Error('The account is not configured.');
  expect(await stage.app.ports.records.insertRequest(account, request, [])).toBe(true);
  expect((await stage.get(`accounts/campaigned/requests/${id}`)).body).toMatchObject({
    kind: 'rotate',
    by: 'campaign',
  });
});

it('a request that nobody could carry out for long expires, and says so', async () => {
  await paused('old');
  await stage.post('accounts/old/rotate', { reason: 'soon' }, withKey('soon'));
  stage.advance(35 * DAY);
  await stage.tick();
  expect((await stage.get('accounts/old/requests/soon')).body).toMatchObject({ state: 'closed', outcome: 'Expired' });
  expect((await stage.get('accounts/old/history?limit=1')).body['entries']).toMatchObject([
    { kind: 'RequestClosed', reason: 'Expired', requestId: 'soon' },
  ]);
});

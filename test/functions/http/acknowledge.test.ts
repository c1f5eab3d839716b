// A consumer's acknowledgement: who may speak, what counts, and that a held overlap ends with the last missing word.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { principal } from './principal.ts';
import { DAY, HOUR, type HttpStage, publishedVersion, startHttpStage } from './stage.ts';

const CONSUMERS = ['orders-api', 'Billing', 'aaaaaaaa-0000-4000-8000-000000000001'];
const OLD_VERSION = '0123456789abcdef0123456789abcdef';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  stage.addAccount('shop', { consumers: CONSUMERS });
  stage.addAccount('held', { consumers: ['orders-api'] });
  stage.addAccount('alone');
  await stage.adopt();
  await stage.post('accounts/shop/rotate', { reason: 'monthly' });
  await stage.post('accounts/held/rotate', { reason: 'monthly' });
  await stage.activate();
});
afterAll(() => stage.close());

const acknowledge = (account: string, consumer: string, version: string, options = {}) =>
  stage.post(`accounts/${account}/acknowledgements`, { consumer, version }, options);

describe('what is refused', () => {
  it.each([
    ['no consumer', { version: OLD_VERSION }, 'consumer'],
    ['a consumer that is no name', { consumer: 'a b', version: OLD_VERSION }, 'consumer'],
    ['no version', { consumer: 'orders-api' }, 'version'],
    ['a version that is none', { consumer: 'orders-api', version: 'newest' }, 'version'],
    ['an unknown field', { consumer: 'orders-api', version: OLD_VERSION, reason: 'x' }, 'reason'],
  ])('%s', async (_, body, field) => {
    const answer = await stage.post('accounts/shop/acknowledgements', body);
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ field }] } });
  });
  it.each([
    ['a consumer that the policy does not name', 'shop', 'stranger'],
    ['any consumer where the policy names none', 'alone', 'orders-api'],
  ])('%s: 404', async (_, account, consumer) => {
    const answer = await acknowledge(account, consumer, OLD_VERSION);
    expect(answer).toMatchObject({
      status: 404,
      body: { type: 'urn:ai-services-key-rotation:problem:unknown-consumer' },
    });
    expect((await stage.app.ports.records.read(await accountOf(account))).acknowledgements).toEqual([]);
  });
  it('an unknown account: 404', async () => {
    expect((await acknowledge('nobody', 'orders-api', OLD_VERSION)).status).toBe(404);
  });
});

const accountOf = async (alias: string) => {
  const found = (await stage.app.fleet()).accounts.find((account) => account.alias === alias);
  if (found === undefined) throw new Error(`There is no account ${alias}.`);
  return found;
};

describe('an acknowledgement', () => {
  it('of a version that is no longer published is kept and does not count', async () => {
    expect(await acknowledge('shop', 'orders-api', OLD_VERSION)).toMatchObject({
      status: 200,
      body: { isCounted: false, missingConsumers: CONSUMERS },
    });
  });
  it('tells who is still missing; the name may be written in any case', async () => {
    const version = publishedVersion(stage, 'shop');
    const first = await acknowledge('shop', 'ORDERS-api', version.toUpperCase());
    expect(first).toMatchObject({
      status: 200,
      body: {
        account: 'shop',
        consumer: 'orders-api',
        version,
        isCounted: true,
        phase: 'propagating',
        publishedVersion: version,
        missingConsumers: ['Billing', 'aaaaaaaa-0000-4000-8000-000000000001'],
      },
    });
    await acknowledge('shop', 'billing', version);
    const last = await acknowledge('shop', CONSUMERS[2] ?? '', version);
    const overlap = last.body['overlap'] as { since: string; endsAt: string };
    expect(last.body['missingConsumers']).toEqual([]);
    expect(Date.parse(overlap.endsAt) - Date.parse(overlap.since)).toBe(HOUR);
  });
  it('that is the last one missing ends an overlap that was held for it, at once', async () => {
    stage.advance(3 * DAY);
    await stage.tick();
    expect(await stage.get('accounts/held')).toMatchObject({
      body: { phase: 'propagating', reason: 'ConsumersNotAcknowledged', isBlocked: true },
    });
    const answer = await acknowledge('held', 'orders-api', publishedVersion(stage, 'held'));
    expect(answer).toMatchObject({ status: 200, body: { isCounted: true, phase: 'retiring', missingConsumers: [] } });
    await stage.confirm();
    expect(await stage.get('accounts/held')).toMatchObject({ body: { phase: 'idle', last: { outcome: 'completed' } } });
  });
});

describe('with Entra', () => {
  const as = (claims: Parameters<typeof principal>[0]) => ({ authorization: 'entra', headers: principal(claims) });
  const version = OLD_VERSION;
  it.each([
    ['its object id', { objectId: 'AAAAAAAA-0000-4000-8000-000000000001' }, CONSUMERS[2]],
    ['its application id', { appId: 'aaaaaaaa-0000-4000-8000-000000000001' }, CONSUMERS[2]],
    ['its name', { name: 'Orders-API' }, 'orders-api'],
  ])('a consumer speaks for itself, known by %s', async (_, who, consumer) => {
    const options = as({ ...who, roles: ['Rotation.Acknowledge'] });
    expect((await acknowledge('shop', consumer ?? '', version, options)).status).toBe(200);
  });
  it('and for nobody else', async () => {
    const options = as({ name: 'orders-api', objectId: '1', roles: ['Rotation.Acknowledge', 'Rotation.Emergency'] });
    expect((await acknowledge('shop', 'Billing', version, options)).status).toBe(403);
    expect((await acknowledge('shop', 'stranger', version, options)).status).toBe(403);
  });
  it('and not without its role, which an operator has not', async () => {
    const options = as({ name: 'orders-api', roles: ['Rotation.Emergency'] });
    expect(await acknowledge('shop', 'orders-api', version, options)).toMatchObject({
      status: 403,
      body: { role: 'Rotation.Acknowledge' },
    });
  });
});

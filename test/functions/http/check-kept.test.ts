// A connectivity check beside what it finds: what it would call, and its result, kept for whoever looks at the account.
import { hash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AccountState } from '../../../local/azure/world/world.ts';
import { principal } from './principal.ts';
import { DAY, type HttpStage, startHttpStage } from './stage.ts';

let stage: HttpStage;
let shop: AccountState;
beforeAll(async () => {
  stage = await startHttpStage();
  shop = stage.addAccount('shop');
  stage.addAccount('speech', {}, {}, 'SpeechServices');
  await stage.adopt();
});
afterEach(() => {
  shop.knobs.missingActions = [];
  stage.azure.faults.clear();
});
afterAll(() => stage.close());

/** As `printf %s <key> | sha256sum | cut -c1-16` prints it. */
const fingerprintOf = (key: string) => hash('sha256', key, 'hex').slice(0, 16);
const requireAccountNamed = async (name: string) => {
  const account = (await stage.app.fleet()).accounts.find(({ alias }) => alias === name);
  if (account === undefined) throw new Error(`No account ${name}.`);
  return account;
};
const check = (account = 'shop') => stage.post(`accounts/${account}/check`, {});

describe('a dry run', () => {
  it('names every call that the check then makes, and makes none of them', async () => {
    const before = stage.azure.requests.length;
    const plan = await stage.post('accounts/speech/check', { reason: 'looking', dryRun: true });
    const asked = new Set(stage.azure.requests.slice(before).map(({ service }) => service));
    expect([...asked]).toEqual(['appConfiguration']);
    expect(plan.status).toBe(200);
    const calls = plan.body['calls'] as { call: string; count: number }[];
    expect(calls.map(({ call, count }) => `${count} × ${call}`)).toEqual([
      '2 × App Configuration: read the accounts of the service',
      '1 × Table: read the record',
      '1 × Key Vault: get the newest version of the secret speech-key',
      '1 × App Configuration: get speech:Key and the feature flag speech-uses-key2',
      '1 × Azure Resource Manager: list the keys of speech',
      '2 × Azure Resource Manager: read speech',
      '1 × Azure Resource Manager: list what this identity may do on speech',
      '2 × AI services: one harmless call to speech with each key',
      '1 × AI services: one harmless call to speech with a Microsoft Entra token',
      '1 × AI services: exchange the published key for a token, where the kind does',
      '1 × Table: keep the result of the check',
    ]);
    expect(plan.body).toMatchObject({ account: 'speech', total: 14 });

    const made = stage.azure.requests.length;
    await check('speech');
    const count = (service: string) =>
      stage.azure.requests.slice(made).filter((entry) => entry.service === service).length;
    expect(['table', 'keyVault', 'dataPlane'].map(count)).toEqual([2, 1, 4]);
    expect(count('arm')).toBeLessThanOrEqual(4);
    expect(count('appConfiguration')).toBeLessThanOrEqual(3);
  });
  it('of a search says how many secrets are read at most', async () => {
    const plan = await stage.post('accounts/shop/check', { searchVault: true, dryRun: true });
    expect(plan.body).toMatchObject({ total: 536 });
    expect(plan.body['calls']).toContainEqual({
      call: 'Key Vault: get the newest version of each other secret',
      count: 500,
    });
  });
});

describe('a search of the vault', () => {
  const search = (account: string) => stage.post(`accounts/${account}/check`, { searchVault: true });
  const readsOf = async (act: () => Promise<unknown>): Promise<number> => {
    const before = stage.azure.requests.length;
    await act();
    return stage.azure.requests.slice(before).filter(({ service }) => service === 'keyVault').length;
  };

  it('is made once a minute for a vault, by whichever account and instance: passes need its limit as well', async () => {
    expect((await search('shop')).status).toBe(200);
    stage.restart();
    stage.advance(59_000);
    const reads = await readsOf(async () => {
      const answer = await search('speech');
      expect(answer).toMatchObject({
        status: 429,
        body: {
          type: 'urn:ai-services-key-rotation:problem:too-soon',
          remedy: expect.stringContaining('1 second') as unknown,
        },
      });
      expect(answer.headers.get('retry-after')).toBe('1');
    });
    expect(reads).toBe(0);
    expect((await check('speech')).status).toBe(200);
    stage.advance(1_000);
    expect((await search('speech')).status).toBe(200);
  });
  it('begins once of two at once', async () => {
    stage.advance(60_000);
    const answers = await Promise.all([search('shop'), search('speech')]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 429]);
  });
  it('is not held by a clock that was set back', async () => {
    stage.advance(60_000);
    expect((await search('shop')).status).toBe(200);
    stage.advance(-3_600_000);
    expect((await search('shop')).status).toBe(200);
    stage.advance(3_600_000);
  });
});

describe('the result', () => {
  const lastCheck = async () => (await stage.get('accounts/shop')).body['lastCheck'] as Record<string, unknown>;
  const standby = async () => {
    const { body } = await stage.get('accounts/shop');
    return (body['keys'] as { role: string }[]).find(({ role }) => role === 'standby');
  };
  it('is kept with who asked and why, whoever looks, until the next check', async () => {
    const headers = principal({ roles: ['Rotation.Check'], name: 'Ada', objectId: 'o-1' });
    const body = { reason: 'a caller reports 401' };
    const made = await stage.post('accounts/shop/check', body, { authorization: 'entra', headers });
    const now = new Date(stage.app.clock.now()).toISOString();
    const findings = expect.arrayContaining(made.body['findings'] as unknown[]) as unknown;
    expect({ account: 'shop', ...(await lastCheck()) }).toEqual({
      ...made.body,
      ...body,
      findings,
      at: now,
      by: 'Ada (o-1)',
      isVaultSearched: false,
    });
    expect(stage.said).toContain(
      '{"event":"check","account":"shop","by":"Ada (o-1)","reason":"a caller reports 401","isHealthy":true,"isVaultSearched":false}',
    );
    expect(stage.said.join('\n')).not.toContain('checkNotKept');
    shop.knobs.missingActions = ['Microsoft.CognitiveServices/accounts/regenerateKey/action'];
    await check();
    expect(await lastCheck()).toMatchObject({ isHealthy: false, by: 'function key' });
    expect(await lastCheck()).not.toHaveProperty('reason');
    const [first] = (await lastCheck())['findings'] as unknown[];
    expect(first).toMatchObject({ check: 'armPermissions', result: 'fail' });
  });
  it('tells the fingerprint of the standby key, until a rotation may have regenerated it', async () => {
    await check();
    const seenAt = new Date(stage.app.clock.now()).toISOString();
    const fingerprint = fingerprintOf(shop.keys.key2.value);
    expect(await standby()).toEqual({ slot: 'key2', role: 'standby', fingerprint, seenAt });
    await stage.post('accounts/shop/rotate', { reason: 'monthly' });
    expect(await standby()).toEqual({ slot: 'key2', role: 'standby' });
    await stage.activate();
    expect(await standby()).toBeUndefined();
    stage.advance(3 * DAY);
    await stage.confirm();
    expect(await standby()).toEqual({ slot: 'key1', role: 'standby' });
    await check();
    expect(await standby()).toMatchObject({ slot: 'key1', fingerprint: fingerprintOf(shop.keys.key1.value) });
  });
  it('tells nothing of a standby key that a regenerate without an answer may still replace', async () => {
    stage.azure.faults.add({ service: 'arm', operation: 'regenerateKey', fault: { kind: 'refuse' } });
    const { body } = await stage.post('accounts/shop/rotate', { reason: 'again' });
    expect(body).toMatchObject({ status: { phase: 'preparing' } });
    await check();
    expect(await standby()).toEqual({ slot: 'key1', role: 'standby' });
    stage.azure.faults.clear();
    stage.advance(DAY);
    await check();
    expect(await standby()).toMatchObject({ fingerprint: fingerprintOf(shop.keys.key1.value) });
    await stage.tick();
    await stage.activate();
    stage.advance(3 * DAY);
    await stage.confirm();
  });
  it('is answered also when the table does not take it', async () => {
    stage.azure.faults.add({
      service: 'table',
      operation: 'upsertEntity',
      fault: { kind: 'serverError', status: 503 },
    });
    const before = await lastCheck();
    stage.advance(1_000);
    expect((await check()).status).toBe(200);
    expect(stage.said.join('\n')).toContain('"event":"checkNotKept","account":"shop","code":"Unavailable"');
    expect(await lastCheck()).toEqual(before);
  });
  it('tells the endpoint and the location of the account, also to whoever looks later', async () => {
    const endpoint = stage.azure.dataPlaneEndpoint('shop');
    expect((await check()).body).toMatchObject({ endpoint, location: 'westeurope' });
    expect(await lastCheck()).toMatchObject({ endpoint, location: 'westeurope' });
    stage.azure.faults.add({ service: 'arm', operation: 'getAccount', fault: { kind: 'serverError', status: 503 } });
    const { body } = await check();
    expect([body['endpoint'], body['location']]).toEqual([undefined, undefined]);
  });
  it('fits into its row however much is found, what fails first', async () => {
    const remedy = 'x'.repeat(5_000);
    const finding = (result: 'pass' | 'fail', index: number) => ({ check: `c-${index}`, result, detail: 'y', remedy });
    const findings = Array.from({ length: 60 }, (_, index) => finding(index < 20 ? 'pass' : 'fail', index));
    const account = await requireAccountNamed('shop');
    await stage.app.checks.keep(account, {
      at: 1,
      by: 'x',
      isVaultSearched: false,
      isHealthy: false,
      isReadyForKeyless: 'unknown',
      findings,
    });
    const kept = await stage.app.checks.last(account);
    expect(kept?.findings).toHaveLength(30);
    expect(kept?.findings[0]).toEqual({
      check: 'c-20',
      result: 'fail',
      detail: 'y',
      remedy: `${'x'.repeat(999)}…`,
    });
  });
  it('needs a reason that says something, where one is given', async () => {
    const answer = await stage.post('accounts/shop/check', { reason: ' ' });
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ field: 'reason' }] } });
  });
});

it('has never answered or logged a key', () => {
  const everything = stage.said.join('\n');
  for (const key of stage.everyKey()) {
    if (key.length >= 32) expect(everything).not.toContain(key);
  }
});

// What is shown: fleet, history, health, and settings that are wrong.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeApp } from '../../../src/compose.ts';
import type { FleetAnswer } from '../../../src/http/contract/answers.ts';
import { timerHealth } from '../../../src/operators/status/health.ts';
import { countsOf } from '../../../src/page/fleet/fleet.ts';
import { type HttpStage, startHttpStage } from './stage.ts';

const MINUTE = 60_000;
let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  for (const name of ['alpha', 'beta', 'gamma', 'delta']) stage.addAccount(name);
  stage.azure.world.vault.set('delta-key', { value: 'not a key of the account' });
  await stage.adopt();
});
afterAll(() => stage.close());

const aliasesOf = (body: Record<string, unknown>) => (body['accounts'] as { account: string }[]).map((a) => a.account);

describe('the fleet', () => {
  it('comes in pages, in the order of the names', async () => {
    const first = await stage.get('accounts?limit=3');
    expect(aliasesOf(first.body)).toEqual(['alpha', 'beta', 'delta']);
    expect(first.body['total']).toBe(4);
    const second = await stage.get(`accounts?limit=3&after=${String(first.body['next'])}`);
    expect(aliasesOf(second.body)).toEqual(['gamma']);
    expect(second.body['next']).toBeUndefined();
  });
  it.each([
    ['phase=idle', ['alpha', 'beta', 'gamma']],
    ['phase=notAdopted', ['delta']],
    ['blocked=true', ['delta']],
    ['blocked=false&search=A', ['alpha', 'beta', 'gamma']],
    ['search=accounts/BET', ['beta']],
    ['search=nothing', []],
    ['code=a-key&phase=retiring', []],
  ])('is filtered by %s', async (query, aliases) => {
    const { status, body } = await stage.get(`accounts?${query}`);
    expect(status).toBe(200);
    expect(aliasesOf(body)).toEqual(aliases);
  });
  it.each([
    ['phase=confirmed', 'phase'],
    ['blocked=yes', 'blocked'],
    ['limit=0', 'limit'],
    ['limit=many', 'limit'],
    ['after=%20', 'after'],
    ['pahse=idle', 'pahse'],
  ])('refuses %s, naming the parameter', async (query, field) => {
    const answer = await stage.get(`accounts?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ field }] } });
  });
});

describe('an account', () => {
  it('shows its window as it is now, without a change of the configuration', async () => {
    const windows = [{ start: '0 22 * * *', duration: 'PT4H', timeZone: 'Europe/Zurich' }];
    stage.configure('KeyRotation:Policies:gamma', { standbyIsFree: true, windows });
    const opensAt = async () => (await stage.get('accounts/gamma')).body['window'] as { opensAt?: string };
    const shut = await opensAt();
    // Whatever the time of day, the shut part of the day lasts 20 hours and the open one 4.
    if (shut.opensAt === undefined) stage.advance(4 * 60 * MINUTE);
    const next = await opensAt();
    expect(next).toEqual({ isOpen: false, opensAt: expect.stringMatching(/T2[01]:00:00\.000Z$/) as unknown });
    stage.advance(Date.parse(next.opensAt ?? '') - stage.app.clock.now());
    expect(await opensAt()).toEqual({ isOpen: true });
    expect((await stage.get('accounts/alpha')).body['window']).toBeUndefined();
  });
});

describe('the history', () => {
  it('comes newest first and in pages that lose nothing', async () => {
    await stage.post('accounts/alpha/rotate', { reason: 'monthly' }, { headers: { 'Idempotency-Key': 'h-1' } });
    await stage.activate();
    const whole = await stage.get('accounts/alpha/history');
    const entries = whole.body['entries'] as Record<string, unknown>[];
    expect(entries.map(({ kind }) => kind)).toEqual(['Published', 'RotationStarted', 'Requested', 'Adopted']);
    expect(entries[2]).toMatchObject({ by: 'function key', reason: 'rotate: monthly', requestId: 'h-1' });
    const paged: unknown[] = [];
    let next: unknown;
    do {
      const after = typeof next === 'string' ? `&after=${next}` : '';
      const { body } = await stage.get(`accounts/alpha/history?limit=3${after}`);
      paged.push(...(body['entries'] as unknown[]));
      ({ next } = body);
    } while (next !== undefined);
    expect(paged).toEqual(entries);
  });
  it('is not found below another name', async () => {
    expect((await stage.get('accounts/alpha/histories')).status).toBe(404);
  });
});

describe('health', () => {
  it('is bad before the timer has run, good while it runs, bad after two intervals without it', async () => {
    const never = await stage.get('health');
    expect(never).toMatchObject({ status: 503, body: { isHealthy: false, timer: { isLate: true } } });
    const { records } = stage.app.ports;
    const { clock } = stage.app;
    const ticks: number[] = [];
    for (let tick = 0; tick < 4; tick++) {
      stage.advance(5 * MINUTE);
      ticks.unshift(clock.now());
    }
    await records.noteTick({ ticks, enrolled: undefined });
    stage.advance(10 * MINUTE);
    const good = await stage.get('health');
    expect(good).toMatchObject({
      status: 200,
      body: {
        isHealthy: true,
        timer: { isLate: false, intervalSeconds: 300, detail: 'The timer last ran 600 s ago.' },
        accounts: 4,
        blocked: { count: 1, accounts: [{ account: 'delta', reason: 'SecretNotRecognised' }] },
        failing: { count: 0, accounts: [] },
        configurationProblems: 0,
        deadNotifications: 0,
      },
    });
    stage.advance(1_000);
    const bad = await stage.get('health');
    expect(bad).toMatchObject({
      status: 503,
      body: { timer: { isLate: true, remedy: expect.stringContaining('RECONCILE_SCHEDULE') as unknown } },
    });
  });
  it('names overdue accounts, also one that is held up in mid-rotation', async () => {
    stage.advance(60 * 86_400_000);
    const { body } = await stage.get('health');
    const accounts = [{ account: 'alpha' }, { account: 'beta' }, { account: 'gamma' }];
    expect(body['overdue']).toMatchObject({ count: 3, accounts });
  });
  it('still names an account as blocked while passes over it fail, for nobody has seen the block end', async () => {
    stage.azure.faults.add({ service: 'arm', fault: { kind: 'serverError', status: 503 } });
    await stage.tick();
    stage.azure.faults.clear();
    const { body } = await stage.get('health');
    const delta = { account: 'delta', reason: 'SecretNotRecognised', failures: 1 };
    expect(body).toMatchObject({ blocked: { count: 1, accounts: [delta] }, failing: { count: 4 } });
    const account = (await stage.get('accounts/delta')).body;
    expect(account).toMatchObject({ isBlocked: false, interruptedBlock: 'SecretNotRecognised' });
    // The status page counts the accounts of the list by itself: in the same way.
    const counts = countsOf((await stage.get('accounts')).body['accounts'] as FleetAnswer['accounts']);
    const told = (['blocked', 'overdue', 'failing'] as const).map((fact) => counts.get(fact));
    expect(told).toEqual([1, 3, 4]);
    expect(body).toMatchObject({ blocked: { count: 1 }, overdue: { count: 3 }, failing: { count: 4 } });
  });
  it('takes an outage for no interval, and a schedule of seconds for one of minutes', () => {
    const ticks = [100, 99, 98, 10, 9, 8].map((minute) => minute * MINUTE);
    expect(timerHealth(ticks, 102 * MINUTE).isLate).toBe(false);
    expect(timerHealth(ticks, 102 * MINUTE + 1).isLate).toBe(true);
    expect(timerHealth([0], 60 * MINUTE).isLate).toBe(false);
    expect(timerHealth([0], 60 * MINUTE + 1).isLate).toBe(true);
  });
  it('does not take a tick for recent that was noted before the clock was set back', () => {
    const ticks = [100, 99, 98].map((minute) => minute * MINUTE);
    expect(timerHealth(ticks, 99 * MINUTE).isLate).toBe(false);
    expect(timerHealth(ticks, 40 * MINUTE)).toMatchObject({
      isLate: true,
      detail: expect.stringContaining('before the clock was set back') as unknown,
    });
  });
});

describe('settings that are wrong', () => {
  it('are all named in every answer', async () => {
    stage.serving = composeApp({ KEY_VAULT_URL: 'vault', AZURE_CLOUD: 'moon' });
    const calls = [
      () => stage.get('accounts'),
      () => stage.get('health'),
      () => stage.post('accounts/alpha/rotate', { reason: 'x' }),
      () => stage.post('accounts/alpha/check', {}),
    ];
    for (const call of calls) {
      const { status, body } = await call();
      expect(status).toBe(503);
      const problems = body['problems'] as { setting: string; remedy: string }[];
      expect(problems.map(({ setting }) => setting).sort()).toEqual([
        'APP_CONFIGURATION_ENDPOINT',
        'AZURE_CLOUD',
        'AzureWebJobsStorage',
        'KEY_VAULT_URL',
      ]);
      for (const { remedy } of problems) expect(remedy).not.toBe('');
    }
    stage.serving = stage.app;
  });
  it('are shown to nobody who is not let in', async () => {
    stage.serving = composeApp({});
    const answer = await stage.get('accounts', { authorization: 'entra' });
    stage.serving = stage.app;
    expect(answer.status).toBe(401);
    expect(answer.body['problems']).toBeUndefined();
  });
});

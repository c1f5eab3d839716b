// What a tick leaves to the queue, and what becomes of it there.

import { readFile } from 'node:fs/promises';
import { InvocationContext } from '@azure/functions';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/compose.ts';
import type { CampaignId } from '../../src/fleet/campaign/rules/model.ts';
import { TICK_BOUNDS } from '../../src/fleet/passes.ts';
import type { FleetRecords } from '../../src/fleet/ports.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import type { Account, AccountId } from '../../src/rotation/model.ts';
import type { KeysPort } from '../../src/rotation/ports.ts';
import { ATTEMPTS, runQueuedPass } from '../../src/triggers/queue.ts';
import { batchesOf } from '../../src/triggers/queue-batches.ts';
import { runTick } from '../../src/triggers/tick.ts';
import { passOverDue } from '../support/pass-over-due.ts';
import { DAY, type HttpStage, startHttpStage } from './http/stage.ts';

let stage: HttpStage;
let said: Record<string, unknown>[] = [];
beforeAll(async () => {
  stage = await startHttpStage();
  for (const name of ['alpha', 'beta', 'gamma']) stage.addAccount(name);
});
afterAll(() => stage.close());
afterEach(() => {
  said = [];
  stage.azure.faults.clear();
  stage.advance(60_000);
});

const idOf = (name: string) =>
  `/subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/rg-test/providers/microsoft.cognitiveservices/accounts/${name}`;

async function take(message: unknown, triggerMetadata: Record<string, unknown> = {}): Promise<void> {
  const logHandler = (_level: string, ...args: unknown[]): void => {
    said.push(JSON.parse(String(args[0])) as Record<string, unknown>);
  };
  await runQueuedPass(
    stage.serving,
    message,
    new InvocationContext({ functionName: 'reconcile-account', logHandler, triggerMetadata }),
  );
}

const ignored = () => said.map(({ event, reason }) => [event, reason]);
const phaseOf = async (name: string) => (await stage.get(`accounts/${name}`)).body['phase'];

describe('a tick with more accounts than it should take', () => {
  it('passes over as many as it may and leaves the others', async () => {
    const { left, report } = await passOverDue(stage.app, () => undefined, { ...TICK_BOUNDS, accounts: 2 });
    expect(report).toEqual({ accounts: 3, due: 3, passes: 2, left: 1, problems: 0, campaigns: 0 });
    expect(left).toEqual([idOf('gamma')]);
    expect([await phaseOf('beta'), await phaseOf('gamma')]).toEqual(['idle', 'notAdopted']);
  });
  it('leaves also those for which time was up', async () => {
    const { left } = await passOverDue(stage.app, () => undefined, { ...TICK_BOUNDS, startsForMs: 0 });
    expect(left).toEqual([idOf('gamma')]);
  });
});

it('a tick that goes on begins nothing on what was configured when it began', async () => {
  stage.advance(400 * DAY);
  const { world } = stage.azure;
  let owners = 0;
  const app = {
    ...stage.app,
    newOwner: () => {
      if (owners++ === 0) {
        world.store.set('KeyRotation:Freeze', null, { value: 'true' });
        world.store.delete('KeyRotation:Accounts:gamma', null);
        stage.advance(30_000);
      }
      return stage.app.newOwner();
    },
  };
  const passes: unknown[] = [];
  await passOverDue(
    app,
    (_level, event, fields) => {
      if (event === 'pass') passes.push([fields['account'], fields['reason']]);
    },
    { ...TICK_BOUNDS, concurrency: 1 },
  );
  expect(passes).toEqual([
    ['alpha', 'ActivationTimeNotOver'],
    ['beta', 'Frozen'],
  ]);
  world.store.delete('KeyRotation:Freeze', null);
  stage.addAccount('gamma');
});

describe('messages', () => {
  const ids = (subscription: string, count: number) =>
    Array.from({ length: count }, (_, n) => `/subscriptions/${subscription}/x/${n}` as AccountId);
  it('hold fifty accounts at most, of one subscription each, and the subscriptions take turns', () => {
    const batches = batchesOf([...ids('west', 120), ...ids('east', 51)]);
    expect(batches.map(({ accountIds }) => [accountIds[0], accountIds.length])).toEqual([
      ['/subscriptions/west/x/0', 50],
      ['/subscriptions/east/x/0', 50],
      ['/subscriptions/west/x/50', 50],
      ['/subscriptions/east/x/50', 1],
      ['/subscriptions/west/x/100', 20],
    ]);
  });
  it('are none when nothing is left', () => {
    expect(batchesOf([])).toEqual([]);
  });
});

describe('a message', () => {
  it('makes a pass over its account', async () => {
    await take({ accountIds: [idOf('gamma')] });
    expect(said.at(-1)).toMatchObject({ event: 'pass', account: 'gamma', outcome: 'waiting' });
    expect(await phaseOf('gamma')).toBe('idle');
  });
  it('that comes again costs one read, for the account is not due any more', async () => {
    stage.advance(-60_000);
    const before = stage.azure.requests.length;
    await take({ accountIds: [idOf('gamma')] });
    expect(ignored()).toEqual([['messageIgnored', 'NotDue']]);
    const cost = stage.azure.requests.slice(before).map(({ service, operation }) => `${service} ${operation}`);
    expect(cost).toEqual(['table queryEntities']);
  });
  it('names several accounts, and each is passed over', async () => {
    await take({ accountIds: [idOf('alpha'), idOf('beta')] });
    expect(said.filter(({ event }) => event === 'messageIgnored')).toHaveLength(2);
    stage.advance(7 * 3_600_000);
    await take({ accountIds: [idOf('alpha'), idOf('beta')] });
    const passed = said.filter(({ event }) => event === 'pass').map(({ account }) => account);
    expect(passed.toSorted()).toEqual(['alpha', 'beta']);
  });
  it('is done only when those who were sent away have had their turn', async () => {
    stage.advance(7 * 3_600_000);
    const { keys } = stage.app.ports;
    const details = { code: 'Throttled', service: 'arm', operation: 'list', message: 'Not sent.' } as const;
    let asked = 0;
    const admit: KeysPort['admit'] = () =>
      ++asked === 1
        ? Promise.reject(new RotationError({ ...details, isUnsent: true, retryAfterMs: 500 }))
        : Promise.resolve();
    const busy = { admit, list: (...args: [Account]) => keys.list(...args), regenerate: () => never() };
    stage.serving = { ...stage.app, ports: { ...stage.app.ports, keys: busy } };
    await take({ accountIds: [idOf('gamma')] });
    stage.serving = stage.app;
    expect(said.filter(({ event }) => event === 'pass').map(({ outcome }) => outcome)).toEqual(['failed', 'waiting']);
  });
  it('about an account with an open request makes a pass, whenever it is due', async () => {
    await stage.app.ports.records.insertRequest(
      (await stage.app.fleet()).accounts.filter(({ alias }) => alias === 'gamma')[0] ?? never(),
      { id: 'one' as never, kind: 'approve', reason: 'test', by: 'somebody', at: stage.app.clock.now() },
      [],
    );
    await take({ accountIds: [idOf('gamma')] });
    expect(said.at(-1)).toMatchObject({ event: 'pass', account: 'gamma' });
  });
  it('about an account that is not there, and one that says nothing, are ignored', async () => {
    await take({ accountIds: [idOf('omega')] });
    await take('omega');
    expect(ignored()).toEqual([
      ['messageIgnored', 'NoSuchAccount'],
      ['messageIgnored', 'NotUnderstood'],
    ]);
  });
  it('about an account that was configured a moment ago finds it', async () => {
    stage.addAccount('delta');
    await take({ accountIds: [idOf('delta')] });
    expect(said.at(-1)).toMatchObject({ event: 'pass', account: 'delta' });
  });
  it('is taken on a fresh reading when the clock was set back since the last one', async () => {
    const readings = () => stage.azure.requests.filter(({ service }) => service === 'appConfiguration').length;
    await take({ accountIds: [idOf('alpha')] });
    const before = readings();
    await take({ accountIds: [idOf('alpha')] });
    expect(readings() - before).toBe(0);
    stage.advance(-3_600_000);
    await take({ accountIds: [idOf('alpha')] });
    expect(readings() - before).toBe(1);
    stage.advance(3_600_000);
  });
  it('comes again when configuration or table cannot be read, and not when a pass fails', async () => {
    stage.addAccount('epsilon');
    stage.azure.faults.add({ service: 'arm', fault: { kind: 'serverError', status: 503 } });
    await take({ accountIds: [idOf('epsilon')] });
    expect(said.at(-1)).toMatchObject({ event: 'pass', account: 'epsilon', outcome: 'failed' });
    stage.azure.faults.add({ service: 'table', fault: { kind: 'serverError', status: 503 } });
    await expect(take({ accountIds: [idOf('epsilon')] })).rejects.toMatchObject({ service: 'table' });
    stage.azure.faults.add({ service: 'appConfiguration', fault: { kind: 'serverError', status: 503 } });
    stage.advance(30_000);
    await expect(take({ accountIds: [idOf('epsilon')] })).rejects.toMatchObject({ service: 'appConfiguration' });
  });
  it('that fails for the last time is told with its cause, once; before, nothing is told of it', async () => {
    for (const dequeueCount of [4, 5]) {
      stage.azure.faults.add({ service: 'table', fault: { kind: 'serverError', status: 503 } });
      await expect(take({ accountIds: [idOf('alpha')] }, { dequeueCount })).rejects.toMatchObject({ service: 'table' });
      stage.azure.faults.clear();
      const givenUp = said.filter(({ event }) => event === 'messageGivenUp');
      expect([dequeueCount, givenUp.length]).toEqual([dequeueCount, dequeueCount === 5 ? 1 : 0]);
    }
    expect(said.at(-1)).toMatchObject({ event: 'messageGivenUp', accountIds: idOf('alpha'), code: 'Unavailable' });
  });
});

it('a message is given up where host.json says so', async () => {
  const text = await readFile(new URL('../../host.json', import.meta.url), 'utf8');
  const { extensions } = JSON.parse(text) as { extensions: { queues: { maxDequeueCount: number } } };
  expect(extensions.queues.maxDequeueCount).toBe(ATTEMPTS);
});

const CAMPAIGN = 'c-1' as CampaignId;

function never(): never {
  throw new Error('This does not happen.');
}

it('a tick that fails ends when the campaigns beside its passes have ended', async () => {
  const { records } = stage.app.ports;
  let release = (): void => undefined;
  const room = new Promise<() => number>((resolve) => {
    release = () => resolve(() => 0);
  });
  // The second query, for accounts that are not enrolled, fails: the passes are over at once.
  const listDue: FleetRecords['listDue'] = async (now) => {
    const due = await records.listDue(now);
    return { ...due, campaigns: [CAMPAIGN], mark: { ...due.mark, enrolled: undefined } };
  };
  const listStatus = () => Promise.reject(new Error('no table'));
  const serving: App = {
    ...stage.app,
    ports: {
      ...stage.app.ports,
      records: Object.create(records, {
        listDue: { value: listDue },
        listStatus: { value: listStatus },
      }) as typeof records,
    },
    room: () => room,
  };
  let isOver = false;
  const ticking = runTick(serving, new InvocationContext({ functionName: 'reconcile-on-schedule' })).finally(() => {
    isOver = true;
  });
  ticking.catch(() => undefined);
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  release();
  await expect(ticking).rejects.toThrow('no table');
});

// What a tick leaves to the queue, and what becomes of it there.
import { readFile } from 'node:fs/promises';
import { InvocationContext } from '@azure/functions';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { passOverFleet, TICK_BOUNDS } from '../../src/service/fleet-pass.ts';
import { ATTEMPTS, runQueuedPass } from '../../src/service/queued-pass.ts';
import { type HttpStage, startHttpStage } from './http/stage.ts';

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
    message,
    new InvocationContext({ functionName: 'reconcile-account', logHandler, triggerMetadata }),
  );
}

const ignored = () => said.map(({ event, reason }) => [event, reason]);
const phaseOf = async (name: string) => (await stage.get(`accounts/${name}`)).body['phase'];

describe('a tick with more accounts than it should take', () => {
  it('passes over as many as it may and leaves the others', async () => {
    const { left, report } = await passOverFleet(stage.app, () => undefined, { ...TICK_BOUNDS, accounts: 2 });
    expect(report).toEqual({ accounts: 3, due: 3, passes: 2, left: 1, problems: 0, campaigns: 0 });
    expect(left).toEqual([idOf('gamma')]);
    expect([await phaseOf('beta'), await phaseOf('gamma')]).toEqual(['idle', 'notAdopted']);
  });
  it('leaves also those for which time was up', async () => {
    const { left } = await passOverFleet(stage.app, () => undefined, { ...TICK_BOUNDS, startsForMs: 0 });
    expect(left).toEqual([idOf('gamma')]);
  });
});

describe('a message', () => {
  it('makes a pass over its account', async () => {
    await take({ accountId: idOf('gamma') });
    expect(said.at(-1)).toMatchObject({ event: 'pass', account: 'gamma', outcome: 'waiting' });
    expect(await phaseOf('gamma')).toBe('idle');
  });
  it('that comes again costs one read, for the account is not due any more', async () => {
    stage.advance(-60_000);
    const before = stage.azure.requests.length;
    await take({ accountId: idOf('gamma') });
    expect(ignored()).toEqual([['messageIgnored', 'NotDue']]);
    const cost = stage.azure.requests.slice(before).map(({ service, operation }) => `${service} ${operation}`);
    expect(cost).toEqual(['table queryEntities']);
  });
  it('about an account with an open request makes a pass, whenever it is due', async () => {
    await stage.app.ports.records.insertRequest(
      (await stage.app.fleet()).accounts.filter(({ alias }) => alias === 'gamma')[0] ?? never(),
      { id: 'one' as never, kind: 'approve', reason: 'test', by: 'somebody', at: stage.app.clock.now() },
      [],
    );
    await take({ accountId: idOf('gamma') });
    expect(said.at(-1)).toMatchObject({ event: 'pass', account: 'gamma' });
  });
  it('about an account that is not there, and one that says nothing, are ignored', async () => {
    await take({ accountId: idOf('omega') });
    await take('omega');
    expect(ignored()).toEqual([
      ['messageIgnored', 'NoSuchAccount'],
      ['messageIgnored', 'NotUnderstood'],
    ]);
  });
  it('about an account that was configured a moment ago finds it', async () => {
    stage.addAccount('delta');
    await take({ accountId: idOf('delta') });
    expect(said.at(-1)).toMatchObject({ event: 'pass', account: 'delta' });
  });
  it('comes again when configuration or table cannot be read, and not when a pass fails', async () => {
    stage.addAccount('epsilon');
    stage.azure.faults.add({ service: 'arm', fault: { kind: 'serverError', status: 503 } });
    await take({ accountId: idOf('epsilon') });
    expect(said.at(-1)).toMatchObject({ event: 'pass', account: 'epsilon', outcome: 'failed' });
    stage.azure.faults.add({ service: 'table', fault: { kind: 'serverError', status: 503 } });
    await expect(take({ accountId: idOf('epsilon') })).rejects.toMatchObject({ service: 'table' });
    stage.azure.faults.add({ service: 'appConfiguration', fault: { kind: 'serverError', status: 503 } });
    stage.advance(30_000);
    await expect(take({ accountId: idOf('epsilon') })).rejects.toMatchObject({ service: 'appConfiguration' });
  });
  it('that fails for the last time is told with its cause, once; before, nothing is told of it', async () => {
    for (const dequeueCount of [4, 5]) {
      stage.azure.faults.add({ service: 'table', fault: { kind: 'serverError', status: 503 } });
      await expect(take({ accountId: idOf('alpha') }, { dequeueCount })).rejects.toMatchObject({ service: 'table' });
      stage.azure.faults.clear();
      const givenUp = said.filter(({ event }) => event === 'messageGivenUp');
      expect([dequeueCount, givenUp.length]).toEqual([dequeueCount, dequeueCount === 5 ? 1 : 0]);
    }
    expect(said.at(-1)).toMatchObject({ event: 'messageGivenUp', accountId: idOf('alpha'), code: 'Unavailable' });
  });
});

it('a message is given up where host.json says so', async () => {
  const text = await readFile(new URL('../../host.json', import.meta.url), 'utf8');
  const { extensions } = JSON.parse(text) as { extensions: { queues: { maxDequeueCount: number } } };
  expect(extensions.queues.maxDequeueCount).toBe(ATTEMPTS);
});

it('timer and queue function name the same queue', async () => {
  const named = async (file: string): Promise<string[]> => {
    const text = await readFile(new URL(`../../src/functions/${file}.ts`, import.meta.url), 'utf8');
    return [...text.matchAll(/(?:queueName|connection): '(.+?)'/g)].map(([, name = '']) => name);
  };
  expect(await named('reconcile-on-schedule')).toEqual(['key-rotation-reconcile', 'AzureWebJobsStorage']);
  expect(await named('reconcile-account')).toEqual(['key-rotation-reconcile', 'AzureWebJobsStorage']);
});

function never(): never {
  throw new Error('The account is there.');
}

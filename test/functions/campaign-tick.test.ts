// The timer finds a campaign by the query that it makes anyway, and advances it beside the accounts that are due.
import { InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTick } from '../../src/triggers/tick.ts';
import { untilNextTick } from '../../src/triggers/until-next-tick.ts';
import { DAY, type HttpStage, startHttpStage } from './http/stage.ts';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  for (const name of ['alpha', 'beta']) stage.addAccount(name);
  await stage.adopt();
  await stage.tick();
});
afterAll(() => stage.close());

async function tick(): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const logHandler = (_level: string, ...args: unknown[]) =>
    void lines.push(JSON.parse(String(args[0])) as Record<string, unknown>);
  await runTick(stage.serving, new InvocationContext({ functionName: 'reconcile-on-schedule', logHandler }));
  return lines;
}
/** Ticks of the timer: a new key is published by the second after its regenerate, and seen by the campaign in the third. */
async function ticks(count: number): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  for (let each = 0; each < count; each++) {
    stage.advance(300_000);
    lines.push(...(await tick()));
  }
  return lines;
}
const queries = async (): Promise<number> => {
  const before = stage.azure.requests.length;
  await tick();
  return stage.azure.requests.slice(before).filter(({ operation }) => operation === 'queryEntities').length;
};

it('costs nothing while there is none', async () => {
  expect((await tick()).find(({ event }) => event === 'tick')).toMatchObject({ campaigns: 0, passes: 0 });
  expect(await queries()).toBe(1);
});

it('is advanced to its end by ticks, and then costs nothing again', async () => {
  const body = { reason: 'a policy has changed', filter: {}, rings: [{ percent: 50 }, { percent: 100 }] };
  const made = await stage.post('campaigns', body);
  const { id } = made.body['campaign'] as { id: string };
  stage.advance(60_000);
  expect((await tick()).find(({ event }) => event === 'tick')).toMatchObject({ campaigns: 1 });
  expect((await stage.get(`campaigns/${id}`)).body).toMatchObject({ state: 'running', inFlight: 1, open: 1, done: 0 });
  const lines = await ticks(6);
  expect(lines).toContainEqual(expect.objectContaining({ event: 'campaign', campaign: id, state: 'completed' }));
  expect((await stage.get(`campaigns/${id}`)).body).toMatchObject({ state: 'completed', done: 2 });
  stage.advance(60_000);
  expect((await tick()).find(({ event }) => event === 'tick')).toMatchObject({ campaigns: 0 });
});

it('starts as many as their subscription has room for, and waits for more until shortly before the next tick', async () => {
  const made = await stage.post('campaigns', { reason: 'once more', filter: {}, rings: [{ percent: 100 }] });
  const path = `campaigns/${(made.body['campaign'] as { id: string }).id}`;
  const sleeps: number[] = [];
  const rooms = [1, 0, 0, 0];
  stage.serving = {
    ...stage.app,
    room: () => Promise.resolve(() => rooms.shift() ?? 0),
    sleep: (ms) => {
      sleeps.push(ms);
      return stage.app.sleep(ms);
    },
  };
  // Half a minute after a tick of every five minutes.
  const now = stage.app.clock.now();
  stage.advance(Math.ceil(now / 300_000) * 300_000 - now + 30_000);
  await tick();
  expect((await stage.get(path)).body).toMatchObject({ state: 'running', open: 1, done: 1 });
  const secondsToTick = (300_000 - (stage.app.clock.now() % 300_000)) / 1_000;
  expect([secondsToTick, new Set(sleeps)]).toEqual([16, new Set([1_000])]);
  stage.serving = stage.app;
  await ticks(4);
  expect((await stage.get(path)).body).toMatchObject({ state: 'completed', done: 2 });
});

it('starts nobody on what was configured when the tick began: a freeze holds within half a minute', async () => {
  // The rotations before are over.
  stage.advance(3 * DAY);
  await stage.confirm();
  const made = await stage.post('campaigns', { reason: 'and again', filter: {}, rings: [{ percent: 100 }] });
  const path = `campaigns/${(made.body['campaign'] as { id: string }).id}`;
  const { world } = stage.azure;
  const keys = () => [...world.accounts.values()].map(({ keys: { key1, key2 } }) => [key1.value, key2.value]);
  const before = keys();
  let hasRoom = false;
  let sleeps = 0;
  stage.serving = {
    ...stage.app,
    room: () => Promise.resolve(() => (hasRoom ? 2 : 0)),
    sleep: (ms) => {
      if (sleeps === 0) world.store.set('KeyRotation:Freeze', null, { value: 'true' });
      hasRoom = ++sleeps === 31;
      return stage.app.sleep(ms);
    },
  };
  const now = stage.app.clock.now();
  stage.advance(Math.ceil(now / 300_000) * 300_000 - now + 30_000);
  await tick();
  expect((await stage.get(path)).body).toMatchObject({ state: 'running', inFlight: 2 });
  expect(keys()).toEqual(before);
  world.store.delete('KeyRotation:Freeze', null);
  stage.serving = stage.app;
  await ticks(5);
  expect((await stage.get(path)).body).toMatchObject({ state: 'completed', done: 2 });
});

it('goes on beside another one whose subscription is full', async () => {
  const other = '22222222-2222-3333-4444-555555555555';
  const seed = { resourceGroup: 'rg-test', kind: 'TextAnalytics', location: 'westeurope', keyShape: 'hex32' } as const;
  const { id: resourceId } = stage.azure.world.addAccount({ ...seed, subscriptionId: other, name: 'gamma' });
  stage.configure('KeyRotation:Accounts:gamma', { resourceId, policy: 'alpha' });
  await stage.adopt();
  const make = async (account: string): Promise<string> => {
    const made = await stage.post('campaigns', { reason: 'one of two', filter: { accounts: [account] } });
    return `campaigns/${(made.body['campaign'] as { id: string }).id}`;
  };
  const older = await make('gamma');
  stage.advance(1_000);
  const newer = await make('alpha');
  const { clock } = stage.app;
  // At the beginning of the tick: what comes in the last second before the next one is no advance.
  const until = clock.now() + 5_000;
  stage.serving = {
    ...stage.app,
    room: () => Promise.resolve((name) => (name === other && clock.now() < until ? 1 : 0)),
  };
  await tick();
  expect((await stage.get(older)).body).toMatchObject({ state: 'running', inFlight: 1 });
  await ticks(3);
  stage.serving = stage.app;
  expect((await stage.get(newer)).body).toMatchObject({ state: 'running', open: 1 });
  expect((await stage.get(older)).body).toMatchObject({ state: 'completed', done: 1 });
});

it('that cannot be advanced holds up no pass, and the tick goes on to its end', async () => {
  stage.advance(60_000);
  stage.serving = { ...stage.app, room: () => Promise.reject(new Error('The SDK cannot be loaded.')) };
  const lines = await tick();
  stage.serving = stage.app;
  expect(lines.map(({ event }) => event)).toEqual(['campaignsNotRead', 'tick']);
});

describe('work in a tick goes on', () => {
  const at = (time: string): number => Date.parse(`2027-01-04T${time}Z`);
  const latest = at('08:07:00');
  it.each([
    ['until fifteen seconds before the next', '0 */5 * * * *', at('08:04:45')],
    ['as long as it may where the next is later', '0 0 * * * *', latest],
    ['past a tick that is very near, until the one after it', '*/20 * * * * *', at('08:00:25')],
    ['as long as it may where there is no next', '0 0 0 30 2 *', latest],
    ['as long as it may where the schedule cannot be read', 'often', latest],
    ['by the day of the month and of the week, as the host', '0 3 8 4 * MON', at('08:02:45')],
    ['by the day of the month and of the week, not either', '0 3 8 4 * TUE', latest],
  ])('%s', (_, schedule, until) => {
    expect(untilNextTick(schedule, at('08:00:00'), latest)).toBe(until);
  });
  it('until the tick after the next where it begins late, and no longer: one is missed, and not two', () => {
    expect(untilNextTick('0 */5 * * * *', at('08:04:50'), at('08:11:50'))).toBe(at('08:09:45'));
  });
  it('for less than a minute where ticks come every minute, though none begins on the dot', () => {
    expect(untilNextTick('0 * * * * *', at('08:00:00') + 70, latest + 70)).toBe(at('08:00:45'));
  });
});

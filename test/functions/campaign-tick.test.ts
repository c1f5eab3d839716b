// The timer finds a campaign by the query that it makes anyway, and advances it after the accounts that are due.
import { InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runTick } from '../../src/service/tick.ts';
import { type HttpStage, startHttpStage } from './http/stage.ts';

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
  await runTick(new InvocationContext({ functionName: 'reconcile-on-schedule', logHandler }));
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
  const made = await stage.post('campaigns', { reason: 'a policy has changed', filter: {} });
  const { id } = made.body['campaign'] as { id: string };
  stage.advance(60_000);
  const lines = await tick();
  expect(lines.find(({ event }) => event === 'tick')).toMatchObject({ campaigns: 1 });
  expect(lines).toContainEqual(expect.objectContaining({ event: 'campaign', campaign: id, state: 'completed' }));
  expect((await stage.get(`campaigns/${id}`)).body).toMatchObject({ state: 'completed', done: 2 });
  stage.advance(60_000);
  expect((await tick()).find(({ event }) => event === 'tick')).toMatchObject({ campaigns: 0 });
});

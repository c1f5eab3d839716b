// A frozen fleet thaws: what came due meanwhile is not left until the longest back-off is over.
import { InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runTick } from '../../src/triggers/tick.ts';
import { DAY, type HttpStage, startHttpStage } from './http/stage.ts';

const MINUTE = 60_000;

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  for (const name of ['due', 'at-rest']) stage.addAccount(name);
  stage.configure('KeyRotation:Policies:at-rest', { rotationInterval: 'P90D' });
  await tick();
});
afterAll(() => stage.close());

/** Runs the timer's function; answers the aliases of the accounts that it passed over, and how each pass ended. */
async function tick(): Promise<readonly (readonly unknown[])[]> {
  const lines: Record<string, unknown>[] = [];
  const logHandler = (_level: string, ...args: unknown[]): void => {
    lines.push(JSON.parse(String(args[0])) as Record<string, unknown>);
  };
  await runTick(stage.serving, new InvocationContext({ functionName: 'reconcile-on-schedule', logHandler }));
  const passes = lines.filter(({ event }) => event === 'pass').map(({ account, reason }) => [account, reason]);
  return passes.toSorted();
}

it('an account that came due while the fleet was frozen is passed over by the first tick after it', async () => {
  stage.advance(40 * DAY);
  stage.azure.world.store.set('KeyRotation:Freeze', null, { value: 'true' });
  const frozen = [
    ['at-rest', 'Frozen'],
    ['due', 'Frozen'],
  ];
  expect(await tick()).toEqual(frozen);
  stage.advance(5 * MINUTE);
  expect(await tick()).toEqual([]);

  stage.azure.world.store.delete('KeyRotation:Freeze', null);
  stage.advance(5 * MINUTE);
  expect(await tick()).toEqual([
    ['at-rest', 'NotDue'],
    ['due', 'ActivationTimeNotOver'],
  ]);
  stage.advance(5 * MINUTE);
  expect(await tick()).toEqual([]);
});

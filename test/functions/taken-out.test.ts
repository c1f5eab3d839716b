// An account is taken out of the configuration: its rotation is finished first, and its end is visible.
import { InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runTick } from '../../src/triggers/tick.ts';
import { DAY, type HttpStage, startHttpStage } from './http/stage.ts';

const MINUTE = 60_000;
const ALIAS = 'leaver';

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage();
  ({ id } = stage.addAccount(ALIAS));
  stage.addAccount('stayer');
  await tick();
});
afterAll(() => stage.close());

/** Runs the timer's function; returns how the pass over the leaver ended, if there was one. */
async function tick(): Promise<string | undefined> {
  const lines: Record<string, unknown>[] = [];
  const logHandler = (_level: string, ...args: unknown[]): void => {
    lines.push(JSON.parse(String(args[0])) as Record<string, unknown>);
  };
  await runTick(stage.serving, new InvocationContext({ functionName: 'reconcile-on-schedule', logHandler }));
  const pass = lines.find(({ event, account }) => event === 'pass' && account === ALIAS);
  return pass?.['reason'] as string | undefined;
}

async function ticksUntil(reason: string): Promise<void> {
  for (let count = 0; count < 400; count++) {
    if ((await tick()) === reason) return;
    stage.advance(60 * MINUTE);
  }
  throw new Error(`No pass ended with ${reason}.`);
}

let id: string;
const keysNow = (): Readonly<Record<string, string>> => stage.azure.world.listKeys(id);
function takeOut(): void {
  stage.azure.world.store.delete(`KeyRotation:Accounts:${ALIAS}`, null);
}

async function problemsOf(): Promise<readonly string[]> {
  const answer = await stage.call('GET', 'accounts');
  const { problems } = answer.body as unknown as { problems: { setting: string; expected: string; remedy: string }[] };
  return problems.filter(({ setting }) => setting === 'KeyRotation:Accounts').map(({ remedy }) => remedy);
}

it('an account that is taken out in its overlap is finished, shown, and let go at rest', async () => {
  stage.advance(40 * DAY);
  await ticksUntil('OverlapNotOver');
  const before = keysNow();
  takeOut();
  stage.advance(60 * MINUTE);
  await tick();
  expect(await problemsOf()).toEqual([
    'Nothing, if that was meant: its rotation is finished first. Else list or tag it again, or correct its document.',
  ]);
  expect((await stage.call('GET', `accounts/${ALIAS}`)).status).toBe(200);

  for (const body of [{ reason: 'test' }, { reason: 'test', dryRun: true }]) {
    const refused = await stage.post(`accounts/${ALIAS}/rotate`, body);
    expect([refused.status, refused.body['reason']]).toEqual([409, 'NotConfigured']);
  }

  await ticksUntil('NotConfigured');
  const after = keysNow();
  expect([after['key1'] === before['key1'], after['key2'] === before['key2']]).toEqual([false, true]);
  expect(await problemsOf()).toEqual([
    'Nothing, if that was meant: it has been let go at rest. Else list or tag it again.',
  ]);
  const history = (await stage.call('GET', `accounts/${ALIAS}/history`)).body as unknown as {
    entries: { kind: string }[];
  };
  expect(history.entries[0]?.kind).toBe('Left');

  stage.advance(MINUTE);
  expect(await tick()).toBeUndefined();
  stage.advance(8 * DAY);
  await tick();
  expect(await problemsOf()).toEqual([]);
});

it('an account that is configured again is passed over by the next tick', async () => {
  expect(await tick()).toBeUndefined();
  stage.configure(`KeyRotation:Accounts:${ALIAS}`, { resourceId: id, policy: ALIAS });
  stage.advance(MINUTE);
  expect(await tick()).toBe('NotDue');
});

// The lines that alerts are asked of, as the functions say them against a local Azure over the wire.
import { InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { runTick } from '../../src/triggers/tick.ts';
import { DAY, type HttpStage, startHttpStage } from './http/stage.ts';

const MINUTE = 60_000;

let stage: HttpStage;
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  stage = await startHttpStage();
  stage.addAccount('alpha');
  await stage.adopt();
});
afterAll(() => stage.close());
beforeEach(() => {
  lines.length = 0;
  stage.said.length = 0;
});

const tick = () =>
  runTick(
    stage.serving,
    new InvocationContext({
      functionName: 'reconcile-on-schedule',
      logHandler: (_level, ...args) => void lines.push(JSON.parse(String(args[0])) as Record<string, unknown>),
    }),
  );
const passLines = () => lines.filter(({ event }) => event === 'pass');
const requestLines = () => stage.said.filter((line) => line.startsWith('{"event":"request"'));

it('a pass says what ran it and that nothing is overdue', async () => {
  await tick();
  expect(passLines()).toMatchObject([{ account: 'alpha', trigger: 'reconcile-on-schedule', isOverdue: false }]);
  expect(lines.at(-1)).toMatchObject({ event: 'tick', accounts: 1, passes: 1 });
});

it('a paused account is overdue when the longest overlap after its due date is over, not before', async () => {
  await stage.post('accounts/alpha/pause', { reason: 'exercise' });
  stage.advance(28 * DAY);
  await tick();
  expect(passLines()).toMatchObject([{ reason: 'Paused', isOverdue: false }]);
  lines.length = 0;
  stage.advance(3 * DAY);
  await tick();
  expect(passLines()).toMatchObject([{ reason: 'Paused', isOverdue: true }]);
  await stage.post('accounts/alpha/resume', { reason: 'exercise' });
});

it('a pass that catches up says so itself', async () => {
  stage.advance(DAY);
  await tick();
  expect(passLines()).toMatchObject([{ reason: 'ActivationTimeNotOver', phase: 'preparing', isOverdue: false }]);
  lines.length = 0;
  stage.advance(10 * MINUTE);
  await tick();
  expect(passLines()).toMatchObject([{ reason: 'OverlapNotOver', phase: 'propagating', isOverdue: false }]);
});

it('a request is told once, with its kind, before anything is done about it', async () => {
  const headers = { 'Idempotency-Key': 'leak-1' };
  await stage.post('accounts/alpha/rotate', { reason: 'leaked', compromised: 'key1' }, { headers });
  expect(requestLines()).toEqual(['{"event":"request","account":"alpha","kind":"compromised","requestId":"leak-1"}']);
  const [first] = stage.said;
  expect(first).toBe(requestLines()[0]);
  await stage.post('accounts/alpha/rotate', { reason: 'leaked', compromised: 'key1' }, { headers });
  expect(requestLines()).toHaveLength(1);
});

it('a key that is sacrificed is a step of its own, at the level of a warning', async () => {
  stage.azure.world.vault.set('alpha-key', { value: 'a value that is no key of the account' });
  const state = [...stage.azure.world.accounts.values()].find(({ seed }) => seed.name === 'alpha');
  const former = state?.keys.key2.value;
  const headers = { 'Idempotency-Key': 'leak-2' };
  const leak = { reason: 'in the news', compromised: 'key2', accept: 'outage' };
  await stage.post('accounts/alpha/rotate', leak, { headers });
  expect(state?.keys.key2.value).not.toBe(former);
  const sacrifices = stage.said.flatMap((line) =>
    line.startsWith('{"event":"step"') && line.includes('sacrifice') ? [JSON.parse(line) as unknown] : [],
  );
  expect(sacrifices).toEqual([
    {
      event: 'step',
      account: 'alpha',
      step: 'sacrifice',
      phase: 'retiring',
      rotationId: 1,
      slot: 'key2',
      before: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
      requestId: 'leak-2',
    },
  ]);
  expect(stage.warned.filter((line) => line.includes('"sacrifice"'))).toHaveLength(1);
});

// More accounts are due than one tick takes: the rest goes through the queue to the function that works it off.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { eventually, HostClient } from './http-client.ts';

/** Three more than one tick takes. */
const ACCOUNTS = 203;

let stage: Stage;
const lines: string[] = [];
beforeAll(async () => {
  stage = await setStage({
    accounts: demoAccounts(ACCOUNTS),
    policy: { ...DEMO_POLICY, rotationInterval: 'P1D', spread: 'PT0S' },
    latencyMs: 0,
    applications: [{ name: 'demo-language-1', account: 'demo-language-1', style: 'poll' }],
    hasEvents: false,
    // One tick at the start, at most: nobody else adopts what it leaves.
    settings: { RECONCILE_SCHEDULE: '0 0 0 1 1 *' },
    onLine: ({ message }) => void lines.push(message),
  });
});
afterAll(() => stage.close(), 60_000);

it('all of them are adopted after one tick, three by way of the queue', async () => {
  const port = await freePort();
  await stage.startHost(port);
  const client = new HostClient(port);
  await client.post('/admin/functions/reconcile-on-schedule', '{}');
  const { body } = await eventually(
    () => client.get('/api/accounts?phase=idle&limit=1'),
    (answer) => answer.body['total'] === ACCOUNTS,
    150_000,
  );
  expect(body['total']).toBe(ACCOUNTS);
  const ran = lines.filter((line) => line.includes("Executed 'Functions.reconcile-account' (Succeeded"));
  // One message holds all three.
  expect(ran).toHaveLength(1);
});

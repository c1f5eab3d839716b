// An application through one rotation behind a gateway of which one node learns of the new key late: it loses calls when the
// key is published before, and none when the policy gives the nodes their time.
import { afterEach, expect, test } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import type { GatewayNode } from '../../local/azure/world/world.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { eventually, HostClient } from './http-client.ts';

const PATH = '/api/accounts/demo-language-1';
/** `settle`, `activationFor`, the overlap and `confirmOver` are 26 seconds of it. */
const ROTATED_WITHIN_MS = 60_000;
const PROMPT: GatewayNode = { acceptsNewAfterMs: 0, acceptsOldForMs: 0 };

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

/** Three nodes learn at once, so that one probe is soon accepted; the fourth learns late. */
async function begin(policy: { activationFor: string; verifyProbes: number }, lateMs: number) {
  const set = await setStage({
    accounts: demoAccounts(1),
    policy: { ...DEMO_POLICY, rotationInterval: 'P1D', spread: 'PT0S', ...policy },
    latencyMs: 0,
    onLine: () => undefined,
  });
  stage = set;
  const { azure, journal } = set;
  for (const { knobs } of azure.world.accounts.values()) {
    knobs.nodes = [PROMPT, PROMPT, PROMPT, { acceptsNewAfterMs: lateMs, acceptsOldForMs: 0 }];
  }
  const port = await freePort();
  await set.startHost(port);
  const client = new HostClient(port);
  await eventually(
    () => client.get(PATH),
    ({ body }) => body['phase'] === 'idle',
  );
  expect(journal.totals().failures).toBe(0);
  expect((await client.post(`${PATH}/rotate`, { reason: 'test' })).status).toBe(202);
  return { client, journal };
}

test('a key that is published while a node still rejects it fails calls', async () => {
  const { journal } = await begin({ activationFor: 'PT0S', verifyProbes: 1 }, 60_000);
  const { failures } = await eventually(
    () => Promise.resolve(journal.totals()),
    (totals) => totals.failures > 0,
    ROTATED_WITHIN_MS,
  );
  expect(failures).toBeGreaterThan(0);
});

test('a key that is published after every node has learned of it fails none', async () => {
  const { client, journal } = await begin({ activationFor: 'PT5S', verifyProbes: 1 }, 4_000);
  const { body } = await eventually(
    () => client.get(PATH),
    (answer) => answer.body['phase'] === 'idle' && answer.body['rotationId'] === 1,
    ROTATED_WITHIN_MS,
  );
  expect(body['rotationId']).toBe(1);
  expect(journal.totals().failures).toBe(0);
});

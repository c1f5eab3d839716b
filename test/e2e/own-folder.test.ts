// A host of a stage runs from a folder of its own: a build in the repository takes nothing away from it.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { HostClient } from './http-client.ts';

/** What `npm run build` makes, and what a build of changed sources replaces. */
const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

let stage: Stage;
beforeAll(async () => {
  stage = await setStage({ accounts: demoAccounts(1), policy: DEMO_POLICY, latencyMs: 0, onLine: () => undefined });
});
afterAll(() => stage.close());

it('answers from chunks that it had not loaded when dist was taken away', async () => {
  const port = await freePort();
  await stage.startHost(port);
  await rm(DIST, { recursive: true, force: true });
  const client = new HostClient(port);
  expect((await client.get('/api/openapi.json')).status).toBe(200);
  expect((await client.get('/api/accounts')).status).toBe(200);
});

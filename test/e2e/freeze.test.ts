// A freeze stops a running host within a tick: set by the service, or by the documented command alone, although a
// sentinel exists that was not touched.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import type { LogLine } from '../../local/start/events.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { eventually, HostClient } from './http-client.ts';

/** Due all the time. */
const POLICY = {
  ...DEMO_POLICY,
  rotationInterval: 'PT5S',
  overlapMinimum: 'PT1S',
  overlapMaximum: 'PT2S',
  spread: 'PT0S',
};
const NAME = 'demo-language-1';

let stage: Stage;
let client: HostClient;
let ticks = 0;

beforeAll(async () => {
  const onLine = ({ event }: LogLine): void => {
    if (event?.event === 'tick') ticks++;
  };
  stage = await setStage({ accounts: demoAccounts(1), policy: POLICY, latencyMs: 0, onLine });
  const port = await freePort();
  await stage.startHost(port);
  client = new HostClient(port);
  await eventually(
    () => client.get(`/api/accounts/${NAME}`),
    ({ body }) => body['phase'] === 'idle',
  );
});
afterAll(() => stage.close());

const regenerates = (): number =>
  stage.azure.requests.filter(({ service, operation }) => service === 'arm' && operation === 'regenerateKey').length;

async function afterTicks(count: number): Promise<void> {
  const until = ticks + count;
  await eventually(
    () => Promise.resolve(ticks),
    (present) => present >= until,
  );
}

describe('POST freeze', () => {
  it('stops a running host within a tick, and POST unfreeze lets it go on within another', async () => {
    expect(await client.post('/api/freeze', { reason: 'work' })).toMatchObject({
      status: 200,
      body: { isFrozen: true },
    });
    await afterTicks(2);
    const before = regenerates();
    await afterTicks(8);
    expect(regenerates()).toBe(before);
    await client.post('/api/unfreeze', { reason: 'the work is done' });
    await eventually(
      () => Promise.resolve(regenerates()),
      (present) => present > before,
    );
  });
});

describe('KeyRotation:Freeze, set alone', () => {
  it('stops a running host within a tick, and removed lets it go on within another', async () => {
    expect(stage.azure.world.store.get('KeyRotation:Sentinel', null)).toBeDefined();
    stage.azure.world.store.set('KeyRotation:Freeze', null, { value: 'true' });
    // One tick may have begun before.
    await afterTicks(2);
    const before = regenerates();
    await afterTicks(8);
    expect(regenerates()).toBe(before);
    expect((await client.get('/api/accounts')).body).toMatchObject({ isFrozen: true });
    stage.azure.world.store.delete('KeyRotation:Freeze', null);
    await eventually(
      () => Promise.resolve(regenerates()),
      (present) => present > before,
    );
  });
});

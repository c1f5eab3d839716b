// The same campaign over the wire: the real SDK clients against a local Azure that keeps the limits, in real time, for the
// first key of each account of one subscription. It shows that the figures in virtual time are no trait of their doubles.

import { InvocationContext } from '@azure/functions';
import { HEADROOM, RESERVE } from '../src/azure/arm/governor.ts';
import { type App, composeApp } from '../src/compose.ts';
import { createCampaign } from '../src/fleet/campaign/campaigns.ts';
import { TICK_BOUNDS } from '../src/fleet/passes.ts';
import { campaignBody } from '../src/http/contract/campaign-schemas.ts';
import { wishOf } from '../src/http/handlers/campaigns.ts';
import { runTick } from '../src/triggers/tick.ts';
import { startWire, type Wire } from '../test/contract/wire.ts';
import { TEST_RESOURCE_GROUP, TEST_SUBSCRIPTION } from '../test/support/account.ts';
import { passOverDue } from '../test/support/pass-over-due.ts';
import { type Figures, rounded } from './benchmark.ts';

const ACCOUNTS = 200;
const DAY = 86_400_000;
const ARM = { capacity: 200, refillPerSecond: 10 };
const WRITES_PER_KEY = 2;

/** 200 accounts take more than the limit lets through at once, and half a minute. */
export async function runCampaignOverWire(accounts = ACCOUNTS): Promise<Figures> {
  const wire = await startWire();
  try {
    configure(wire, accounts);
    // Adopted ten days ago, and looked at just now.
    for (const agoMs of [10 * DAY, 0])
      await passOverDue(appAt(wire, agoMs), () => undefined, { ...TICK_BOUNDS, accounts });
    return await measure(wire, accounts);
  } finally {
    await wire.close();
  }
}

function configure({ azure: { world } }: Wire, accounts: number): void {
  const put = (key: string, value: object): void => {
    world.store.set(key, null, { value: JSON.stringify(value), contentType: 'application/json' });
  };
  const interval = { rotationInterval: 'P30D', overlapMinimum: 'PT1H', overlapMaximum: 'P2D' };
  put('KeyRotation:Policies:bench', { ...interval, standbyIsFree: true });
  for (let index = 0; index < accounts; index++) {
    const name = `account-${index}`;
    const place = { subscriptionId: TEST_SUBSCRIPTION, resourceGroup: TEST_RESOURCE_GROUP, location: 'westeurope' };
    const { id, keys } = world.addAccount({ ...place, name, kind: 'TextAnalytics', keyShape: 'hex32' });
    world.vault.set(`${name}-key`, { value: keys.key1.value });
    put(`KeyRotation:Accounts:${name}`, { resourceId: id, policy: 'bench' });
  }
}

/** A process of its own, with a governor that knows nothing yet. */
function appAt({ azure }: Wire, agoMs: number): App {
  return { ...composeApp(azure.environment()), clock: { now: () => Date.now() - agoMs } };
}

async function measure(wire: Wire, accounts: number): Promise<Figures> {
  const { azure } = wire;
  const app = appAt(wire, 0);
  azure.limits.isEnforced = true;
  let refused = 0;
  let regenerates = 0;
  let lastAt = performance.now();
  const stop = azure.onRequest(({ service, operation, status }) => {
    if (status === 429) refused++;
    if (service !== 'arm' || operation !== 'regenerateKey' || status !== 200) return;
    regenerates++;
    lastAt = performance.now();
  });
  const asked = { wish: wishOf(campaignBody.parse({ reason: 'a benchmark', filter: {} })), by: 'bench' };
  const { campaign } = await createCampaign(app, asked, () => undefined);
  const startedAt = performance.now();
  await runTick(app, new InvocationContext({ functionName: 'reconcile-on-schedule', logHandler: () => undefined }));
  stop();
  const seconds = (lastAt - startedAt) / 1_000;
  const available = ARM.capacity - RESERVE - HEADROOM + seconds * ARM.refillPerSecond;
  const { rings } = (await app.campaigns.read(campaign.id))?.campaign ?? campaign;
  return {
    wireAccounts: accounts,
    wireShare: rounded((100 * WRITES_PER_KEY * regenerates) / available, 1),
    wireSeconds: rounded(seconds, 1),
    wireRefused: refused,
    wireFailed: accounts - rings.reduce((sum, { counts }) => sum + counts.done, 0),
  };
}

// The benchmark of campaigns at a small size: that it rotates everybody under the limits, and models the platform as shipped.
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { LATENCIES, runCampaign } from '../../bench/campaign.ts';
import { PLATFORM } from '../../bench/campaign-platform.ts';

it('rotates three hundred accounts in two subscriptions without a refusal, and uses what the limit allows', async () => {
  const sizes = { accounts: 300, subscriptions: 2, activeAfterMs: 0 };
  const run = await runCampaign({ ...sizes, latencies: LATENCIES, limited: ['arm'] });
  expect(run).toMatchObject({ refusedByArm: 0, refusedByOthers: 0, failed: 0 });
  // Virtual time: no matter how busy the machine is.
  expect(run.publishPercent).toBeGreaterThan(85);
  expect(run.publishPercent).toBeLessThanOrEqual(100);
  expect(run.retirePercent).toBeGreaterThan(70);
});

it('looks again at members when their new keys may be published, and not at the next tick', async () => {
  const run = await runCampaign({ accounts: 40, subscriptions: 1, latencies: LATENCIES, limited: ['arm'] });
  expect(run).toMatchObject({ refusedByArm: 0, failed: 0 });
  // Four times the eight minutes of the policy: one account, three, 32 and four. Ticks are five minutes apart.
  expect(run.publishedAfterSeconds).toBeGreaterThan(1_920);
  expect(run.publishedAfterSeconds).toBeLessThan(1_965);
});

it('works off the queue as host.json says', async () => {
  const host = JSON.parse(await readFile(new URL('../../host.json', import.meta.url), 'utf8')) as {
    readonly extensions: { readonly queues: Readonly<Record<string, unknown>> };
  };
  const { batchSize, newBatchThreshold, longestPollMs } = PLATFORM;
  expect(host.extensions.queues).toMatchObject({
    batchSize,
    newBatchThreshold,
    maxPollingInterval: `00:00:0${longestPollMs / 1_000}`,
  });
});

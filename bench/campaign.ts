// A campaign under the limits of Azure: keys renewed as a share of what the write tokens of Azure Resource Manager allow, in
// virtual time. What runs is the shipped campaign, passes, governor, timer and queue function; one run each, for nothing
// in it is left to chance but keys and ids.
import { createGovernor, HEADROOM, RESERVE } from '../src/azure/arm/governor.ts';
import { type App, composeApp } from '../src/compose.ts';
import { createCampaign } from '../src/fleet/campaign/campaigns.ts';
import { campaignBody } from '../src/http/contract/campaign-schemas.ts';
import { wishOf } from '../src/http/handlers/campaigns.ts';
import type { Account, AccountId, OwnerId } from '../src/rotation/model.ts';
// The tick loads it when it finds a campaign: while a file is read, virtual time would run away.
import '../src/triggers/until-next-tick.ts';
import { type Figures, rounded } from './benchmark.ts';
import { CampaignCloud, type CloudOptions, type Latencies, OVERLAP_MS } from './campaign-cloud.ts';
import { Platform } from './campaign-platform.ts';
import { runCampaignOverWire } from './campaign-wire.ts';
import { VirtualTime } from './virtual-time.ts';

const MS_PER_SECOND = 1_000;
const ARM = { capacity: 200, refillPerSecond: 10 };
/** List and regenerate. */
const WRITES_PER_KEY = 2;
const KEYS_PER_ACCOUNT = 2;
const START = Date.UTC(2027, 0, 4, 8);
/** Between the creation of the campaign and the tick that begins it. */
const LEAD_MS = 30_000;
const GIVE_UP_MS = 48 * 3_600_000;

export const LATENCIES: Latencies = { table: 10, keyVault: 20, appConfiguration: 20, dataPlane: 50, arm: 100 };

export interface CampaignRun {
  /** Of the write tokens that were there while there was work, without the reserve: how many renewed a key. */
  readonly sharePercent: number;
  /** The same for the first key of each account, which the campaign starts, and for the second, after its overlap. */
  readonly publishPercent: number;
  readonly retirePercent: number;
  /** While there was work, over all subscriptions. */
  readonly keysPerSecond: number;
  /** Time in which there was work; between its two parts lies the overlap. */
  readonly seconds: number;
  /** From the tick that began the campaign to the last member that it saw published. */
  readonly publishedAfterSeconds: number;
  /** Answers 429 of Azure Resource Manager, and of the other services. */
  readonly refusedByArm: number;
  readonly refusedByOthers: number;
  /** Members that failed, and accounts that were not rotated in the end. */
  readonly failed: number;
  readonly virtualSeconds: number;
  readonly realSeconds: number;
}

export async function runCampaign(options: CloudOptions): Promise<CampaignRun> {
  const startedAt = performance.now();
  const time = new VirtualTime(START - LEAD_MS);
  const cloud = await CampaignCloud.open(time, options);
  const processes = { timer: appOf(cloud, time), queue: appOf(cloud, time) };
  const platform = new Platform(time, processes);
  const isOver = (): boolean =>
    time.now() > START + GIVE_UP_MS || cloud.accounts.every((account) => isRotated(cloud, account));
  await time.run(
    (async () => {
      const wish = wishOf(campaignBody.parse({ reason: 'a benchmark', filter: {} }));
      await createCampaign(processes.timer, { wish, by: 'bench' }, () => undefined);
      await platform.run(isOver);
    })(),
  );
  const realSeconds = (performance.now() - startedAt) / MS_PER_SECOND;
  const [first, second] = [halves(cloud, platform, 0), halves(cloud, platform, 1)];
  const { rings = [] } = [...cloud.campaigns.rows.values()][0]?.campaign ?? {};
  const unfinished = cloud.accounts.filter((account) => !isRotated(cloud, account)).length;
  const refusedByArm = cloud.refused.get('arm') ?? 0;
  const seconds = first.seconds + second.seconds;
  return {
    sharePercent: percent(first.used + second.used, first.available + second.available),
    publishPercent: percent(first.used, first.available),
    retirePercent: percent(second.used, second.available),
    keysPerSecond: rounded((options.accounts * KEYS_PER_ACCOUNT) / seconds, 1),
    seconds: rounded(seconds, 1),
    publishedAfterSeconds: rounded((Math.max(...rings.map(({ endedAt }) => endedAt ?? 0)) - START) / MS_PER_SECOND, 1),
    refusedByArm,
    refusedByOthers: [...cloud.refused.values()].reduce((sum, count) => sum + count, 0) - refusedByArm,
    failed: rings.reduce((sum, { counts }) => sum + counts.failed, 0) + unfinished,
    virtualSeconds: (time.now() - START) / MS_PER_SECOND,
    realSeconds,
  };
}

function appOf(cloud: CampaignCloud, time: VirtualTime): App {
  const governor = createGovernor(time.now);
  let owners = 0;
  return {
    ...composeApp({
      KEY_VAULT_URL: 'https://vault.test',
      APP_CONFIGURATION_ENDPOINT: 'https://store.test',
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    }),
    clock: { now: time.now },
    sleep: time.sleep,
    ports: cloud.portsUnder(governor),
    campaigns: cloud.campaignsPort(),
    fleet: () => Promise.resolve({ accounts: cloud.accounts, problems: [], notices: [], gone: [], isFrozen: false }),
    room: () => Promise.resolve((subscription) => governor.room(subscription)),
    newOwner: () => `owner-${++owners}` as OwnerId,
  };
}

function isRotated(cloud: CampaignCloud, { id }: Account): boolean {
  const { record } = cloud.records.rowsOf(id).entity;
  return record?.phase === 'idle' && record.rotationId === 1;
}

/** One key of each account: what its calls used of the tokens that were there from the tick that found the work. */
function halves(cloud: CampaignCloud, { ticks }: Platform, half: 0 | 1) {
  const regenerates = new Map<AccountId, number[]>();
  for (const { account, call, at } of cloud.armCalls) {
    if (call === 'regenerate') regenerates.set(account.id, [...(regenerates.get(account.id) ?? []), at]);
  }
  const result = { used: 0, available: 0, seconds: 0 };
  for (const subscription of new Set(cloud.accounts.map(({ subscriptionId }) => subscriptionId))) {
    const accounts = cloud.accounts.filter(({ subscriptionId }) => subscriptionId === subscription);
    const times = accounts.flatMap(({ id }) => regenerates.get(id)?.slice(half, half + 1) ?? []);
    const firsts = accounts.flatMap(({ id }) => regenerates.get(id)?.slice(0, 1) ?? []);
    const workAt = half === 0 ? START : Math.min(...firsts) + OVERLAP_MS;
    const from = ticks.find((tick) => tick >= workAt) ?? workAt;
    const seconds = (Math.max(...times) - from) / MS_PER_SECOND;
    result.used += times.length * WRITES_PER_KEY;
    result.available += ARM.capacity - RESERVE - HEADROOM + seconds * ARM.refillPerSecond;
    result.seconds = Math.max(result.seconds, seconds);
  }
  return result;
}

function percent(part: number, whole: number): number {
  return rounded((100 * part) / whole, 1);
}

/**
 * Limits bound a campaign only where a new key is published at once. Under the built-in policy it waits for eight minutes,
 * and `perSubscription` bounds how many wait together.
 */
const BOUND_BY_LIMITS = { latencies: LATENCIES, activeAfterMs: 0 } as const;
const SIZES = [1_000, 10_000] as const;
const SUBSCRIPTIONS = [1, 10, 50] as const;

export async function measureCampaign(): Promise<Figures> {
  const figures: Record<string, number> = {};
  const total = { refusedByArm: 0, failed: 0, virtualSeconds: 0, realSeconds: 0 };
  for (const accounts of SIZES) {
    for (const subscriptions of SUBSCRIPTIONS) {
      const run = await runCampaign({ ...BOUND_BY_LIMITS, accounts, subscriptions, limited: ['arm'] });
      const name = `${accounts}in${subscriptions}`;
      const writes = (accounts / subscriptions) * WRITES_PER_KEY;
      // Where a full bucket bears all of it at once, the limit bounds nothing and there is no share of it to tell.
      if (writes > ARM.capacity - RESERVE - HEADROOM) {
        figures[`share${name}`] = run.sharePercent;
        figures[`publishShare${name}`] = run.publishPercent;
        figures[`retireShare${name}`] = run.retirePercent;
      }
      figures[`keysPerSecond${name}`] = run.keysPerSecond;
      figures[`seconds${name}`] = run.seconds;
      total.refusedByArm += run.refusedByArm;
      total.failed += run.failed;
      total.virtualSeconds += run.virtualSeconds;
      total.realSeconds += run.realSeconds;
    }
  }
  const limited = ['arm', 'keyVault', 'appConfiguration'] as const;
  const bound = await runCampaign({ ...BOUND_BY_LIMITS, accounts: 10_000, subscriptions: 50, limited });
  const wire = await runCampaignOverWire();
  return {
    ...figures,
    refused: total.refusedByArm,
    failed: total.failed,
    virtualByReal: rounded(total.virtualSeconds / total.realSeconds),
    oneStoreSeconds10000in50: bound.seconds,
    oneStoreKeysPerSecond10000in50: bound.keysPerSecond,
    oneStoreRefusedByArm: bound.refusedByArm,
    oneStoreRefusedByOthers: bound.refusedByOthers,
    oneStoreFailed: bound.failed,
    ...wire,
  };
}

// What a tick costs of which nothing is due, over 10, 1,000 and 10,000 listed accounts: requests on the wire, time, and the
// peak memory of the process. Cold is its first tick, warm the median of those after.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { TableClient, type TransactionAction } from '@azure/data-tables';
import { resourceGroup, subscriptionId } from '../local/azure/demo-accounts.ts';
import type { LocalAzure } from '../local/azure/local-azure.ts';
import { startLocalAzure } from '../local/azure/start-local-azure.ts';
import { accountIdOf } from '../local/azure/world/world.ts';
import { entityRowOf } from '../src/azure/table-rows.ts';
import type { AccountId } from '../src/rotation/model.ts';
import { buildAccount } from '../test/support/account.ts';
import { type Figures, median, rounded } from './benchmark.ts';

const SIZES = [10, 1_000, 10_000] as const;
const WARM_TICKS = 7;
const TABLE = 'KeyRotation';
const ROWS_PER_TRANSACTION = 100;
const FAR = Date.UTC(2100, 0, 1);
const KIB_PER_MIB = 1_024;

export async function measureIdleTick(): Promise<Figures> {
  const figures: Record<string, number> = {};
  for (const size of SIZES) Object.assign(figures, await measure(size));
  return figures;
}

async function measure(size: number): Promise<Figures> {
  const azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts: [], latencyMs: 0 });
  try {
    await enrol(azure, size);
    const child = fork(fileURLToPath(new URL('fixtures/tick.ts', import.meta.url)), {
      env: { ...process.env, ...azure.environment(), RECORD_TABLE_NAME: TABLE },
    });
    try {
      // The first tick of a fleet sees that all of it is enrolled, and notes it.
      await tick(azure, child);
      const warm: Awaited<ReturnType<typeof tick>>[] = [];
      for (let count = 0; count < WARM_TICKS; count++) warm.push(await tick(azure, child));
      const peakMib = rounded((warm.at(-1)?.peakKib ?? 0) / KIB_PER_MIB);
      const requests = Math.max(...warm.map((each) => each.requests));
      return {
        [`requests${size}`]: requests,
        [`ms${size}`]: rounded(median(warm.map(({ ms }) => ms)), 1),
        [`peakMib${size}`]: peakMib,
        ...(await coldFigures(azure, size)),
      };
    } finally {
      child.disconnect();
      await once(child, 'exit');
    }
  } finally {
    await azure.close();
  }
}

async function coldFigures(azure: LocalAzure, size: number): Promise<Figures> {
  const child = fork(fileURLToPath(new URL('fixtures/tick.ts', import.meta.url)), {
    env: { ...process.env, ...azure.environment(), RECORD_TABLE_NAME: TABLE },
  });
  const { requests, ms } = await tick(azure, child);
  child.disconnect();
  await once(child, 'exit');
  return { [`coldRequests${size}`]: requests, [`coldMs${size}`]: rounded(ms) };
}

interface Ticked {
  readonly ms: number;
  readonly peakKib: number;
  readonly requests: number;
}

async function tick(azure: LocalAzure, child: ChildProcess): Promise<Ticked> {
  let requests = 0;
  const stop = azure.onRequest(({ service, isChallenge }) => {
    if (service !== 'token' && !isChallenge) requests++;
  });
  child.send('tick');
  const [told] = (await once(child, 'message')) as [{ ms: number; peakKib: number; error?: string }];
  stop();
  if (told.error !== undefined) throw new Error(told.error);
  return { ...told, requests };
}

/** Listed in App Configuration, and in the table as an account at rest is that is not due for years. */
async function enrol({ world, endpoints }: LocalAzure, size: number): Promise<void> {
  const client = TableClient.fromConnectionString(endpoints.storageConnectionString ?? '', TABLE, {
    allowInsecureConnection: true,
  });
  await client.createTable();
  const entity = { lease: undefined, record: undefined, nextObservationAt: FAR, lastPass: undefined, revision: 1 };
  let actions: TransactionAction[] = [];
  for (let index = 0; index < size; index++) {
    const name = `account-${String(index).padStart(5, '0')}`;
    const id = accountIdOf({ subscriptionId, resourceGroup, name }).toLowerCase() as AccountId;
    world.store.set(`KeyRotation:Accounts:${name}`, null, {
      value: JSON.stringify({ resourceId: id }),
      contentType: 'application/json',
    });
    actions.push(['create', entityRowOf({ ...buildAccount(name), id }, entity)]);
    if (actions.length === ROWS_PER_TRANSACTION || index === size - 1) {
      await client.submitTransaction(actions);
      actions = [];
    }
  }
  world.store.set('KeyRotation:Sentinel', null, { value: '1' });
}

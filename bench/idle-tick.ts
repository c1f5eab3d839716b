// What a tick of the built app costs of which nothing is due, over 10, 1,000 and 10,000 listed accounts: requests on the
// wire, time, and the peak memory of the process. Cold is its first tick, warm the median of those after.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TableClient, type TransactionAction } from '@azure/data-tables';
import { resourceGroup, subscriptionId } from '../local/azure/demo-accounts.ts';
import type { LocalAzure } from '../local/azure/local-azure.ts';
import { startLocalAzure } from '../local/azure/start-local-azure.ts';
import { accountIdOf } from '../local/azure/world/world.ts';
import { openTemporaryFolder } from '../scripts/temporary-folder.mjs';
import { entityRowOf } from '../src/azure/table/rows/rows.ts';
import type { AccountId, Fingerprint, RotationId, RotationRecord, SecretVersion } from '../src/rotation/model.ts';
import type { PassSummary } from '../src/rotation/ports.ts';
import { buildAccount } from '../test/support/account.ts';
import { type Figures, median, rounded } from './benchmark.ts';
import { buildBoth } from './load-time.ts';

const SIZES = [10, 1_000, 10_000] as const;
const WARM_TICKS = 7;
const TABLE = 'KeyRotation';
const ROWS_PER_TRANSACTION = 100;
const FAR = Date.UTC(2100, 0, 1);
const KIB_PER_MIB = 1_024;
/** What the table holds of an account between two rotations. */
const AT_REST: RotationRecord = {
  phase: 'idle',
  rotationId: 12 as RotationId,
  published: {
    slot: 'key2',
    version: '6f1d0c2a9b8e4d7c8a5b3e2f1d0c9b8a' as SecretVersion,
    fingerprint: '9f86d081884c7d65' as Fingerprint,
  },
  rotatedAt: FAR,
  jitterMs: 0,
  adoptedAt: FAR,
  last: { rotationId: 12 as RotationId, outcome: 'completed', provenAt: FAR },
};
const LAST_PASS: PassSummary = { at: FAR, reason: 'NotDue', isBlocked: false, since: FAR, failures: 0 };

export async function measureIdleTick(): Promise<Figures> {
  const figures: Record<string, number> = {};
  const { path: folder, remove } = await openTemporaryFolder('idle-tick');
  try {
    await buildBoth(folder);
    for (const size of SIZES) Object.assign(figures, await measure(size, join(folder, 'app')));
    return figures;
  } finally {
    await remove();
  }
}

async function measure(size: number, appFolder: string): Promise<Figures> {
  const azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts: [], latencyMs: 0 });
  try {
    await enrol(azure, size);
    const child = startApp(azure, appFolder);
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
        ...(await coldFigures(azure, size, appFolder)),
      };
    } finally {
      child.disconnect();
      await once(child, 'exit');
    }
  } finally {
    await azure.close();
  }
}

function startApp(azure: LocalAzure, appFolder: string): ChildProcess {
  return fork(fileURLToPath(new URL('fixtures/tick.mjs', import.meta.url)), [appFolder], {
    env: { ...process.env, ...azure.environment(), RECORD_TABLE_NAME: TABLE },
  });
}

async function coldFigures(azure: LocalAzure, size: number, appFolder: string): Promise<Figures> {
  const child = startApp(azure, appFolder);
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
  const entity = { lease: undefined, record: AT_REST, nextObservationAt: FAR, lastPass: LAST_PASS, revision: 9 };
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

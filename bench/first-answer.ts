// Time from the start of a host process to the first answer of `GET api/health` (which reads configuration and table),
// against the first answer of a bare hello world on the same host. Interleaved runs against one local Azure.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoAccounts, resourceGroup, subscriptionId } from '../local/azure/demo-accounts.ts';
import { freePort } from '../local/azure/ports.ts';
import { startLocalAzure } from '../local/azure/start-local-azure.ts';
import { startHostProcess } from '../local/start/children.ts';
import { type Figures, median, rounded } from './benchmark.ts';
import { buildBoth } from './load-time.ts';

const RUNS = 7;

export async function measureFirstAnswer(): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'first-answer-'));
  const azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts: demoAccounts(1), latencyMs: 0 });
  try {
    await buildBoth(folder);
    // No tick may come in between: the answer itself is what is measured.
    const environment = { ...azure.environment(), RECONCILE_SCHEDULE: '0 0 0 1 1 *' };
    const health: number[] = [];
    const hello: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      health.push(await timeOf(join(folder, 'app'), 'api/health', environment));
      hello.push(await timeOf(join(folder, 'hello'), 'api/hello', environment));
    }
    const [healthMs, helloMs] = [median(health), median(hello)];
    return { healthMs: rounded(healthMs), helloMs: rounded(helloMs), ratio: rounded(healthMs / helloMs, 2) };
  } finally {
    await azure.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function timeOf(appFolder: string, path: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const port = await freePort();
  const startedAt = performance.now();
  const host = await startHostProcess({ port, environment, appFolder, onLine: () => undefined });
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/${path}`);
    await answer.text();
    return performance.now() - startedAt;
  } finally {
    await host.stop();
  }
}

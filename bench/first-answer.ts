// Time from the start of a host process to the first answer of `GET api/health` (which reads configuration and table),
// against the first answer of a bare hello world on the same host. Interleaved runs against one local Azure.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoAccounts, resourceGroup, subscriptionId } from '../local/azure/demo-accounts.ts';
import { freePort } from '../local/azure/ports.ts';
import { startLocalAzure } from '../local/azure/start-local-azure.ts';
import { openTemporaryFolder } from '../scripts/temporary-folder.mjs';
import { type Figures, median, rounded } from './benchmark.ts';
import { buildBoth } from './load-time.ts';

const HOST = fileURLToPath(new URL('fixtures/host.ts', import.meta.url));
const RUNS = 7;

export async function measureFirstAnswer(): Promise<Figures> {
  const { path: folder, remove } = await openTemporaryFolder('first-answer');
  const azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts: demoAccounts(1), latencyMs: 0 });
  try {
    await buildBoth(folder);
    const environment = azure.environment();
    const health: number[] = [];
    const hello: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      health.push(await timeOf(join(folder, 'app'), 'api/health', '"isHealthy"', environment));
      hello.push(await timeOf(join(folder, 'hello'), 'api/hello', 'hello', environment));
    }
    const [healthMs, helloMs] = [median(health), median(hello)];
    return { healthMs: rounded(healthMs), helloMs: rounded(helloMs), ratio: rounded(healthMs / helloMs, 2) };
  } finally {
    await azure.close();
    await remove();
  }
}

async function timeOf(
  appFolder: string,
  path: string,
  expected: string,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const port = await freePort();
  const startedAt = performance.now();
  const host = fork(HOST, [appFolder, String(port)], { env: { ...process.env, ...environment } });
  try {
    await once(host, 'message');
    const answer = await fetch(`http://127.0.0.1:${port}/${path}`);
    const text = await answer.text();
    if (!text.includes(expected)) throw new Error(`${path} answered ${answer.status}: ${text}`);
    return performance.now() - startedAt;
  } finally {
    const exited = once(host, 'exit');
    host.disconnect();
    await exited;
  }
}

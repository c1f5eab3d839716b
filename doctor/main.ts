// `npm run doctor`: checks settings, identity, permissions and accounts, and prints each fault with its remedy.
// It changes nothing. `--local` checks a local Azure that it starts. Exit code 1: an operator must correct something.

import { demoAccounts, resourceGroup, subscriptionId } from '../local/azure/demo-accounts.ts';
import { trustLocalAzure } from '../local/azure/identity/trust.ts';
import { startLocalAzure } from '../local/azure/start-local-azure.ts';
import { readCommandLine } from '../local/command-line.ts';
import { DEMO_POLICY, seed } from '../local/start/seed.ts';
import type { Environment } from '../src/config/settings.ts';
import { readEnvironment } from './environment.ts';
import { type Examination, examine } from './examine.ts';
import { tableOf } from './print.ts';

const USAGE = 'npm run doctor -- [--local] [--json] [--settings FILE] [--seconds N]';
const SECONDS = 120;
const SECONDS_MAXIMUM = 3_600;

function readFlags(args: readonly string[]) {
  const options = {
    local: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    settings: { type: 'string' },
    seconds: { type: 'string', default: String(SECONDS) },
  } as const;
  const values = readCommandLine(USAGE, options, args);
  const seconds = Number(values.seconds);
  if (/^\d+$/.test(values.seconds) && seconds >= 1 && seconds <= SECONDS_MAXIMUM) return { ...values, seconds };
  throw new Error(`--seconds takes a whole number from 1 to ${SECONDS_MAXIMUM}, not "${values.seconds}".`);
}

/** Runs `call` against a local Azure with demo accounts. Sets `process.env`, because the identity library reads it. */
async function withLocalAzure<T>(call: (environment: Environment) => Promise<T>): Promise<T> {
  const azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts: demoAccounts() });
  try {
    trustLocalAzure(azure);
    seed(azure, DEMO_POLICY);
    Object.assign(process.env, azure.environment());
    return await call(azure.environment());
  } finally {
    await azure.close();
  }
}

async function main(): Promise<void> {
  const { local, json, settings, seconds } = readFlags(process.argv.slice(2));
  const look = (environment: Environment): Promise<Examination> => examine(environment, { timeoutMs: seconds * 1000 });
  const examination = local ? await withLocalAzure(look) : await look(await readEnvironment(process.env, settings));
  process.stdout.write(json ? `${JSON.stringify(examination)}\n` : tableOf(examination));
  process.exitCode = examination.isWell ? 0 : 1;
}

main()
  .catch((error: unknown) => {
    const sentence = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${sentence.split('\n')[0] ?? sentence}\n`);
    process.exitCode = 1;
  })
  // A call that outlasts the time limit must not keep the process alive.
  .finally(() => process.exit());

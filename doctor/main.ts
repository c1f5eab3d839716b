// `npm run doctor`: checks settings, identity, permissions and accounts, and prints each fault with its remedy.
// It changes nothing. `--local` checks a local Azure that it starts. Exit code 1: an operator must correct something.

import { demoAccounts, resourceGroup, subscriptionId } from '../local/azure/demo-accounts.ts';
import { trustLocalAzure } from '../local/azure/identity/trust.ts';
import { startLocalAzure } from '../local/azure/start-local-azure.ts';
import { readCommand } from '../local/command-line.ts';
import { DEMO_POLICY, seed } from '../local/start/seed.ts';
import type { Environment } from '../src/config/settings.ts';
import { readEnvironment } from './environment.ts';
import { type Examination, examine } from './examine.ts';
import { textOf } from './print.ts';

function readFlags() {
  return readCommand({
    name: 'npm run doctor',
    does:
      'checks settings, identity, permissions and accounts, and says for each fault what to do. It changes nothing. ' +
      'Exit code 1: something must be corrected.',
    flags: {
      local: { kind: 'switch', means: 'checks a local Azure that it starts, as a trial' },
      settings: {
        kind: 'text',
        value: 'FILE',
        means:
          'reads settings from FILE, below the environment; without this flag from local.settings.json, if it exists',
      },
      seconds: { kind: 'number', means: 'time for the whole check', minimum: 1, maximum: 3_600, default: 120 },
      'only-problems': { kind: 'switch', means: 'prints only what must be corrected' },
      account: { kind: 'text', value: 'ALIAS', means: 'checks one account, besides settings, identity and services' },
      json: { kind: 'switch', means: 'prints every finding as JSON' },
    },
    examples: [
      'npm run doctor -- --local',
      'npm run doctor -- --only-problems',
      'npm run doctor -- --account my-language',
    ],
  });
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
  const { local, json, settings, seconds, account, 'only-problems': isOnlyProblems } = readFlags();
  const look = (environment: Environment): Promise<Examination> =>
    examine(environment, { timeoutMs: seconds * 1000, account });
  const examination = local ? await withLocalAzure(look) : await look(await readEnvironment(process.env, settings));
  process.stdout.write(json ? `${JSON.stringify(examination)}\n` : textOf(examination, { isOnlyProblems }));
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

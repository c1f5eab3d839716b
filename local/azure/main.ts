// `npm run azure`: a local Azure with demo accounts, for any program that uses Azure. It prints one JSON line with all
// addresses, then serves until a signal ends it.
import { readCommandLine } from '../command-line.ts';
import { abortOf, endOf } from '../start/signals.ts';
import { clientEnvironments } from './client-environments.ts';
import { demoAccounts, resourceGroup, subscriptionId } from './demo-accounts.ts';
import type { LocalAzure } from './local-azure.ts';
import { publishKeys } from './publish-keys.ts';
import { startLocalAzure } from './start-local-azure.ts';
import { letGatewaysLag } from './world/lagging-nodes.ts';

const USAGE = 'npm run azure -- [--accounts N] [--port-base N] [--limits] [--lag MS]';
const ACCOUNTS_MAXIMUM = 10_000;
/** The row has thirteen ports. */
const PORT_BASE_MAXIMUM = 65_523;
/** A day: Azure's gateway takes up to several hours. */
const LAG_MAXIMUM_MS = 86_400_000;

interface Flags {
  readonly portBase?: number;
  readonly accounts?: number;
  readonly areLimitsEnforced: boolean;
  /** The longest lag of a gateway's node; absent: one node, which learns at once. */
  readonly lagMs?: number;
}

function readNumber(flag: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new Error(`${flag} must be a whole number from ${minimum} to ${maximum}, not "${text}".`);
}

function readFlags(args: readonly string[]): Flags {
  const options = {
    'port-base': { type: 'string' },
    accounts: { type: 'string' },
    limits: { type: 'boolean', default: false },
    lag: { type: 'string' },
  } as const;
  const values = readCommandLine(USAGE, options, args);
  const { 'port-base': portBase, accounts, lag } = values;
  return {
    areLimitsEnforced: values.limits,
    ...(portBase === undefined ? {} : { portBase: readNumber('--port-base', portBase, 1024, PORT_BASE_MAXIMUM) }),
    ...(accounts === undefined ? {} : { accounts: readNumber('--accounts', accounts, 1, ACCOUNTS_MAXIMUM) }),
    ...(lag === undefined ? {} : { lagMs: readNumber('--lag', lag, 0, LAG_MAXIMUM_MS) }),
  };
}

function describe(azure: LocalAzure): object {
  const accounts = [...azure.world.accounts.values()].map(({ id, seed, knobs }) => ({
    name: seed.name,
    kind: seed.kind,
    endpoint: azure.dataPlaneEndpoint(seed.name),
    id,
    nodes: knobs.nodes,
  }));
  const environment = azure.environment();
  return {
    ...azure.endpoints,
    caFile: azure.caFile,
    subscriptionId,
    resourceGroup,
    accounts,
    ...azure.servicePrincipal,
    environment,
    clients: clientEnvironments(azure),
  };
}

async function main(): Promise<void> {
  const { accounts, lagMs, ...options } = readFlags(process.argv.slice(2));
  const ended = endOf();
  const azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts: demoAccounts(accounts), ...options });
  if (!ended.aborted) {
    publishKeys(azure);
    if (lagMs !== undefined) letGatewaysLag(azure.world, lagMs);
    process.stdout.write(`${JSON.stringify(describe(azure))}\n`);
  }
  await abortOf(ended);
  await azure.close();
  process.exit(0);
}

main().catch((error: unknown) => {
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${sentence.split('\n')[0] ?? sentence}\n`);
  process.exitCode = 1;
});

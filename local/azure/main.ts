// `npm run azure`: a local Azure with demo accounts, for any program that uses Azure. It prints one JSON line with all
// addresses, then serves until a signal ends it.
import { readCommand } from '../command-line.ts';
import { abortOf, endOf } from '../start/signals.ts';
import { clientEnvironments } from './client-environments.ts';
import { demoAccounts, resourceGroup, subscriptionId } from './demo-accounts.ts';
import type { LocalAzure } from './local-azure.ts';
import { requireFreePorts } from './ports.ts';
import { publishKeys } from './publish-keys.ts';
import { startLocalAzure } from './start-local-azure.ts';
import { letGatewaysLag } from './world/lagging-nodes.ts';

/** Ports of a local Azure with storage. */
const PORTS = 14;
const PORT_MAXIMUM = 65_535;
/** A day: Azure's gateway takes up to several hours. */
const LAG_MAXIMUM_MS = 86_400_000;

function readFlags() {
  return readCommand({
    name: 'npm run azure',
    does:
      'runs a local Azure for any program that uses Azure, until Ctrl-C. ' +
      'It prints one line of JSON with all addresses and the variables that clients need.',
    flags: {
      accounts: { kind: 'number', means: 'AI services accounts', minimum: 1, maximum: 10_000, default: 3 },
      'port-base': {
        kind: 'number',
        means: `the first of ${PORTS} ports in a row; without this flag the ports are free ones`,
        minimum: 1024,
        maximum: PORT_MAXIMUM - PORTS + 1,
      },
      limits: { kind: 'switch', means: "enforces Azure's limits of calls (429)" },
      lag: {
        kind: 'number',
        means:
          'milliseconds until the slowest of three servers of a gateway knows a new key; without this flag: at once',
        minimum: 0,
        maximum: LAG_MAXIMUM_MS,
      },
    },
    examples: ['npm run --silent azure > azure.json', 'npm run azure -- --accounts 200 --port-base 20000 --lag 2000'],
  });
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
  const { accounts, lag: lagMs, limits: areLimitsEnforced, 'port-base': portBase } = readFlags();
  const ended = endOf();
  const ports = portBase === undefined ? [] : Array.from({ length: PORTS }, (_, index) => portBase + index);
  await requireFreePorts(ports, '--port-base');
  const options = { areLimitsEnforced, ...(portBase === undefined ? {} : { portBase }) };
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

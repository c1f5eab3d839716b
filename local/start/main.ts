// `npm start`: a local Azure, the host with the built app, and an application per account that never stops calling.
// Starts everything, tells it as a timeline, and ends everything however it ends.

import { createHash } from 'node:crypto';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { demoAccounts, resourceGroup, subscriptionId } from '../azure/demo-accounts.ts';
import type { LocalAzure } from '../azure/local-azure.ts';
import { startLocalAzure } from '../azure/start-local-azure.ts';
import { accountIdOf } from '../azure/world/world.ts';
import { type Child, startApplications, startHostProcess } from './children.ts';
import { readLogLine } from './events.ts';
import { type Flags, readFlags } from './flags.ts';
import { Journal } from './journal.ts';
import { seed } from './seed.ts';
import { Timeline } from './timeline.ts';

const ONCE_TIMEOUT_MS = 85_000;
const CALLS_EVERY_MS = 5_000;
const SCHEDULE = '* * * * * *';

type Started = { close: () => Promise<void> | void }[];

async function main(): Promise<number> {
  const flags = readFlags(process.argv.slice(2));
  const startedAt = Date.now();
  const write = (line: string): void => {
    (flags.isJson ? process.stderr : process.stdout).write(`${line}\n`);
  };
  const started: Started = [];
  const ended = endOf();
  try {
    await build();
    const timeline = new Timeline(write, startedAt);
    started.push({ close: () => timeline.close() });
    const { journal, failures } = await startAll(flags, timeline, started);
    const reason = await Promise.race([ended, ...failures, ...(flags.isOnce ? [allRotated(journal)] : [])]);
    if (flags.isJson || flags.isOnce) report(flags, journal, startedAt);
    if (reason === undefined) return verdictOf(flags, journal);
    process.stderr.write(`${reason}\n`);
    return 1;
  } finally {
    for (const { close } of started.toReversed()) await close();
  }
}

/** Resolves when a signal asks for the end. */
function endOf(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(undefined));
  });
}

async function build(): Promise<void> {
  const script = new URL('../../scripts/build.mjs', import.meta.url);
  const { buildApp } = (await import(pathToFileURL(fileURLToPath(script)).href)) as {
    buildApp: () => Promise<unknown>;
  };
  await buildApp();
}

interface Running {
  readonly journal: Journal;
  /** Each resolves with a sentence when something that must run ended. */
  readonly failures: readonly Promise<string>[];
}

async function startAll(flags: Flags, timeline: Timeline, started: Started): Promise<Running> {
  const accounts = demoAccounts(flags.accounts);
  const azure = await startLocalAzure({
    subscriptionId,
    resourceGroup,
    accounts,
    latencyMs: flags.latencyMs,
    attribute: attributor(accounts.map((account) => [account.name, accountIdOf(account)] as const)),
  });
  started.push(azure);
  seed(azure);
  const journal = new Journal(azure);
  const environment = { ...azure.environment(), RECONCILE_SCHEDULE: SCHEDULE };
  const applications = await startApplications(applicationsOf(azure), azure.environment());
  started.push({ close: () => applications.stop() });
  const host = await startHost(flags, environment, timeline, journal);
  started.push({ close: () => host.stop() });
  timeline.say(
    '',
    'calls',
    `host on http://localhost:${flags.port}, ${accounts.length} accounts, each with an application that calls it`,
  );
  const timer = setInterval(() => {
    const { requests, failures } = journal.totals();
    timeline.say('applications', 'calls', `${requests} calls, ${failures} failures`);
  }, CALLS_EVERY_MS);
  started.push({ close: () => clearInterval(timer) });
  return { journal, failures: [applications.died, host.died] };
}

/** In requests to vault, store and table an account shows by its name, or by the hash in the names of its rows. */
function attributor(accounts: readonly (readonly [name: string, id: string])[]) {
  const marks = accounts.map(([name, id]) => {
    const hash = createHash('sha256').update(id.toLowerCase()).digest('hex').slice(0, 32);
    return { name, marks: [`/${name}-key`, `${name}:Key`, `${name}-uses-key2`, `|${hash}|`] };
  });
  return (target: string, body: string): string | undefined =>
    marks.find((entry) => entry.marks.some((mark) => target.includes(mark) || body.includes(mark)))?.name;
}

function applicationsOf(azure: LocalAzure) {
  const { appConfiguration: appConfigurationEndpoint, keyVault: keyVaultUrl } = azure.endpoints;
  return [...azure.world.accounts.values()].map(({ seed: { name, kind } }) => ({
    name,
    kind,
    endpoint: azure.dataPlaneEndpoint(name),
    appConfigurationEndpoint,
    keyVaultUrl,
  }));
}

function startHost(
  { port }: Flags,
  environment: Readonly<Record<string, string>>,
  timeline: Timeline,
  journal: Journal,
): Promise<Child> {
  return startHostProcess({
    port,
    environment,
    onLine: (line) => {
      const { event, level, message } = readLogLine(line);
      if (event !== undefined) {
        journal.tell(event);
        timeline.tell(event);
      } else if (level === 'error' || level === 'critical') timeline.say('host', 'failed', message);
    },
  });
}

/** Resolves with nothing when every account has completed a rotation, with the reason when time is up. */
function allRotated(journal: Journal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      const late = journal.summary().filter(({ rotations }) => rotations === 0);
      resolve(
        `Not rotated within ${ONCE_TIMEOUT_MS / 1000} seconds: ${late.map(({ account }) => account).join(', ')}.`,
      );
    }, ONCE_TIMEOUT_MS);
    journal.onRotated = () => {
      if (!journal.areAllRotated) return;
      clearTimeout(timer);
      resolve(undefined);
    };
  });
}

function report({ isJson }: Flags, journal: Journal, startedAt: number): void {
  const accounts = journal.summary();
  const seconds = Math.round((Date.now() - startedAt) / 100) / 10;
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ accounts, seconds })}\n`);
    return;
  }
  for (const { account, rotations, keysRenewed, supersededRejected, application, calls } of accounts) {
    const sent = calls.arm + calls.keyVault + calls.appConfiguration + calls.dataPlane + calls.table;
    process.stdout.write(
      `${account}: ${rotations} rotations, ${keysRenewed} keys renewed, superseded key ${supersededRejected ? 'rejected' : 'not proven dead'}, ` +
        `${sent} calls; application: ${application.requests} calls, ${application.failures} failures\n`,
    );
  }
}

function verdictOf({ isOnce }: Flags, journal: Journal): number {
  if (!isOnce) return 0;
  const isGood = journal.summary().every(({ rotations, keysRenewed, supersededRejected, application }) => {
    return rotations > 0 && keysRenewed === 2 && supersededRejected && application.failures === 0;
  });
  return isGood ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exit(1);
  },
);

function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0] ?? message;
}

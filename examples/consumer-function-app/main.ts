// Runs the consumer Function App in the local host. Against a local Azure it also rotates the key under the app: publishes
// the other key, waits until the event has brought it, kills the first key, and tells what was refused on the wire.
// Against real Azure it serves until it is told to stop.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { runExample, VARIABLES } from '../environment.ts';
import { buildConsumerApp } from './build.ts';

const HOST = fileURLToPath(new URL('../../local/host/main.ts', import.meta.url));
const EVENT_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 50;

const COMMAND = {
  name: 'npm run example:function-app',
  does: 'runs a Function App that uses the key. With a local Azure it rotates the key under the app, and counts refused calls.',
  flags: {},
  variables: { ...VARIABLES, PORT: 'the port of the app; without it a free one' },
  examples: ['npm run example:function-app'],
} as const;

runExample(COMMAND, async ({ local, secretName, endpoint }) => {
  const folder = await buildConsumerApp();
  const env = { ...process.env, SECRET_NAME: secretName, ENDPOINT: endpoint };
  const isQuiet = local !== undefined;
  const host = fork(HOST, ['--app', folder, '--port', process.env['PORT'] ?? '0'], {
    env,
    stdio: ['ignore', 'pipe', isQuiet ? 'ignore' : 'inherit', 'ipc'],
  });
  const exited = once(host, 'exit');
  try {
    const base = await addressOf(host, exited);
    if (local === undefined) await serve(base, exited);
    else await rotateUnder(base, local, secretName);
  } finally {
    host.kill('SIGTERM');
    await exited;
  }
});

async function serve(base: string, exited: Promise<unknown>): Promise<void> {
  process.stdout.write(`${base}/api/detect?text=Hello\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), exited]);
}

async function addressOf(host: ChildProcess, exited: Promise<unknown>): Promise<string> {
  if (host.stdout === null) throw new Error('The host has no output.');
  const failed = exited.then(() => Promise.reject(new Error('The host did not start.')));
  const [line] = (await Promise.race([once(createInterface({ input: host.stdout }), 'line'), failed])) as [string];
  const { port } = JSON.parse(line) as { readonly port: number };
  return `http://127.0.0.1:${port}`;
}

async function rotateUnder(base: string, { events, world, requests }: LocalAzure, secretName: string): Promise<void> {
  await events.subscribe({
    endpoint: `${base}/runtime/webhooks/EventGrid?functionName=on-new-key`,
    schema: 'cloudEvents',
    types: ['Microsoft.KeyVault.SecretNewVersionCreated'],
  });
  const [account] = world.accounts.values();
  if (account === undefined) throw new Error('The local Azure has no account.');
  await tell('key1 is published', base);
  const { version } = world.vault.set(secretName, { value: account.keys.key2.value });
  const until = Date.now() + EVENT_WITHIN_MS;
  while ((await detect(base)).version !== version) {
    if (Date.now() > until) throw new Error('The event did not bring the new key.');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  await tell('key2 is published, and the event has brought it', base);
  world.regenerateKey(account.id, 'key1');
  await tell('key1 is dead', base);
  const refused = requests.filter(({ service, status }) => service === 'dataPlane' && status === 401);
  process.stdout.write(`calls that were refused: ${refused.length}\n`);
}

interface Detected {
  readonly status: number;
  readonly language: string;
  readonly version: string;
}

async function detect(base: string): Promise<Detected> {
  const response = await fetch(`${base}/api/detect?text=Bonjour%20tout%20le%20monde`);
  return { status: response.status, ...((await response.json()) as Omit<Detected, 'status'>) };
}

async function tell(when: string, base: string): Promise<void> {
  const { status, language } = await detect(base);
  process.stdout.write(`${when}: ${status} ${language}\n`);
  if (status !== 200) throw new Error('200 was expected.');
}

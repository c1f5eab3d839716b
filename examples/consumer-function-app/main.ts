// Runs the consumer Function App in the local host against a local Azure: calls it, rotates the key under it by publishing
// the other one and killing the first, and calls it again.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { commonOptions } from '../../scripts/build.mjs';
import { exampleEnvironment } from '../environment.ts';

const HOST = fileURLToPath(new URL('../../local/host/main.ts', import.meta.url));
const OUT = fileURLToPath(new URL('../../out/consumer-function-app', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));

async function buildExample(): Promise<void> {
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  const entryPoints = ['on-new-key', 'detect-language'].map((name) => join(HERE, 'functions', `${name}.ts`));
  await build({ ...commonOptions, entryPoints, outdir: join(OUT, 'dist', 'functions') });
  await writeFile(join(OUT, 'host.json'), JSON.stringify({ version: '2.0' }));
  await writeFile(
    join(OUT, 'package.json'),
    JSON.stringify({ type: 'module', main: 'dist/functions/{on-new-key,detect-language}.js' }),
  );
}

const environment = await exampleEnvironment();
const { local, secretName, endpoint } = environment;
if (local === undefined) throw new Error('Deploy the Function App to run it against real Azure; see README.md.');
await buildExample();
const env = { ...process.env, SECRET_NAME: secretName, ENDPOINT: endpoint };
const host = fork(HOST, ['--app', OUT, '--port', '0'], { env, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
try {
  if (host.stdout === null) throw new Error('The host has no output.');
  const [line] = (await once(createInterface({ input: host.stdout }), 'line')) as [string];
  const { port } = JSON.parse(line) as { port: number };
  const base = `http://127.0.0.1:${port}`;
  await local.events.subscribe({
    endpoint: `${base}/runtime/webhooks/EventGrid?functionName=on-new-key`,
    schema: 'cloudEvents',
    types: ['Microsoft.KeyVault.SecretNewVersionCreated'],
  });
  const call = async (when: string): Promise<void> => {
    const response = await fetch(`${base}/api/detect?text=Bonjour%20tout%20le%20monde`);
    process.stdout.write(`${when}: ${response.status} ${await response.text()}\n`);
    if (!response.ok) process.exitCode = 1;
  };
  await call('with key1');
  const [account] = local.world.accounts.values();
  if (account === undefined) throw new Error('The local Azure has no account.');
  local.world.vault.set(secretName, { value: account.keys.key2.value });
  await call('right after key2 was published');
  local.world.regenerateKey(account.id, 'key1');
  await call('after key1 was regenerated');
} finally {
  const exited = once(host, 'exit');
  host.kill('SIGTERM');
  await exited;
  await environment.close();
}

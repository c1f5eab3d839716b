// `npm run live`: a live test of the service on a subscription of yours, or with `--local` on the local Azure. It keeps a
// transcript of the shapes of requests, and says where the local Azure answers otherwise than Azure.
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readCommand } from '../command-line.ts';
import { azureInstallation } from './azure-installation.ts';
import { askAll } from './calls.ts';
import { type Installation, localInstallation } from './installation.ts';
import { type Played, play } from './play.ts';
import { differences } from './transcript.ts';

const startedAt = Date.now();
const say = (line: string): void => {
  process.stdout.write(`${String(Math.round((Date.now() - startedAt) / 1_000)).padStart(5)}s  ${line}\n`);
};

async function playOn(installation: Installation, isKept: boolean): Promise<Played> {
  try {
    return await play(installation, say);
  } finally {
    if (isKept) say('kept, as asked: it costs money until you delete its two resource groups');
    else await installation.tearDown();
  }
}

/** The answers of the local Azure to the same requests. */
async function askLocally() {
  const installation = await localInstallation();
  try {
    return await askAll(installation.place);
  } finally {
    await installation.tearDown();
  }
}

async function main(): Promise<void> {
  const { local, location, keep, out } = readCommand({
    name: 'npm run live',
    does:
      'tests the service on a subscription of yours, or on the local Azure, and keeps a transcript. ' +
      'It makes two resource groups and deletes them.',
    flags: {
      local: { kind: 'switch', means: 'uses the local Azure; without this flag the subscription of `az login`' },
      location: { kind: 'text', value: 'REGION', means: 'the region of the resource groups', default: 'westeurope' },
      keep: { kind: 'switch', means: 'keeps the resource groups, which then cost money' },
      out: { kind: 'text', value: 'FILE', means: 'the file of the transcript', default: 'out/live/transcript.json' },
    },
    examples: ['npm run live -- --local'],
  });
  const suffix = randomBytes(3).toString('hex');
  if (!local) say(`on your subscription, in ${location}: the resource groups live-${suffix} and rg-live-${suffix}`);
  const installation = local ? await localInstallation() : await azureInstallation({ suffix, location, say });
  const played = await playOn(installation, keep && !local);
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, `${JSON.stringify(played.transcript, null, 1)}\n`);
  const found = differences(played.transcript, await askLocally());
  for (const sentence of found) process.stdout.write(`${sentence}\n`);
  const { secondsToReplaced, secondsToProven } = played;
  const proven = secondsToProven === undefined ? 'its death was not proven' : `proven dead after ${secondsToProven} s`;
  say(`a leaked key: replaced after ${secondsToReplaced} s, ${proven}`);
  say(`${found.length} differences; the transcript is in ${out}`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);

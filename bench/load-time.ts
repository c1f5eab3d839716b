// How long a process takes that loads the built app, against one that loads a bare hello world built the same way.
// Both go through the local host's own loader; interleaved runs, medians of whole processes.
import { spawnSync } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildApp, commonOptions } from '../scripts/build.mjs';
import { openTemporaryFolder } from '../scripts/temporary-folder.mjs';
import { type Figures, median, rounded } from './benchmark.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOADER = fileURLToPath(new URL('./fixtures/load.mjs', import.meta.url));
const RUNS = 15;

export async function measureLoadTime(): Promise<Figures> {
  const { path: folder, remove } = await openTemporaryFolder('load-time');
  try {
    await buildBoth(folder);
    const app: number[] = [];
    const hello: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      app.push(timeOf(join(folder, 'app')));
      hello.push(timeOf(join(folder, 'hello')));
    }
    const [appMs, helloMs] = [median(app), median(hello)];
    return { appMs: rounded(appMs), helloMs: rounded(helloMs), ratio: rounded(appMs / helloMs, 2) };
  } finally {
    await remove();
  }
}

/** The app and the hello world, as `app` and `hello` in `folder`. */
export async function buildBoth(folder: string): Promise<void> {
  await buildApp(join(folder, 'app', 'dist'));
  const entryPoints = { functions: join(ROOT, 'bench/fixtures/hello.ts') };
  await build({ ...commonOptions, entryPoints, outdir: join(folder, 'hello', 'dist') });
  const manifest = JSON.stringify({ type: 'module', main: 'dist/functions.js' });
  for (const name of ['app', 'hello']) {
    await writeFile(join(folder, name, 'package.json'), manifest);
    await copyFile(join(ROOT, 'host.json'), join(folder, name, 'host.json'));
  }
}

function timeOf(appFolder: string): number {
  const startedAt = performance.now();
  const run = spawnSync(process.execPath, [LOADER, appFolder], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`The app in ${appFolder} did not load: ${run.stderr}`);
  return performance.now() - startedAt;
}

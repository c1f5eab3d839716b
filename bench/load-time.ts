// How long a process takes that loads the built app, against one that loads a bare hello world built the same way.
// Both go through the local host's own loader; interleaved runs, medians of whole processes.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildApp, commonOptions } from '../scripts/build.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOADER = fileURLToPath(new URL('./fixtures/load.mjs', import.meta.url));
const RUNS = 15;

export interface LoadTime {
  /** Medians in milliseconds. */
  readonly appMs: number;
  readonly helloMs: number;
  readonly ratio: number;
}

export async function measureLoadTime(): Promise<LoadTime> {
  const folder = await mkdtemp(join(tmpdir(), 'load-time-'));
  try {
    await buildBoth(folder);
    const app: number[] = [];
    const hello: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      app.push(timeOf(join(folder, 'app')));
      hello.push(timeOf(join(folder, 'hello')));
    }
    const [appMs, helloMs] = [median(app), median(hello)];
    return { appMs, helloMs, ratio: Math.round((appMs / helloMs) * 100) / 100 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function buildBoth(folder: string): Promise<void> {
  await buildApp(join(folder, 'app', 'dist'));
  const entryPoints = { 'functions/hello': join(ROOT, 'bench/fixtures/hello.ts') };
  await build({ ...commonOptions, entryPoints, outdir: join(folder, 'hello', 'dist') });
  const manifest = JSON.stringify({ type: 'module', main: 'dist/functions/*.js' });
  for (const name of ['app', 'hello']) await writeFile(join(folder, name, 'package.json'), manifest);
}

function timeOf(appFolder: string): number {
  const startedAt = performance.now();
  const run = spawnSync(process.execPath, [LOADER, appFolder], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`The app in ${appFolder} did not load: ${run.stderr}`);
  return performance.now() - startedAt;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

// The package is a matter of the code alone: not of the folder, the place of the call or the time zone. Two copies of
// the sources, in folders of different depth, make the same bytes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildApp } from '../../scripts/build.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Packages that the scripts load, and that are not in the bundle. */
const OF_THE_SCRIPTS = ['esbuild', 'fflate'];

let folder: string;
let inputs: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-bytes-'));
  const { inputs: read } = await buildApp(join(folder, 'first'));
  inputs = Object.keys(read).filter((path) => !path.startsWith('<'));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Copies what the package is made of, so that no file of it is outside of the new folder. */
async function copyTo(clone: string): Promise<void> {
  const readers = ['local/command-line.ts', 'packages/operator/src/command-line.ts'];
  const files = new Set(['package.json', 'host.json', 'tsconfig.json', ...readers, ...inputs]);
  for (const path of inputs.filter((input) => input.startsWith('node_modules/'))) {
    // Node.js finds a package, and its kind of modules, by the manifests above a file.
    for (let above = dirname(path); above !== 'node_modules'; above = dirname(above))
      files.add(join(above, 'package.json'));
  }
  for (const path of files) await cp(join(ROOT, path), join(clone, path), { force: true }).catch(ignoreMissing);
  await cp(join(ROOT, 'src'), join(clone, 'src'), { recursive: true });
  await cp(join(ROOT, 'scripts'), join(clone, 'scripts'), { recursive: true });
  for (const name of OF_THE_SCRIPTS) await symlink(join(ROOT, 'node_modules', name), join(clone, 'node_modules', name));
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

async function digestOf(clone: string, cwd: string, TZ: string): Promise<string> {
  await mkdir(cwd, { recursive: true });
  await copyTo(clone);
  const env = { PATH: process.env['PATH'], TZ };
  const run = spawnSync(process.execPath, [join(clone, 'scripts', 'package.mjs')], { cwd, env, encoding: 'utf8' });
  expect(run.stderr).toBe('');
  const bytes = await readFile(join(clone, 'out', 'app.zip'));
  return createHash('sha256').update(bytes).digest('hex');
}

it('makes the same package in two folders, from two places, in two time zones', async () => {
  const one = await digestOf(join(folder, 'one'), join(folder, 'one'), 'America/Los_Angeles');
  const two = await digestOf(join(folder, 'deep', 'er', 'two'), join(folder, 'elsewhere'), 'Asia/Tokyo');
  expect(two).toBe(one);
}, 240_000);

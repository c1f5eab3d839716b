// Applies one mutant to a copy of the core and hunts for violations there. The tree itself is never changed.
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hint, Mutant } from './mutant.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = ['src', 'local/azure', 'test/sim'];
const HUNT_TIMEOUT_MS = 480_000;

export interface Verdict {
  /** The first violation, or undefined when the mutant survived. */
  readonly killed: string | undefined;
}

export async function runMutant(mutant: Mutant): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'mutant-'));
  try {
    for (const path of COPIED) await cp(join(ROOT, path), join(folder, path), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    for (const { file, find, replace } of mutant.edits) {
      const path = join(folder, 'src/rotation', file);
      await writeFile(path, replaceOnce(await readFile(path, 'utf8'), find, replace, file));
    }
    return await hunt(folder, mutant.hint);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function replaceOnce(text: string, find: string, replace: string, file: string): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`A mutant's text stands ${parts.length - 1} times in ${file}: ${find}`);
  return parts.join(replace);
}

function hunt(folder: string, hint: Hint | undefined): Promise<Verdict> {
  const args = hint === undefined ? [] : [hint.scenario, String(hint.faults)];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(folder, 'test/sim/hunt.ts'), ...args], { timeout: HUNT_TIMEOUT_MS });
    let output = '';
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(output) as Verdict);
      else reject(new Error(`The hunt ended with ${code ?? signal}: ${complaint.slice(0, 2000)}`));
    });
  });
}

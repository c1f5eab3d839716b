import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CAMPAIGN_MUTANTS, type CampaignMutant } from './campaign-mutants.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HUNT_TIMEOUT_MS = 120_000;

/** Explores a copy of the tree with the bug in it; answers the first violation. */
async function hunt({ file, find, replace }: CampaignMutant): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'campaign-mutant-'));
  try {
    for (const path of ['src', 'local/azure', 'test/sim'])
      await cp(join(ROOT, path), join(folder, path), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    const path = join(folder, 'src', file);
    const parts = (await readFile(path, 'utf8')).split(find);
    if (parts.length !== 2) throw new Error(`The mutant's text stands ${parts.length - 1} times in ${file}: ${find}`);
    await writeFile(path, parts.join(replace));
    return await explore(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function explore(folder: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const script = join(folder, 'test/sim/campaign-explore.ts');
    const child = spawn(process.execPath, [script], { timeout: HUNT_TIMEOUT_MS });
    let output = '';
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve((JSON.parse(output) as { killed?: string }).killed);
      else reject(new Error(`The hunt ended with ${code ?? signal}: ${complaint.slice(0, 2000)}`));
    });
  });
}

describe('the checkers see a campaign that', () => {
  it.each(CAMPAIGN_MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s', async (_, mutant) => {
    expect(await hunt(mutant)).toEqual(expect.any(String));
  });
});

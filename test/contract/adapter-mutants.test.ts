// A few of the deliberate bugs of the adapters, so that the machinery that tries them keeps working; all of them: `npm run mutants:adapters`.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ADAPTER_MUTANTS } from '../mutants/all.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCRIPT = fileURLToPath(new URL('../mutants/main.ts', import.meta.url));

test.each([
  ['sends a regenerate again when its answer is lost', 'regenerated once, the other slot untouched'],
  [
    'leaves the closing of a request out of the transaction',
    'closing a request and the write that it belongs to are one',
  ],
  ['reads a record of a newer version as its own', 'a newer schema is unreadable'],
  ['never tries the former key', 'costs no failed call, and the source is not read'],
])('code that %s is noticed', async (mutant, killer) => {
  // The runner in the process must not take itself for a worker of this one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  const args = [SCRIPT, '--only', mutant, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 55_000 });
  expect(JSON.parse(stdout)).toEqual([{ mutant, killedBy: expect.stringContaining(killer) as unknown }]);
});

test('each bug keeps in step with the code: its text stands once in its file, and the file of its test exists', () => {
  const stale = ADAPTER_MUTANTS.filter(({ file, find, killer }) => {
    const path = join(ROOT, /^(src|local|packages)\//.test(file) ? file : `src/azure/${file}`);
    const tested = join(ROOT, /^(test|packages)\//.test(killer.file) ? killer.file : `test/contract/${killer.file}`);
    return readFileSync(path, 'utf8').split(find).length !== 2 || !existsSync(tested);
  });
  expect(ADAPTER_MUTANTS.length).toBeGreaterThan(180);
  expect(stale.map(({ name }) => name)).toEqual([]);
});

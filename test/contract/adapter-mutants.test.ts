// A few of the deliberate bugs of the adapters, so that the machinery that tries them keeps working; all of them: `npm run mutants:adapters`.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

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

// `npm run deploy:local` as a process: how it refuses, and that nothing outlives it however it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findTestCompiler } from '../support/compiler.ts';

const PROGRAM = fileURLToPath(new URL('../../local/deploy/main.ts', import.meta.url));
const compiler = findTestCompiler();

let folder: string;
let child: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deploy-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Starts it with a temporary folder of its own. */
function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, TMPDIR: folder, ...environment };
  const started = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child = started;
  const told = { stdout: '', stderr: '' };
  started.stdout.on('data', (chunk: Buffer) => (told.stdout += chunk.toString()));
  started.stderr.on('data', (chunk: Buffer) => (told.stderr += chunk.toString()));
  const ended = once(started, 'close').then(([code]) => ({ code: code as number | null, ...told }));
  return { started, told, ended };
}

/** What it made in the temporary folder, and not the compiler. */
async function left(): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => /^(local-azure|shell|site)-/.test(name));
}

it.each([
  ['a flag that it does not know', 2, ['--jsno'], {}, /^--jsno is no flag of npm run deploy:local\. Allowed: /],
  ['no programs on the path', 1, [], { PATH: '/nowhere' }, /^Not found: bash, curl, npm\. Install/],
])('says in one sentence what is wrong: %s', async (_, exit, args, environment, sentence) => {
  const { code, stdout, stderr } = await start(args, environment).ended;
  expect([code, stdout, stderr.trim().split('\n').length]).toEqual([exit, '', 1]);
  expect(stderr).toMatch(sentence);
});

describe.skipIf(typeof compiler === 'string')('the end in the middle', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('by %s leaves no folder', async (signal) => {
    const { started, told, ended } = start([]);
    // The shell is open, the app about to start.
    await vi.waitFor(() => expect(told.stdout).toContain(' provision '), { timeout: 60_000, interval: 50 });
    expect(await left()).not.toEqual([]);
    started.kill(signal);
    const { code, stderr } = await ended;
    if (signal === 'SIGTERM') expect([code, stderr]).toEqual([1, 'Ended before the fleet had rotated.\n']);
    await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 10_000 });
  });
});

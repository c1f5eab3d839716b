#!/usr/bin/env node
// The real world of the command: this process, its terminal, the network, the Azure CLI.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { promisify } from 'node:util';
import { EXIT } from './failure.ts';
import { run } from './run.ts';
import { textOf } from './text-file.ts';
import type { World } from './world.ts';

const AZ_TIMEOUT_MS = 60_000;

/** On Windows `az` is a script, which only its command interpreter runs. No argument has a character with a meaning. */
const [AZ, AZ_FIRST] = process.platform === 'win32' ? ['cmd.exe', ['/d', '/c', 'az']] : ['az', []];

async function az(args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(AZ, [...AZ_FIRST, ...args], { timeout: AZ_TIMEOUT_MS, windowsHide: true }))
      .stdout;
  } catch (error) {
    const { stderr, code } = error as { readonly stderr?: unknown; readonly code?: unknown };
    if (code === 'ENOENT') throw new Error('the Azure CLI is not on the PATH', { cause: error });
    throw new Error(typeof stderr === 'string' && stderr.trim() !== '' ? stderr : 'it ended without a reason', {
      cause: error,
    });
  }
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  lines.once('close', () => ended.abort());
  try {
    return await lines.question(question, { signal: ended.signal });
  } catch {
    return undefined;
  } finally {
    lines.close();
  }
}

// A reader may go away, as with `| head -1`. Results are printed last, so without a reader there is nothing left to do.
process.stdout.on('error', () => process.exit(EXIT.wrong));
// Progress may stay unread: the command itself goes on.
process.stderr.on('error', () => undefined);

const world: World = {
  environment: process.env,
  fetch,
  az,
  ask,
  readFile: async (path) => textOf(await readFile(path)),
  writeNewFile: (path, text) => writeFile(path, text, { flag: 'wx' }),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  elapsedMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  newId: () => randomUUID(),
};

process.exitCode = await run(world, process.argv.slice(2));

// The command lines of package.json: each explains itself, and refuses what it does not know in one sentence.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { read } from './infra-files.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
/** These pass their flags on to programs of others, which explain themselves. */
const OF_OTHERS = ['test', 'check', 'mutate'];
const commands = Object.entries(scripts).filter(([name]) => !OF_OTHERS.includes(name));

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(script: string, ...flags: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, ['scripts/command.mjs', script, ...flags], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

describe.each(commands)('npm run %s', (name, line) => {
  const script = /^node scripts\/run\.mjs (\S+)$/.exec(line)?.[1] ?? '';
  const typed = name === 'start' ? 'npm start' : `npm run ${name}`;

  it('explains itself with --help, and refuses a wrong flag or value in one sentence', async () => {
    const { code, stdout, stderr } = await run(script, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.startsWith(`${typed}: `)).toBe(true);
    expect(stdout).toContain(`\nUsage: ${typed} -- [flags]`);
    expect(stdout).toMatch(new RegExp(`^Example: .*${typed}`, 'm'));
    expect(stdout.split('\n').filter((text) => text.length > 120)).toEqual([]);
    const numbers = [...stdout.matchAll(/^ {2}--([\w-]+) N +((?:.|\n {4,})*?)(?=\n {2}-|\n\n)/gm)];
    expect(stdout.match(/^ {2}--[\w-]+ N /gm)?.length ?? 0).toBe(numbers.length);
    const ranges = numbers.map(([, flag, meaning = '']) => {
      const [, minimum = '', maximum = ''] = /; from (\d+) to (\d+)/.exec(meaning.replaceAll(/\s+/g, ' ')) ?? [];
      return { flag, minimum, maximum };
    });
    expect(ranges.filter(({ maximum }) => maximum === '')).toEqual([]);
    const [first] = ranges;
    const wrong = first === undefined ? ['--no-such-flag'] : [`--${first.flag}`, `${first.maximum}0`];
    const refused = await run(script, ...wrong);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    const sentence =
      first === undefined
        ? `--no-such-flag is no flag of ${typed}. Allowed: `
        : `--${first.flag} takes a whole number from ${first.minimum} to ${first.maximum}, not "${first.maximum}0".`;
    expect(refused.stderr).toContain(sentence);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
  });
});

it.each([
  ['local/start/main.ts', (port: number) => ['--port', String(port)], '--port'],
  // The third of the row.
  ['local/azure/main.ts', (port: number) => ['--port-base', String(port - 2)], '--port-base'],
])('%s says first that a port is taken', async (script, flags, flag) => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    expect(await run(script, ...flags(port))).toEqual({
      code: 1,
      stdout: '',
      stderr: `Port ${port} is taken. End the program that listens there, or choose another port with ${flag}.\n`,
    });
  } finally {
    server.close();
  }
});

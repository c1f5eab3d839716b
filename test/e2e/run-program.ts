// Runs a program and keeps what it prints; finds each version of Node on this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Run {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** `settings`: environment variables besides those of this process. The program has no standard input. */
export async function run(command: string, args: readonly string[], cwd: string, settings: object = {}): Promise<Run> {
  const env = { ...process.env, ...settings };
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, errors };
}

export async function mustRun(
  command: string,
  args: readonly string[],
  cwd: string,
  settings: object = {},
): Promise<string> {
  const { code, output, errors } = await run(command, args, cwd, settings);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${errors}${output}`);
  return output;
}

/** One Node for each version on this machine, by its path. */
export async function nodesHere(): Promise<readonly (readonly [version: string, path: string])[]> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = new Map<string, string>();
  for (const path of [process.execPath, ...folders.map((folder) => join(folder, 'node'))]) {
    const version = await mustRun(path, ['-v'], tmpdir()).catch(() => undefined);
    if (version !== undefined && !found.has(version.trim())) found.set(version.trim(), path);
  }
  return [...found];
}

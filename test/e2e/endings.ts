// Ends a command of package.json in a given way at a given moment, and looks at what stays: processes, ports, temporary
// files, and what it printed. Everything that belongs to a run has the run's own temporary folder in its environment.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** `terminal`: Ctrl-C reaches every process in the foreground. `closed`: so does the end of the terminal. */
export type Way =
  | 'terminal'
  | 'closed'
  | 'SIGTERM to npm'
  | 'npm is killed'
  | 'run.mjs is killed'
  | 'the script is killed';

export interface Ending {
  /** Arguments of npm. */
  readonly command: readonly string[];
  /** The end comes when the output has this text; empty: at the first output. */
  readonly moment: string;
  readonly way: Way;
}

export interface Rest {
  /** Command lines of processes that are still there. */
  readonly processes: readonly string[];
  readonly files: readonly string[];
  readonly output: string;
}

interface Found {
  readonly pid: number;
  readonly commandLine: string;
}

/** Processes whose environment, or folder, names `folder`. */
async function processesOf(folder: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const read = (file: string): Promise<string> => readFile(join('/proc', name, file), 'utf8').catch(() => '');
    const place = await readlink(join('/proc', name, 'cwd')).catch(() => '');
    if (!`${await read('environ')} ${place}`.includes(folder)) continue;
    const commandLine = (await read('cmdline')).replaceAll('\0', ' ').trim();
    // A process that has ended and is not yet collected has no command line.
    if (commandLine !== '') found.push({ pid: Number(name), commandLine });
  }
  return found;
}

async function pidOf(folder: string, part: string): Promise<number> {
  const found = (await processesOf(folder)).find(({ commandLine }) => commandLine.includes(part));
  if (found === undefined) throw new Error(`No process of the run is ${part}.`);
  return found.pid;
}

async function end(npm: ChildProcess, folder: string, way: Way): Promise<void> {
  const pid = npm.pid ?? 0;
  switch (way) {
    case 'terminal':
      process.kill(-pid, 'SIGINT');
      break;
    case 'closed':
      process.kill(-pid, 'SIGHUP');
      break;
    case 'SIGTERM to npm':
      process.kill(pid, 'SIGTERM');
      break;
    case 'npm is killed':
      process.kill(pid, 'SIGKILL');
      break;
    case 'run.mjs is killed':
      process.kill(await pidOf(folder, 'scripts/run.mjs'), 'SIGKILL');
      break;
    case 'the script is killed':
      process.kill(await pidOf(folder, 'scripts/command.mjs'), 'SIGKILL');
      break;
  }
}

/** Resolves when no process of the run is left, or with those that stay longer than anything takes to end. */
async function lastOf(folder: string): Promise<readonly Found[]> {
  const patience = AbortSignal.timeout(45_000);
  for (;;) {
    const left = await processesOf(folder);
    if (left.length === 0 || patience.aborted) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Runs the command, ends it, and returns what it leaves. It ends what is left. */
export async function restOf({ command, moment, way }: Ending): Promise<Rest> {
  const folder = await mkdtemp(join(tmpdir(), 'ending-'));
  const env = { ...process.env, TMPDIR: folder, NODE_DISABLE_COMPILE_CACHE: '1' };
  // A group of its own, as a shell gives to a command in a terminal.
  const npm = spawn('npm', command, { cwd: ROOT, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const ended = once(npm, 'exit').then(() => undefined);
  const reached = new Promise<void>((resolve) => {
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes(moment)) resolve();
      });
    }
  });
  try {
    await Promise.race([reached, ended]);
    if (!output.includes(moment)) throw new Error(`It ended before "${moment}": ${output}`);
    await end(npm, folder, way);
    await ended;
    const left = await lastOf(folder);
    const files = await readdir(folder);
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    return { processes: left.map(({ commandLine }) => commandLine), files, output };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

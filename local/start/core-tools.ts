// Azure's own Functions host, as Core Tools start it: for end to end tests where `func` is installed. It must answer like
// the local host's process: lines of the log as JSON, and a start that ends when functions answer.
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const PROGRAM = 'func';
const ASK_EVERY_MS = 200;

/** The path of `func` in a folder of `path`, in the shape of the variable PATH; undefined when there is none. */
export function findCoreTools(path = process.env['PATH'] ?? ''): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, PROGRAM))
    .find((file) => isExecutable(file));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a run of the tests says about `func`. */
export function reportOf(found: string | undefined): string {
  return found === undefined
    ? 'Core Tools (func) are not on the PATH: the end-to-end files ran on the local host alone.'
    : `The end-to-end files also ran on Core Tools: ${found}.`;
}

/** Starts `func` in a process group of its own: its workers are processes, too. Throws when it is not there. */
export function spawnCoreTools(port: number, appFolder: string, environment: NodeJS.ProcessEnv): ChildProcess {
  const program = findCoreTools(environment['PATH']);
  if (program === undefined) throw new Error('HOST=func needs Core Tools (func) on the PATH.');
  return spawn(program, ['start', '--port', String(port)], {
    cwd: appFolder,
    env: { ...environment, FUNCTIONS_WORKER_RUNTIME: 'node' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

/** A line of `func` in the form of the local host's log: without the time that it puts in front. */
export function asLogLine(line: string): string {
  return JSON.stringify({ level: 'information', message: line.replace(/^\[\d{4}-[^\]]*\] /, '') });
}

/** Resolves when the host says that it runs. It asks until `signal` aborts. */
export async function untilRunning(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const response = await fetch(`http://127.0.0.1:${port}/admin/host/status`, { signal }).catch(() => undefined);
    const status = response?.ok === true ? ((await response.json()) as { readonly state?: string }) : {};
    if (status.state === 'Running') return;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

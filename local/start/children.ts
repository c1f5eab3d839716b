// The processes next to local Azure: the host with the built app, and the applications. Both end with their parent.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ApplicationOptions } from './application.ts';
import { asLogLine, spawnCoreTools, untilRunning } from './core-tools.ts';
import { abortOf } from './signals.ts';

/** The keys of a terminal must not end them before their parent does. On Windows it would open windows. */
const IS_DETACHED = process.platform !== 'win32';
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 12_000;

export interface Child {
  readonly pid: number | undefined;
  /** Resolves with one sentence when the process ends without being asked to. */
  readonly died: Promise<string>;
  /** Resolves when the process has ended for any reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
  /** Kills the process at once, even in the middle of its work. */
  kill(): Promise<void>;
}

function childOf(process: ChildProcess, name: string, kill = () => process.kill('SIGKILL')): Child {
  let isStopping = false;
  const exited = once(process, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const died = exited.then(([code, signal]) =>
    isStopping
      ? new Promise<string>(() => undefined)
      : `The ${name} ended unexpectedly (${signal ?? code ?? 'unknown'}).`,
  );
  return {
    pid: process.pid,
    died,
    ended: exited.then(() => undefined),
    async stop() {
      isStopping = true;
      if (process.exitCode !== null || process.signalCode !== null) return;
      process.kill('SIGTERM');
      const timer = setTimeout(kill, STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
    async kill() {
      isStopping = true;
      kill();
      await exited;
    },
  };
}

export interface HostOptions {
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Folder with package.json, host.json and the built functions. */
  readonly appFolder: string;
  /** Each line of the host's log. */
  readonly onLine: (line: string) => void;
  /** Lowest level that is logged. Default: the host's own. */
  readonly logLevel?: string;
  /** Ends the start when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** True: the host demands keys as in Azure, and inherits only PATH from this process's environment. */
  readonly isDeployed?: boolean;
}

/**
 * Starts the host with the built app. Rejects with the host's own sentence when it cannot start. With `HOST=func` in the
 * environment it is Azure's own host; `func` has no keys of ours, so a deployed app always runs in the local one.
 */
export function startHostProcess(options: HostOptions): Promise<Child> {
  const isCoreTools = process.env['HOST'] === 'func' && options.isDeployed !== true;
  return isCoreTools ? startCoreTools(options) : startLocalHost(options);
}

async function startCoreTools({ port, environment, appFolder, onLine, signal }: HostOptions): Promise<Child> {
  const host = spawnCoreTools(port, appFolder, { ...process.env, ...environment });
  const child = childOf(host, 'host', () => {
    if (host.pid === undefined || host.exitCode !== null || host.signalCode !== null) return false;
    return process.kill(-host.pid, 'SIGKILL');
  });
  let lastLine = '';
  for (const stream of [host.stdout, host.stderr]) {
    readLines(stream, (line) => {
      lastLine = line;
      onLine(asLogLine(line));
    });
  }
  const asking = new AbortController();
  const failed = child.died.then((sentence) => Promise.reject(new Error(lastLine === '' ? sentence : lastLine)));
  try {
    await startedOrKilled(child, Promise.race([untilRunning(port, asking.signal), failed, timeout('host')]), signal);
  } finally {
    asking.abort();
  }
  return child;
}

async function startLocalHost(options: HostOptions): Promise<Child> {
  const { port, environment, appFolder, onLine, logLevel, signal, isDeployed = false } = options;
  const script = fileURLToPath(new URL('../host/main.ts', import.meta.url));
  const level = logLevel === undefined ? [] : ['--log-level', logLevel];
  const keys = isDeployed ? ['--require-keys'] : [];
  const inherited = isDeployed ? { PATH: process.env['PATH'] } : process.env;
  const host = fork(script, ['--app', appFolder, '--port', String(port), ...level, ...keys], {
    env: { ...inherited, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: IS_DETACHED,
  });
  const child = childOf(host, 'host');
  let lastLine = '';
  readLines(host.stderr, (line) => {
    lastLine = line;
    onLine(line);
  });
  const ready = new Promise<void>((resolve) => {
    readLines(host.stdout, (line) => {
      if (line.includes('"ready":true')) resolve();
    });
  });
  const failed = child.died.then((sentence) => Promise.reject(new Error(lastLine === '' ? sentence : lastLine)));
  await startedOrKilled(child, Promise.race([ready, failed, timeout('host')]), signal);
  return child;
}

export interface Applications extends Child {
  /** The port at which the applications take events. */
  readonly eventPort: number;
}

export async function startApplications(
  applications: readonly ApplicationOptions[],
  environment: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Applications> {
  const script = fileURLToPath(new URL('./run-applications.ts', import.meta.url));
  const started = fork(script, [], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: IS_DETACHED,
  });
  const child = childOf(started, 'applications');
  started.send(applications.map((options) => ({ ...options })));
  const failed = child.died.then((sentence) => Promise.reject(new Error(sentence)));
  const ready = once(started, 'message') as Promise<[{ readonly eventPort: number }]>;
  const answered = Promise.race([ready, failed, timeout('applications')]);
  const [{ eventPort }] = await startedOrKilled(child, answered, signal);
  return { ...child, eventPort };
}

/** Kills the process when its start fails, because then no caller can end it. */
async function startedOrKilled<T>(child: Child, started: Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    if (signal === undefined) return await started;
    const aborted = abortOf(signal).then(() => Promise.reject(new Error('Ended before everything had started.')));
    return await Promise.race([started, aborted]);
  } catch (error) {
    await child.kill();
    throw error;
  }
}

function timeout(name: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(
      () => reject(new Error(`The ${name} did not start within ${START_TIMEOUT_MS / 1000} seconds.`)),
      START_TIMEOUT_MS,
    ).unref();
  });
}

function readLines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', onLine);
}

// Azurite, the real storage emulator, as a child process: in memory, silent, on ports chosen beforehand. It ends when
// this process ends. It must not outlive a failed start.
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { freePort } from '../ports.ts';

export interface Azurite {
  readonly accountName: string;
  readonly accountKey: string;
  readonly blobEndpoint: string;
  readonly queueEndpoint: string;
  readonly tablePort: number;
  readonly queuePort: number;
  readonly blobPort: number;
  close(): Promise<void>;
}

export interface AzuriteOptions {
  /** Empty working folder. Azurite keeps no data there. */
  readonly folder: string;
  /** Folder that is removed when this process is killed; absent: none. */
  readonly removeWithParent?: string;
  /** Port for each service; 0: a free one. */
  readonly ports: { readonly blob: number; readonly queue: number; readonly table: number };
}

const START_TIMEOUT_MS = 60_000;
const OUTPUT_KEPT = 2_000;
const READY = /Azurite (Blob|Queue|Table) service is successfully listening/g;
const ACCOUNT_NAME = 'localkeyrotation';

/** Resolves when all three services listen. Rejects with Azurite's last output when it ends or stays silent. */
function whenReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const ready = new Set<string>();
    const fail = (reason: string): void => {
      clearTimeout(timer);
      reject(new Error(`Azurite did not start: ${reason} ${output.slice(-OUTPUT_KEPT).trim()}`.trim()));
    };
    const timer = setTimeout(() => fail(`nothing listened after ${START_TIMEOUT_MS / 1000} s.`), START_TIMEOUT_MS);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      for (const [, service = ''] of output.matchAll(READY)) ready.add(service);
      if (ready.size < 3) return;
      clearTimeout(timer);
      output = '';
      // Keep the pipes flowing: Azurite would stop when they are full.
      child.stdout?.removeListener('data', read).resume();
      child.stderr?.removeListener('data', read).resume();
      resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`it ended with exit code ${code ?? 'none'}.`));
  });
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/** Number of attempts, because another process may take a free port in the meantime. */
const STARTS = 3;

/**
 * Starts Azurite. Its state is in memory, so it can be killed at any time. Another process may take a free port before
 * Azurite listens on it. So a start with ports of its own choice is tried again with other ports.
 */
export async function startAzurite(options: AzuriteOptions): Promise<Azurite> {
  const areChosenHere = Object.values(options.ports).every((port) => port === 0);
  for (let start = 1; ; start += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes('EADDRINUSE');
      if (!areChosenHere || !isTaken || start === STARTS) throw error;
    }
  }
}

async function startOnce(options: AzuriteOptions): Promise<Azurite> {
  // Azurite prints 0 when asked to choose a port itself.
  const blob = options.ports.blob || (await freePort());
  const queue = options.ports.queue || (await freePort());
  const table = options.ports.table || (await freePort());
  const accountKey = randomBytes(64).toString('base64');
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const flags = ['--silent', '--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry'];
  const ports = ['--blobPort', String(blob), '--queuePort', String(queue), '--tablePort', String(table)];
  const child = fork(program, [...flags, ...ports], {
    cwd: options.folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: options.folder,
      AZURITE_ACCOUNTS: `${ACCOUNT_NAME}:${accountKey}`,
      ...(options.removeWithParent === undefined ? {} : { REMOVE_WITH_PARENT: options.removeWithParent }),
    },
    execArgv: ['--import', fileURLToPath(new URL('exit-with-parent.ts', import.meta.url))],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // The keys of a terminal must not end it before its parent does. On Windows it would open a window.
    detached: process.platform !== 'win32',
  });
  try {
    await whenReady(child);
  } catch (error) {
    await end(child);
    throw error;
  }
  return {
    accountName: ACCOUNT_NAME,
    accountKey,
    blobEndpoint: `http://127.0.0.1:${blob}/${ACCOUNT_NAME}`,
    queueEndpoint: `http://127.0.0.1:${queue}/${ACCOUNT_NAME}`,
    tablePort: table,
    queuePort: queue,
    blobPort: blob,
    close: () => end(child),
  };
}

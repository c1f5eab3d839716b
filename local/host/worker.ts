// The worker thread of the host: runs the app in it and tells the main thread what happens. The main thread ends it.
import { parentPort, workerData } from 'node:worker_threads';
import { type Host, startHost } from './host.ts';
import { messageOf } from './host-error.ts';
import { captureConsole, createLog } from './log.ts';
import { type FromWorker, REPLACED, type WorkerOptions } from './worker-messages.ts';

const { logLevel, ...options } = workerData as WorkerOptions;
const tell = (message: FromWorker): void => parentPort?.postMessage(message);
const end = (code: number): void => tell({ kind: 'end', code });
const log = createLog({ write: (line) => tell({ kind: 'line', line }) }, logLevel);

async function serve(): Promise<Host> {
  captureConsole(log);
  const fail = (sentence: string): void => {
    tell({ kind: 'line', line: `${sentence}\n` });
    end(1);
  };
  const host = await startHost({ ...options, log, onTimedOut: () => end(REPLACED), onStorageRefused: fail });
  tell({ kind: 'ready', ready: { port: host.port, functions: host.functions } });
  return host;
}

const serving = serve().catch((error: unknown) => {
  tell({ kind: 'line', line: `${messageOf(error)}\n` });
  end(1);
  return undefined;
});
// A signal during the start waits for it.
parentPort?.once('message', () => void serving.then((host) => host?.close()).finally(() => end(0)));

// Runs the local Functions host as a program: flags in, one ready line on stdout, log lines on stderr. It ends in order
// on a signal or when the parent goes away. Host and app are in a worker thread, because the real host replaces its
// worker with everything that runs in it, and only a thread or a process can be ended so.
import { parseArgs } from 'node:util';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { HostError, messageOf } from './host-error.ts';
import { LOG_LEVELS, type LogLevel } from './log.ts';
import { type FromWorker, REPLACED, type WorkerOptions } from './worker-messages.ts';

const USAGE = 'node local/host/main.ts --app DIR --port N [--settings FILE] [--require-keys] [--log-level LEVEL]';

function readFlags() {
  try {
    return parseArgs({
      options: {
        app: { type: 'string' },
        port: { type: 'string' },
        settings: { type: 'string' },
        'require-keys': { type: 'boolean' },
        'log-level': { type: 'string' },
      },
    }).values;
  } catch (error) {
    const [sentence = ''] = messageOf(error).split('. ');
    throw new HostError(`${sentence}. Usage: ${USAGE}`);
  }
}

function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

function parseOptions(): WorkerOptions {
  const flags = readFlags();
  const level = flags['log-level'] ?? 'information';
  if (!isLogLevel(level)) throw new HostError(`--log-level must be one of ${LOG_LEVELS.join(', ')}.`);
  if (flags.app === undefined) throw new HostError(`--app is missing. Usage: ${USAGE}`);
  const port = flags.port ?? '7071';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new HostError(`--port must be a number from 0 to 65535, not "${port}".`);
  }
  return {
    appFolder: flags.app,
    port: Number(port),
    settingsFile: flags.settings,
    isKeyRequired: flags['require-keys'],
    logLevel: level,
  };
}

/** Runs the app in a worker until this process is told to end. A worker that must be replaced has a successor. */
function run(options: WorkerOptions): void {
  let isEnding = false;
  let isReady = false;
  let worker: Worker;
  const start = (port: number): void => {
    const workerData: WorkerOptions = { ...options, port };
    const started = new Worker(new URL('worker.ts', import.meta.url), { workerData, env: SHARE_ENV });
    worker = started;
    let code = 1;
    started.on('message', (message: FromWorker) => {
      switch (message.kind) {
        case 'line':
          process.stderr.write(message.line);
          break;
        case 'ready':
          if (!isReady) process.stdout.write(`${JSON.stringify({ ready: true, ...message.ready })}\n`);
          isReady = true;
          started.on('exit', () => {
            if (code === REPLACED && !isEnding) start(message.ready.port);
          });
          break;
        case 'end':
          code = message.code;
          void started.terminate();
          break;
      }
    });
    started.on('error', (error) =>
      process.stderr.write(`${error instanceof Error ? error.stack : messageOf(error)}\n`),
    );
    started.on('exit', () => {
      if (code !== REPLACED || isEnding) process.exit(code === REPLACED ? 0 : code);
    });
  };
  start(options.port);
  const end = (): void => {
    if (isEnding) process.exit(1);
    isEnding = true;
    worker.postMessage('close');
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  if (process.send !== undefined) process.once('disconnect', end);
}

try {
  run(parseOptions());
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}

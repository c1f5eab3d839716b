// Runs the local Functions host as a program: flags in, one ready line on stdout, log lines on stderr. It ends in order
// on a signal or when the parent goes away. It must not hold any behaviour of the host itself.
import { parseArgs } from 'node:util';
import { type Host, type HostOptions, startHost } from './host.ts';
import { HostError, messageOf } from './host-error.ts';
import { captureConsole, createLog, LOG_LEVELS, type LogLevel } from './log.ts';

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

function parseOptions(): HostOptions {
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
    log: createLog(process.stderr, level),
  };
}

function endWith(host: Host): void {
  let isEnding = false;
  const end = () => {
    if (isEnding) process.exit(1);
    isEnding = true;
    // The app may hold sockets and timers of its own, and only an exit ends those.
    void host.close().finally(() => process.exit(0));
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  if (process.send !== undefined) process.once('disconnect', end);
}

try {
  const options = parseOptions();
  if (options.log !== undefined) captureConsole(options.log);
  const host = await startHost(options);
  endWith(host);
  process.stdout.write(`${JSON.stringify({ ready: true, port: host.port, functions: host.functions })}\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}

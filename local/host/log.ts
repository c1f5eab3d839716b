// Writes the host's log: one JSON object per line. All messages of host and app go through here, so stdout stays free
// for the ready line. It must not know functions or hooks: hooks run before it.
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format } from 'node:util';

/** The levels of the Functions worker, least to most severe. */
export const LOG_LEVELS = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** `user`: the app's own words. `system`: the host or the library. */
export type LogCategory = 'user' | 'system';

export interface LogEntry {
  readonly level: LogLevel;
  readonly category: LogCategory;
  readonly message: string;
  readonly function?: string | undefined;
  readonly invocationId?: string | undefined;
}

export interface HostLog {
  write(entry: LogEntry): void;
}

/** The target of `createLog`, for instance `process.stderr`. */
export interface LineSink {
  write(line: string): unknown;
}

/** Logs JSON lines {time, level, category, function, invocationId, message}; entries below `minimum` are dropped. */
export function createLog(sink: LineSink, minimum: LogLevel = 'information'): HostLog {
  const lowest = LOG_LEVELS.indexOf(minimum);
  return {
    write({ level, category, message, function: name, invocationId }) {
      if (LOG_LEVELS.indexOf(level) < lowest) return;
      const time = new Date().toISOString();
      sink.write(`${JSON.stringify({ time, level, category, function: name, invocationId, message })}\n`);
    },
  };
}

/** Writes an entry of the host itself. */
export function logSystem(log: HostLog, level: LogLevel, message: string, functionName?: string): void {
  log.write({ level, category: 'system', message, function: functionName });
}

function lineWriter(log: HostLog, level: LogLevel): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      log.write({ level, category: 'user', message: format(chunk).trimEnd() });
      done();
    },
  });
}

/** Turns the process's `console` into log entries, as the real host does with a worker's stdout and stderr. */
export function captureConsole(log: HostLog): void {
  globalThis.console = new Console(lineWriter(log, 'information'), lineWriter(log, 'error'));
}

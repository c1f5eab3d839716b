// What the main thread of the host and its worker tell each other. Types and names only; no behaviour belongs here.
import type { HostOptions } from './host.ts';
import type { LogLevel } from './log.ts';

export interface WorkerOptions extends Pick<HostOptions, 'appFolder' | 'port' | 'settingsFile' | 'isKeyRequired'> {
  readonly logLevel: LogLevel;
}

/** The end of a worker that must have a successor; any other number is the exit code of the program. */
export const REPLACED = -1;

/** Through messages alone, because they keep their order; a thread's own output does not keep it with them. */
export type FromWorker =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'ready'; readonly ready: { readonly port: number; readonly functions: readonly string[] } }
  /** Nothing of the worker runs on. */
  | { readonly kind: 'end'; readonly code: number };

// Reads the files next to an app: app settings in the shape of local.settings.json, and host.json.
// It must not know functions. A variable of the environment wins over the file.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError, messageOf } from './host-error.ts';
import { parseTimeSpan } from './time-span.ts';

/** `extensions.queues` of host.json; spans in milliseconds. */
export interface QueueConfig {
  readonly batchSize: number;
  /** A further batch is fetched when at most this many messages are being worked on. */
  readonly newBatchThreshold: number;
  readonly maxDequeueCount: number;
  /** How long a message that has failed stays hidden. */
  readonly visibilityTimeoutMs: number;
  readonly maxPollingIntervalMs: number;
  readonly isBase64: boolean;
}

export type Settings = Readonly<Record<string, string | undefined>>;

export interface HostConfig {
  /** Without leading and trailing slashes; empty: no prefix. */
  readonly routePrefix: string;
  /** Milliseconds; undefined: no bound. */
  readonly functionTimeoutMs: number | undefined;
  readonly queues: QueueConfig;
  /** How long the lease of a timer lasts after a crash. */
  readonly listenerLockPeriodMs: number;
}

const DEFAULT_TIMEOUT = '00:30:00';

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    throw new HostError(`The file ${file} cannot be read.`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HostError(`The file ${file} is not JSON: ${messageOf(error)}`);
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** The `Values` of a local.settings.json. Throws `HostError` when they cannot be read. */
export async function readSettingsFile(file: string): Promise<Record<string, string>> {
  const content = asRecord(await readJson(file));
  if (content['IsEncrypted'] === true) {
    throw new HostError(`The settings in ${file} are encrypted: decrypt them with "func settings decrypt".`);
  }
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(asRecord(content['Values']))) {
    if (typeof value !== 'string') throw new HostError(`The setting ${name} in ${file} must be a string.`);
    values[name] = value;
  }
  return values;
}

/** Adds the `values` that `environment` lacks: the app reads its settings there. */
export function applySettings(values: Readonly<Record<string, string>>, environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(values)) environment[name] ??= value;
}

export type Expansion =
  | { readonly isResolved: true; readonly text: string }
  | { readonly isResolved: false; readonly missing: string };

/** Replaces each `%NAME%` in `text` by that setting. Returns the first name without a value, if there is one. */
export function expandSettings(text: string, settings: Settings): Expansion {
  let missing: string | undefined;
  const expanded = text.replace(/%([^%]+)%/g, (whole, name: string) => {
    const value = settings[name];
    if (value === undefined || value === '') missing ??= name;
    return value ?? whole;
  });
  return missing === undefined ? { isResolved: true, text: expanded } : { isResolved: false, missing };
}

function parseTimeout(value: unknown): number | undefined {
  const text = value ?? DEFAULT_TIMEOUT;
  if (text === '-1') return undefined;
  const timeoutMs = typeof text === 'string' ? parseTimeSpan(text) : undefined;
  if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs;
  throw new HostError('"functionTimeout" in host.json must be a time span such as "00:10:00", or "-1" for none.');
}

/** `extensions.queues`, with the host's own defaults for absent fields. */
function parseQueues(content: Record<string, unknown>): QueueConfig {
  const number = (name: string, otherwise: number, greatest: number): number => {
    const value = content[name] ?? otherwise;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= greatest) return value;
    throw new HostError(`"extensions.queues.${name}" in host.json must be a whole number up to ${greatest}.`);
  };
  const span = (name: string, otherwise: string): number => {
    const value = content[name] ?? otherwise;
    const parsed = typeof value === 'string' ? parseTimeSpan(value) : undefined;
    if (parsed !== undefined) return parsed;
    throw new HostError(`"extensions.queues.${name}" in host.json must be a time span such as "00:00:30".`);
  };
  const batchSize = number('batchSize', 16, 32);
  return {
    batchSize,
    newBatchThreshold: number('newBatchThreshold', Math.floor(batchSize / 2), 1000),
    maxDequeueCount: number('maxDequeueCount', 5, 1000),
    visibilityTimeoutMs: span('visibilityTimeout', '00:00:00'),
    maxPollingIntervalMs: span('maxPollingInterval', '00:01:00'),
    isBase64: content['messageEncoding'] !== 'none',
  };
}

/** The bounds of the real host, which are those of a lease. */
function parseLockPeriod(value: unknown): number {
  const periodMs = typeof value === 'string' ? parseTimeSpan(value) : undefined;
  if (value === undefined) return 60_000;
  if (periodMs !== undefined && periodMs >= 15_000 && periodMs <= 60_000) return periodMs;
  throw new HostError('"singleton.listenerLockPeriod" in host.json must be a time span from 15 to 60 seconds.');
}

const OVERRIDE = 'AzureFunctionsJobHost__';

/** As in the real host, the setting `AzureFunctionsJobHost__a__b` wins over the value `a.b` of host.json. */
function withOverrides(content: Record<string, unknown>, settings: Settings): Record<string, unknown> {
  const merged = structuredClone(content);
  for (const [setting, value] of Object.entries(settings)) {
    if (!setting.startsWith(OVERRIDE) || value === undefined) continue;
    const path = setting.slice(OVERRIDE.length).split('__');
    const last = path.pop() ?? '';
    let target = merged;
    for (const name of path) {
      const next = asRecord(target[name]);
      target[name] = next;
      target = next;
    }
    target[last] = /^\d+$/.test(value) ? Number(value) : value;
  }
  return merged;
}

/** Reads the app's host.json. Throws `HostError` when it is missing or wrong. */
export async function readHostConfig(appFolder: string, settings: Settings): Promise<HostConfig> {
  const file = join(appFolder, 'host.json');
  if (!existsSync(file)) throw new HostError(`There is no app in ${appFolder}: it has no host.json.`);
  const content = withOverrides(asRecord(await readJson(file)), settings);
  const extensions = asRecord(content['extensions']);
  const http = asRecord(extensions['http']);
  const prefix = http['routePrefix'] ?? 'api';
  if (typeof prefix !== 'string') throw new HostError('"routePrefix" in host.json must be a string.');
  return {
    routePrefix: prefix.replace(/^\/+|\/+$/g, ''),
    functionTimeoutMs: parseTimeout(content['functionTimeout']),
    queues: parseQueues(asRecord(extensions['queues'])),
    listenerLockPeriodMs: parseLockPeriod(asRecord(content['singleton'])['listenerLockPeriod']),
  };
}

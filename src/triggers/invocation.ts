// The shell of every invocation without a caller: its log, the check of the settings, the flush of its telemetry.
// It must not know what a trigger does. HTTP calls get their problems as an answer instead (`http/answer.ts`).
import type { InvocationContext } from '@azure/functions';
import { type Log, logTo } from '../base/log.ts';
import type { Settings, SettingsResult } from '../config/settings.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

export interface InvocationParts {
  readonly settings: SettingsResult;
  /** Absent when no exporter is configured. */
  readonly telemetry?: Telemetry | undefined;
}

/** Runs `act`, and sends its telemetry however it ends. If it throws, the invocation shows as failed. */
export async function invoke<T>(
  { telemetry }: InvocationParts,
  context: InvocationContext,
  act: (log: Log) => Promise<T>,
): Promise<T> {
  const log = logTo(context);
  try {
    return await act(log);
  } finally {
    await telemetry?.flush(log);
  }
}

/** Returns the settings. Throws if they are not valid, after a log line for each problem. */
export function requireSettings({ settings }: InvocationParts, log: Log): Settings {
  if (settings.ok) return settings.settings;
  for (const problem of settings.problems) log('error', 'settingProblem', { ...problem });
  throw settingsInvalid(settings);
}

export function settingsInvalid({ problems }: Extract<SettingsResult, { readonly ok: false }>): Error {
  return new Error(`The app settings are not valid: ${problems.map(({ setting }) => setting).join(', ')}.`);
}

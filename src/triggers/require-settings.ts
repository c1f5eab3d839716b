// The gate of functions that nobody calls: without valid settings they fail loudly, with every problem named.
// HTTP functions answer the problems instead (`http/endpoint.ts`).

import type { Log } from '../base/log.ts';
import type { App } from '../compose.ts';

/** Throws when the settings are not valid: the invocation shows as failed. */
export function requireSettings({ settings }: App, log: Log): void {
  if (settings.ok) return;
  for (const problem of settings.problems) log('error', 'settingProblem', { ...problem });
  throw new Error(`The app settings are not valid: ${settings.problems.map(({ setting }) => setting).join(', ')}.`);
}

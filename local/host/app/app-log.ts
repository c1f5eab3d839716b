// Takes what the app or its library says to the log, past the app's own `log` hooks. It must not drop an entry because a
// hook failed.

import type { HostLog, LogCategory, LogLevel } from '../log.ts';
import type { AppRegistry, HookData } from './app-registry.ts';

/** Which invocation an entry belongs to. */
export interface LogLabels {
  readonly function: string;
  readonly invocationId: string;
}

/** The invocation that speaks, as the hooks see it. `invocationContext` is undefined until its arguments are made. */
export interface LogOrigin {
  readonly hookData: HookData;
  invocationContext: unknown;
  readonly labels: LogLabels;
}

/** Passes an entry through the app's `log` hooks, which may change the app's own words but not the system's. */
export function logThroughHooks(
  registry: AppRegistry,
  log: HostLog,
  entry: { readonly level: LogLevel; readonly category: LogCategory; readonly message: string },
  origin?: LogOrigin,
): void {
  const context = {
    level: entry.level,
    message: entry.message,
    category: entry.category,
    hookData: origin?.hookData ?? {},
    appHookData: registry.appHookData,
    invocationContext: origin?.invocationContext,
  };
  try {
    for (const callback of registry.hooks('log')) callback(context);
  } catch {
    // A hook that fails must not cost us the entry; the real worker ignores it too.
  }
  const { level, message } = entry.category === 'user' ? context : entry;
  log.write({ level, message, category: entry.category, ...origin?.labels });
}

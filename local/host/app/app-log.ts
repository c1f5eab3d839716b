// Brings entries of the app or its library to the log, through the app's own `log` hooks. It must not drop an entry
// because a hook failed.

import type { HostLog, LogCategory, LogLevel } from '../log.ts';
import type { AppRegistry, HookData } from './app-registry.ts';

/** The invocation of an entry. */
export interface LogLabels {
  readonly function: string;
  readonly invocationId: string;
}

/** The invocation that logs, as the hooks see it. `invocationContext` is undefined until its arguments are made. */
export interface LogOrigin {
  readonly hookData: HookData;
  invocationContext: unknown;
  readonly labels: LogLabels;
}

/** Passes an entry through the app's `log` hooks. They may change the app's own entries but not the system's. */
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
    // A failing hook must not lose the entry. The real worker ignores the failure too.
  }
  const { level, message } = entry.category === 'user' ? context : entry;
  log.write({ level, message, category: entry.category, ...origin?.labels });
}

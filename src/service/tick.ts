// What the timer function does in one invocation, and how it fails: loudly, with every problem named.
import type { InvocationContext } from '@azure/functions';
import { getApp } from '../compose.ts';
import { passOverFleet } from './fleet-pass.ts';
import { logTo } from './log.ts';

/** Throws when the settings are not valid or the fleet cannot be read: the invocation shows as failed. */
export async function runTick(context: InvocationContext): Promise<void> {
  const log = logTo(context);
  const app = getApp();
  if (!app.settings.ok) {
    for (const problem of app.settings.problems) log('error', 'settingProblem', { ...problem });
    throw new Error(
      `The app settings are not valid: ${app.settings.problems.map(({ setting }) => setting).join(', ')}.`,
    );
  }
  log('info', 'tick', { ...(await passOverFleet(app, log)) });
}

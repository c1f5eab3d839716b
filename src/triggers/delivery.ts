// What the function that delivers notifications does in one invocation, and how it fails.
// It must not decide what is told, when an attempt is due, or when one is given up.
import type { InvocationContext } from '@azure/functions';
import { type Log, type LogFields, logTo } from '../base/log.ts';
import { type App, getApp } from '../compose.ts';
import type { EventContext } from '../notify/cloud-event.ts';
import type { Outcome } from '../notify/deliver.ts';
import type { Pending } from '../notify/ports.ts';
import { asRotationError } from '../rotation/errors.ts';

/** Throws when the settings are not valid or the outbox cannot be read: the invocation shows as failed. */
export async function runDelivery(context: InvocationContext): Promise<void> {
  const app = getApp();
  if (!app.settings.ok) {
    // The timer of the passes names every problem; here one line says why nothing is sent.
    throw new Error(
      `The app settings are not valid: ${app.settings.problems.map(({ setting }) => setting).join(', ')}.`,
    );
  }
  const { notifications } = app.settings.settings;
  if (notifications === undefined) return;
  if (notifications.state === 'unresolved') {
    throw new Error(`The platform could not resolve the Key Vault reference in ${notifications.settings.join(', ')}.`);
  }
  const log = logTo(context);
  try {
    await deliverFrom(app, log);
    await forgetDead(app, log);
  } finally {
    await app.telemetry?.flush(log);
  }
}

/** The dead are bounded in time, so that their number tells of this month. What cannot be removed is in an hour. */
async function forgetDead({ outbox, clock }: App, log: Log): Promise<void> {
  const { forgottenBefore } = await import('../notify/back-off.ts');
  const before = forgottenBefore(clock.now());
  if (before === undefined) return;
  try {
    const count = await outbox.forgetDead(before);
    if (count > 0) log('info', 'notificationsForgotten', { count });
  } catch (error) {
    const { code, message } = asRotationError(error);
    log('warn', 'notificationFailed', { code, message });
  }
}

/** One run over the outbox. A run with nothing to do says nothing: there is one each minute. */
export async function deliverFrom(app: App, log: Log): Promise<void> {
  const [{ deliver }, { eventOf }] = await Promise.all([
    import('../notify/deliver.ts'),
    import('../notify/cloud-event.ts'),
  ]);
  const { outbox, receiver, clock } = app;
  // How accounts are called is only asked when there is something to tell, and once in a run.
  let context: Promise<EventContext> | undefined;
  const report = await deliver({
    outbox,
    receiver,
    clock,
    eventOf: async (key, told) => eventOf(key, told, await (context ??= contextOf(app, log))),
    tell: (pending, outcome) => tell(log, pending, outcome),
  });
  if (Object.values(report).some((count: number) => count > 0)) log('info', 'delivery', { ...report });
}

/** Never rejects: a notification without the account's alias is better than none. */
async function contextOf(app: App, log: Log): Promise<EventContext> {
  const aliases = new Map<string, string>();
  try {
    for (const { id, alias } of (await app.fleet()).accounts) aliases.set(id, alias);
  } catch (error) {
    const { code, message } = asRotationError(error);
    log('warn', 'aliasesNotKnown', { code, message });
  }
  return { source: sourceOf(app), aliasOf: (accountId) => aliases.get(accountId) };
}

/** The Function App, or on a machine without one the store that it serves. */
function sourceOf({ settings, site }: App): string {
  if (site.name !== undefined) return `urn:ai-services-key-rotation:app:${site.name}`;
  const store = settings.ok ? new URL(settings.settings.appConfigurationEndpoint).host : 'unknown';
  return `urn:ai-services-key-rotation:store:${store}`;
}

function tell(log: Log, pending: Pending, outcome: Outcome): void {
  const { told } = pending;
  const about: LogFields = { resourceId: told?.accountId, kind: told?.entry.kind, row: pending.key };
  switch (outcome.kind) {
    case 'postponed': {
      const { detail, attempts, until } = outcome;
      log('warn', 'notificationPostponed', { ...about, detail, attempts, until: new Date(until).toISOString() });
      break;
    }
    case 'dead':
      log('warn', 'notificationDead', { ...about, detail: outcome.detail, attempts: outcome.attempts });
      break;
    case 'failed': {
      const { code, message } = asRotationError(outcome.error);
      log('warn', 'notificationFailed', { ...about, code, message });
      break;
    }
  }
}

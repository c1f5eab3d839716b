// One invocation of the function that delivers notifications, and how it fails.
// It must not decide which events are notified, when an attempt is due, or when a notification is given up.

import type { InvocationContext } from '@azure/functions';
import { allEnded } from '../base/lanes.ts';
import { type Log, type LogFields } from '../base/log.ts';
import type { FleetSource } from '../fleet/ports.ts';
import type { EventContext } from '../notify/cloud-event.ts';
import type { Outcome } from '../notify/deliver.ts';
import type { OutboxPort, Pending, ReceiverPort } from '../notify/ports.ts';
import { errorFields } from '../rotation/errors.ts';
import type { Clock } from '../rotation/ports.ts';
import type { InvocationParts } from './invocation.ts';
import { invoke, settingsInvalid } from './invocation.ts';

/** The parts that a run over the outbox needs. */
export interface NotificationParts extends InvocationParts, FleetSource {
  readonly outbox: OutboxPort;
  /** Called only if the settings name a receiver. */
  readonly receiver: ReceiverPort;
  readonly clock: Clock;
  readonly site: { readonly name: string | undefined };
}

/** Throws when the settings are not valid or the outbox cannot be read: the invocation shows as failed. */
export async function runDelivery(parts: NotificationParts, context: InvocationContext): Promise<void> {
  const { settings } = parts;
  // The timer of the passes logs every problem. One line here says why nothing is sent.
  if (!settings.ok) throw settingsInvalid(settings);
  const { notifications } = settings.settings;
  if (notifications === undefined) return;
  if (notifications.state === 'unresolved') {
    throw new Error(`The platform could not resolve the Key Vault reference in ${notifications.settings.join(', ')}.`);
  }
  await invoke(parts, context, async (log) => {
    await deliverFrom(parts, log);
    await forgetDead(parts, log);
  });
}

/** Removes old dead notifications: their count covers 30 days. After a failure, a run in an hour tries again. */
async function forgetDead({ outbox, clock }: NotificationParts, log: Log): Promise<void> {
  const { forgottenBefore } = await import('../notify/back-off.ts');
  const before = forgottenBefore(clock.now());
  if (before === undefined) return;
  try {
    const count = await outbox.forgetDead(before);
    if (count > 0) log('info', 'notificationsForgotten', { count });
  } catch (error) {
    log('warn', 'notificationFailed', errorFields(error));
  }
}

/** One run over the outbox. A run with nothing to do logs nothing: there is a run each minute. */
export async function deliverFrom(parts: NotificationParts, log: Log): Promise<void> {
  const [{ deliver }, { eventOf }] = await allEnded([
    import('../notify/deliver.ts'),
    import('../notify/cloud-event.ts'),
  ]);
  const { outbox, receiver, clock } = parts;
  // Reads the aliases of accounts only if there is a notification to send, and once in a run.
  let context: Promise<EventContext> | undefined;
  const report = await deliver({
    outbox,
    receiver,
    clock,
    eventOf: async (key, line) => eventOf(key, line, await (context ??= contextOf(parts, log))),
    noteOutcome: (pending, outcome) => logOutcome(log, pending, outcome),
  });
  if (Object.values(report).some((count: number) => count > 0)) log('info', 'delivery', { ...report });
}

/** Never rejects: a notification without the account's alias is better than no notification. */
async function contextOf(parts: NotificationParts, log: Log): Promise<EventContext> {
  const aliases = new Map<string, string>();
  try {
    for (const { id, alias } of (await parts.fleet()).accounts) aliases.set(id, alias);
  } catch (error) {
    log('warn', 'aliasesNotKnown', errorFields(error));
  }
  return { source: sourceOf(parts), aliasOf: (accountId) => aliases.get(accountId) };
}

/** Names the Function App; on a machine without one, the store that the process serves. */
function sourceOf({ settings, site }: NotificationParts): string {
  if (site.name !== undefined) return `urn:ai-services-key-rotation:app:${site.name}`;
  const store = settings.ok ? new URL(settings.settings.appConfigurationEndpoint).host : 'unknown';
  return `urn:ai-services-key-rotation:store:${store}`;
}

function logOutcome(log: Log, pending: Pending, outcome: Outcome): void {
  const { line } = pending;
  const about: LogFields = { resourceId: line?.accountId, kind: line?.entry.kind, row: pending.key };
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
      log('warn', 'notificationFailed', { ...about, ...errorFields(outcome.error) });
      break;
    }
  }
}

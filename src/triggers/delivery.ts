// What the function that delivers notifications does in one invocation, and how it fails.
// It must not decide what is told, when an attempt is due, or when one is given up.

import type { InvocationContext } from '@azure/functions';
import { type Log, type LogFields } from '../base/log.ts';
import type { FleetSource } from '../fleet/ports.ts';
import type { EventContext } from '../notify/cloud-event.ts';
import type { Outcome } from '../notify/deliver.ts';
import type { OutboxPort, Pending, ReceiverPort } from '../notify/ports.ts';
import { errorFields } from '../rotation/errors.ts';
import type { Clock } from '../rotation/ports.ts';
import type { InvocationParts } from './invocation.ts';
import { invoke, settingsInvalid } from './invocation.ts';

/** What a run over the outbox is made of. */
export interface NotificationParts extends InvocationParts, FleetSource {
  readonly outbox: OutboxPort;
  /** Asked only where the settings name one. */
  readonly receiver: ReceiverPort;
  readonly clock: Clock;
  readonly site: { readonly name: string | undefined };
}

/** Throws when the settings are not valid or the outbox cannot be read: the invocation shows as failed. */
export async function runDelivery(parts: NotificationParts, context: InvocationContext): Promise<void> {
  const { settings } = parts;
  // The timer of the passes names every problem; here one line says why nothing is sent.
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

/** The dead are bounded in time, so that their number tells of this month. What cannot be removed is in an hour. */
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

/** One run over the outbox. A run with nothing to do says nothing: there is one each minute. */
export async function deliverFrom(parts: NotificationParts, log: Log): Promise<void> {
  const [{ deliver }, { eventOf }] = await Promise.all([
    import('../notify/deliver.ts'),
    import('../notify/cloud-event.ts'),
  ]);
  const { outbox, receiver, clock } = parts;
  // How accounts are called is only asked when there is something to tell, and once in a run.
  let context: Promise<EventContext> | undefined;
  const report = await deliver({
    outbox,
    receiver,
    clock,
    eventOf: async (key, told) => eventOf(key, told, await (context ??= contextOf(parts, log))),
    tell: (pending, outcome) => tell(log, pending, outcome),
  });
  if (Object.values(report).some((count: number) => count > 0)) log('info', 'delivery', { ...report });
}

/** Never rejects: a notification without the account's alias is better than none. */
async function contextOf(parts: NotificationParts, log: Log): Promise<EventContext> {
  const aliases = new Map<string, string>();
  try {
    for (const { id, alias } of (await parts.fleet()).accounts) aliases.set(id, alias);
  } catch (error) {
    log('warn', 'aliasesNotKnown', errorFields(error));
  }
  return { source: sourceOf(parts), aliasOf: (accountId) => aliases.get(accountId) };
}

/** The Function App, or on a machine without one the store that it serves. */
function sourceOf({ settings, site }: NotificationParts): string {
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
      log('warn', 'notificationFailed', { ...about, ...errorFields(outcome.error) });
      break;
    }
  }
}

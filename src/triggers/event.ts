// What an event does: a pass over each account that it hints at, now instead of at the next tick. The timer stays the
// fallback: a lost event costs time, a wrong one costs a few reads.
import type { InvocationContext } from '@azure/functions';
import { type EventHint, readEvent } from '../base/event-grid/read-event.ts';
import { logTo } from '../base/log.ts';
import { getApp } from '../compose.ts';
import { passOver } from '../fleet/passes.ts';
import type { Account } from '../rotation/model.ts';

/** No step begins later than this; Event Grid waits for 30 seconds before it sends the event again, which is harmless. */
const PASS_MS = 25_000;

/**
 * Never throws for what an event says, nor for how a pass ends. Throws when no pass could be begun because the
 * configuration could not be read: Event Grid then sends the event again, later.
 */
export async function handleEvent(event: unknown, context: InvocationContext): Promise<void> {
  const log = logTo(context);
  const hint = readEvent(event);
  if (hint === undefined) {
    log('info', 'eventIgnored', { reason: 'NotUnderstood' });
    return;
  }
  const app = getApp();
  if (!app.settings.ok) {
    log('error', 'eventIgnored', { reason: 'SettingsNotValid' });
    return;
  }
  try {
    const { accounts } = await app.fleet();
    const meant = accounts.filter((account) => isMeant(account, hint));
    if (meant.length === 0) log('info', 'eventIgnored', { reason: 'NoSuchAccount' });
    const until = app.clock.now() + PASS_MS;
    for (const account of meant) await passOver(app, account, until, log);
  } finally {
    await app.telemetry?.flush(log);
  }
}

function isMeant(account: Account, hint: EventHint): boolean {
  switch (hint.kind) {
    case 'account':
      return account.id === hint.accountId;
    case 'secret': {
      const host = new URL(account.vaultUrl).host.toLowerCase();
      const isVault = host === hint.vault || host.split('.')[0] === hint.vault;
      return isVault && account.secretName.toLowerCase() === hint.secretName;
    }
  }
}

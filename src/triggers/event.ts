// Handles an event: passes over each account that it hints at, now instead of at the next tick. The timer stays the
// fallback: a lost event costs time, a wrong one costs a few reads.

import type { InvocationContext } from '@azure/functions';
import { type EventHint, readEvent } from '../base/event-grid/read-event.ts';
import type { Log } from '../base/log.ts';
import { passOver } from '../fleet/pass.ts';
import type { FleetParts } from '../fleet/ports.ts';
import type { Account } from '../rotation/model.ts';
import { type InvocationParts, invoke } from './invocation.ts';

/** No step begins later than this. Event Grid sends the event again after 30 seconds, which is harmless. */
const PASS_MS = 25_000;

/**
 * Never throws for the content of an event or the end of a pass. Throws if the configuration cannot be read, so that no
 * pass could begin: Event Grid then sends the event again later.
 */
export function handleEvent(
  parts: FleetParts & InvocationParts,
  event: unknown,
  context: InvocationContext,
): Promise<void> {
  return invoke(parts, context, async (log) => {
    const hint = readEvent(event);
    if (hint === undefined) log('info', 'eventIgnored', { reason: 'NotUnderstood' });
    else if (!parts.settings.ok) log('error', 'eventIgnored', { reason: 'SettingsNotValid' });
    else await passOverMeant(parts, hint, log);
  });
}

async function passOverMeant(parts: FleetParts, hint: EventHint, log: Log): Promise<void> {
  const { accounts } = await parts.fleet();
  const meant = accounts.filter((account) => isMeant(account, hint));
  if (meant.length === 0) log('info', 'eventIgnored', { reason: 'NoSuchAccount' });
  const until = parts.clock.now() + PASS_MS;
  for (const account of meant) await passOver(parts, account, until, log);
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

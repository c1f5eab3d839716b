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
/** How often to look whether another pass has freed the account. A look costs one read of the table. */
const LEASE_POLL_MS = 2_000;

/**
 * Never throws for the content of an event or the end of a pass. Throws if no pass could begin: the configuration cannot
 * be read, or another pass held the lease all the time. Event Grid then sends the event again later.
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
  const unseen: string[] = [];
  for (const account of meant) if (!(await hasLooked(parts, account, until, log))) unseen.push(account.alias);
  if (unseen.length === 0) return;
  throw new Error(`Another pass holds the lease of ${unseen.join(', ')}: the event must be sent again.`);
}

/**
 * A pass that has begun before the event may not see what the event tells of: after it, another pass must look. False
 * if the lease was held all the time.
 */
async function hasLooked(parts: FleetParts, account: Account, until: number, log: Log): Promise<boolean> {
  for (;;) {
    const { outcome } = await passOver(parts, account, until, log);
    if (outcome.kind !== 'leaseHeld') return true;
    if (parts.clock.now() + LEASE_POLL_MS >= until) return false;
    await parts.sleep(LEASE_POLL_MS);
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

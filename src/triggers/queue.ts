// Accounts that a tick has left to the queue: the same passes as the timer's, on whichever instance takes the message.
// Messages are hints like events: one that is late, double or about an account that is gone costs a read and no more.

import type { InvocationContext } from '@azure/functions';
import * as z from 'zod';
import type { Log } from '../base/log.ts';
import type { Fleet } from '../config/fleet.ts';
import { isCurrent } from '../fleet/current-accounts.ts';
import { boundsFrom, passOverAll, TICK_BOUNDS } from '../fleet/passes.ts';
import type { FleetParts } from '../fleet/ports.ts';
import { errorFields } from '../rotation/errors.ts';
import type { Account } from '../rotation/model.ts';
import type { StoredAccount } from '../rotation/ports.ts';
import { isPending } from '../rotation/urgency.ts';
import { type InvocationParts, invoke, requireSettings } from './invocation.ts';

const SCHEMA = z.object({ accountIds: z.array(z.string()) });
/** As `maxDequeueCount` in host.json says: after so many attempts the platform puts a message into the poison queue. */
export const ATTEMPTS = 5;
/** Accounts of one message at once; an instance has up to twenty-four messages in hand (host.json). */
const CONCURRENCY = 16;

/** What a message is worked off with. */
export type QueueParts = FleetParts & InvocationParts;

/**
 * Never throws for what a message says, nor for how a pass ends: the record says when to look again. Throws when the
 * settings, the configuration or the table cannot be read: the platform then gives the message again.
 */
export function runQueuedPass(parts: QueueParts, message: unknown, context: InvocationContext): Promise<void> {
  return invoke(parts, context, async (log) => {
    const read = SCHEMA.safeParse(message);
    if (!read.success) {
      log('warn', 'messageIgnored', { reason: 'NotUnderstood' });
      return;
    }
    const { accountIds } = read.data;
    try {
      requireSettings(parts, log);
      await passOverQueued(parts, accountIds, log);
    } catch (error) {
      if (attemptOf(context) >= ATTEMPTS) sayGivenUp(log, accountIds, error);
      throw error;
    }
  });
}

/** Which attempt at the message this is: 1 for the first, and where the platform does not say. */
function attemptOf({ triggerMetadata }: InvocationContext): number {
  return Number(triggerMetadata?.['dequeueCount'] ?? 1);
}

function sayGivenUp(log: Log, accountIds: readonly string[], error: unknown): void {
  log('error', 'messageGivenUp', { accountIds: accountIds.join(' '), ...errorFields(error) });
}

async function passOverQueued(parts: QueueParts, ids: readonly string[], log: Log): Promise<void> {
  const accounts = await findAccounts(parts, ids);
  for (const accountId of ids.filter((id) => !accounts.some((account) => account.id === id))) {
    log('info', 'messageIgnored', { reason: 'NoSuchAccount', accountId });
  }
  const isWanted = async (account: Account): Promise<boolean> => {
    if (isDue(await parts.ports.records.read(account), parts.clock.now())) return true;
    log('info', 'messageIgnored', { reason: 'NotDue', account: account.alias });
    return false;
  };
  await passOverAll(parts, accounts, boundsFrom(parts.clock.now(), { ...TICK_BOUNDS, concurrency: CONCURRENCY }), log, {
    isWanted,
  });
}

/** A tick names an account again while its first message waits; whoever comes second finds it done. */
function isDue({ entity, requests }: StoredAccount, now: number): boolean {
  return entity.nextObservationAt <= now || requests.some(isPending);
}

/** Messages that come together share one reading, for as long as a tick uses one. */
const kept = new WeakMap<QueueParts, { readonly fleet: Fleet; readonly at: number }>();

/** An account that the kept configuration does not know may be new: it is looked for in a fresh one. */
async function findAccounts(parts: QueueParts, ids: readonly string[]): Promise<readonly Account[]> {
  const wanted = new Set(ids);
  const now = parts.clock.now();
  const former = kept.get(parts);
  if (former !== undefined && isCurrent(former.at, now)) {
    const accounts = former.fleet.accounts.filter(({ id }) => wanted.has(id));
    if (accounts.length === wanted.size) return accounts;
  }
  const fleet = await parts.fleet();
  kept.set(parts, { fleet, at: now });
  return fleet.accounts.filter(({ id }) => wanted.has(id));
}

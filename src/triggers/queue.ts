// Passes over accounts that a tick has left to the queue: the timer's passes, on any instance that takes the message.
// Messages are hints like events: a message that is late, double or about an account that is gone costs one read.

import type { InvocationContext } from '@azure/functions';
import * as z from 'zod';
import type { Log } from '../base/log.ts';
import type { Fleet } from '../config/fleet.ts';
import { isCurrent } from '../fleet/current-accounts.ts';
import { boundsFrom, passOverAll, TICK_BOUNDS } from '../fleet/passes.ts';
import type { FleetParts } from '../fleet/ports.ts';
import { errorFields } from '../rotation/errors.ts';
import type { Account } from '../rotation/model.ts';
import { isLookDue, type StoredAccount } from '../rotation/ports.ts';
import { isPending } from '../rotation/urgency.ts';
import { type InvocationParts, invoke, requireSettings } from './invocation.ts';

const SCHEMA = z.object({ accountIds: z.array(z.string()) });
/** Equals `maxDequeueCount` in host.json: after so many attempts the platform puts a message into the poison queue. */
export const ATTEMPTS = 5;
/** Accounts of one message at once. An instance handles up to twenty-four messages at once (host.json). */
const CONCURRENCY = 16;

/** The parts that a message needs. */
export type QueueParts = FleetParts & InvocationParts;

/**
 * Never throws for the content of a message or the end of a pass: the record holds when to look again. Throws if the
 * settings, the configuration or the table cannot be read: the platform then delivers the message again.
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
      if (attemptOf(context) >= ATTEMPTS) logGivenUp(log, accountIds, error);
      throw error;
    }
  });
}

/** The number of this attempt at the message, from 1; 1 if the platform does not give it. */
function attemptOf({ triggerMetadata }: InvocationContext): number {
  return Number(triggerMetadata?.['dequeueCount'] ?? 1);
}

function logGivenUp(log: Log, accountIds: readonly string[], error: unknown): void {
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

/** A tick names an account again while its first message waits. The second message finds the account done. */
function isDue({ entity, requests }: StoredAccount, now: number): boolean {
  return isLookDue(entity.nextObservationAt, now) || requests.some(isPending);
}

/** Messages that arrive together share one reading of the fleet, for as long as a tick uses one. By the process's ports. */
const kept = new WeakMap<QueueParts['ports'], { readonly fleet: Fleet; readonly at: number }>();

/** An account that is not in the kept configuration may be new: the configuration is then read again. */
async function findAccounts(parts: QueueParts, ids: readonly string[]): Promise<readonly Account[]> {
  const wanted = new Set(ids);
  const now = parts.clock.now();
  const former = kept.get(parts.ports);
  if (former !== undefined && isCurrent(former.at, now)) {
    const accounts = former.fleet.accounts.filter(({ id }) => wanted.has(id));
    if (accounts.length === wanted.size) return accounts;
  }
  const fleet = await parts.fleet();
  kept.set(parts.ports, { fleet, at: now });
  return fleet.accounts.filter(({ id }) => wanted.has(id));
}

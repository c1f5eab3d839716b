// One account that a tick has left to the queue: the same pass as the timer's, on whichever instance takes the message.
// Messages are hints like events: one that is late, double or about an account that is gone costs a read and no more.
import type { InvocationContext } from '@azure/functions';
import * as z from 'zod';
import { type App, getApp } from '../compose.ts';
import type { Fleet } from '../config.ts';
import { asRotationError } from '../rotation/errors.ts';
import type { Account } from '../rotation/model.ts';
import type { StoredAccount } from '../rotation/ports.ts';
import { passOver, TICK_BOUNDS } from './fleet-pass.ts';
import { type Log, logTo } from './log.ts';
import { requireSettings } from './require-settings.ts';

/** What a tick puts into the queue for each account that it leaves. */
export interface QueuedAccount {
  readonly accountId: string;
}

const SCHEMA: z.ZodType<QueuedAccount> = z.object({ accountId: z.string() });
/** As `maxDequeueCount` in host.json says: after so many attempts the platform puts a message into the poison queue. */
export const ATTEMPTS = 5;
/** A tick acts for minutes on one reading of the configuration; messages that come together share one for this long. */
const FLEET_KEPT_MS = 30_000;

/**
 * Never throws for what a message says, nor for how a pass ends: the record says when to look again. Throws when the
 * settings, the configuration or the table cannot be read: the platform then gives the message again.
 */
export async function runQueuedPass(message: unknown, context: InvocationContext): Promise<void> {
  const log = logTo(context);
  const read = SCHEMA.safeParse(message);
  if (!read.success) {
    log('warn', 'messageIgnored', { reason: 'NotUnderstood' });
    return;
  }
  const app = getApp();
  try {
    requireSettings(app, log);
    await passOverQueued(app, read.data, log);
  } catch (error) {
    if (attemptOf(context) >= ATTEMPTS) sayGivenUp(log, read.data, error);
    throw error;
  } finally {
    await app.telemetry?.flush(log);
  }
}

/** Which attempt at the message this is: 1 for the first, and where the platform does not say. */
function attemptOf({ triggerMetadata }: InvocationContext): number {
  return Number(triggerMetadata?.['dequeueCount'] ?? 1);
}

function sayGivenUp(log: Log, { accountId }: QueuedAccount, error: unknown): void {
  const { code, message } = asRotationError(error);
  log('error', 'messageGivenUp', { accountId, code, message });
}

async function passOverQueued(app: App, { accountId }: QueuedAccount, log: Log): Promise<void> {
  const account = await findAccount(app, accountId);
  if (account === undefined) {
    log('info', 'messageIgnored', { reason: 'NoSuchAccount', accountId });
    return;
  }
  const now = app.clock.now();
  if (!isDue(await app.ports.records.read(account), now)) {
    log('info', 'messageIgnored', { reason: 'NotDue', account: account.alias });
    return;
  }
  await passOver(app, account, now + TICK_BOUNDS.stepsForMs, log);
}

/** A tick names an account again while its first message waits; whoever comes second finds it done. */
function isDue({ entity, requests }: StoredAccount, now: number): boolean {
  return entity.nextObservationAt <= now || requests.some(({ closedAt }) => closedAt === undefined);
}

const kept = new WeakMap<App, { readonly fleet: Fleet; readonly at: number }>();

/** An account that the kept configuration does not know may be new: it is looked for in a fresh one. */
async function findAccount(app: App, id: string): Promise<Account | undefined> {
  const now = app.clock.now();
  const former = kept.get(app);
  if (former !== undefined && now - former.at < FLEET_KEPT_MS) {
    const account = former.fleet.accounts.find((each) => each.id === id);
    if (account !== undefined) return account;
  }
  const fleet = await app.fleet();
  kept.set(app, { fleet, at: now });
  return fleet.accounts.find((each) => each.id === id);
}

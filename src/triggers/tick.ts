// What the timer function does in one invocation, and how it fails: loudly, with every problem named.
import type { InvocationContext } from '@azure/functions';
import { type Log, logTo } from '../base/log.ts';
import { type App, getApp } from '../compose.ts';
import { runCampaigns } from '../fleet/campaign/campaigns.ts';
import { passOverFleet, TICK_BOUNDS, type TickOutcome } from '../fleet/passes.ts';
import { ticksAfter } from '../fleet/ticks.ts';
import { asRotationError } from '../rotation/errors.ts';
import { batchesOf, type QueuedAccounts } from './queue-batches.ts';
import { requireSettings } from './require-settings.ts';

/**
 * Accounts that campaigns have in hand at once; their caps and the limits of Azure hold beside. So many that it is the
 * processor, not the wait for answers, that bounds an instance over many subscriptions.
 */
const CAMPAIGN_CONCURRENCY = 256;

/**
 * Answers what this invocation leaves to the queue. Throws when the settings are not valid or the fleet cannot be read:
 * the invocation shows as failed.
 */
export async function runTick(context: InvocationContext): Promise<readonly QueuedAccounts[]> {
  const log = logTo(context);
  const app = getApp();
  requireSettings(app, log);
  try {
    const startedAt = app.clock.now();
    const outcome = await passOverFleet(app, log, TICK_BOUNDS, async (campaigns) => {
      if (campaigns > 0) await advanceCampaigns(app, log, startedAt);
    });
    log('info', 'tick', { ...outcome.report });
    await noteTick(app, log, outcome);
    await noteFleet(app);
    return batchesOf(outcome.left);
  } finally {
    await app.telemetry?.flush(log);
  }
}

/** For the metrics, where somebody takes them: one query more. What cannot be read is told by the next tick. */
async function noteFleet(app: App): Promise<void> {
  const { telemetry, ports, clock } = app;
  if (telemetry?.signals.metrics !== true) return;
  try {
    const [{ accounts }, status] = await Promise.all([app.fleet(), ports.records.listStatus()]);
    const rows = new Map(status.map((row) => [row.accountId, row]));
    const entries = accounts.map((account) => ({ account, row: rows.get(account.id) }));
    await telemetry.noteFleet(entries, clock.now());
  } catch {
    // The passes are done, and the tick before told how the fleet was.
  }
}

/** Until the next tick, which a longer one would miss. Its reading of schedules is loaded when there is a campaign only. */
async function advanceCampaigns(app: App, log: Log, startedAt: number): Promise<void> {
  const { untilNextTick } = await import('./until-next-tick.ts');
  const schedule = app.settings.ok ? app.settings.settings.schedule : '';
  await runCampaigns(app, log, {
    startsUntil: untilNextTick(schedule, startedAt, startedAt + TICK_BOUNDS.startsForMs),
    stepsUntil: startedAt + TICK_BOUNDS.stepsForMs,
    concurrency: CAMPAIGN_CONCURRENCY,
  });
}

/**
 * For `GET health`, and for the next tick. Ticks within a minute are one to health, and what they would note has been
 * read already: a tick costs one write at most, and none when there is nothing to say.
 */
async function noteTick(app: App, log: Log, { mark, enrolled, isFrozen }: TickOutcome): Promise<void> {
  const ticks = ticksAfter(mark.ticks, app.clock.now());
  if (ticks === mark.ticks && enrolled === mark.enrolled && isFrozen === (mark.isFrozen ?? false)) return;
  try {
    await app.ports.records.noteTick({ ticks, enrolled, ...(isFrozen ? { isFrozen } : {}) });
  } catch (error) {
    // The work is done; that nobody can see it is what the health check then says.
    const { code, message } = asRotationError(error);
    log('warn', 'tickNotNoted', { code, message });
  }
}

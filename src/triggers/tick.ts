// One invocation of the timer function. It fails loudly, and logs every problem.

import type { InvocationContext } from '@azure/functions';
import { allEnded } from '../base/lanes.ts';
import type { Log } from '../base/log.ts';
import { runCampaigns } from '../fleet/campaign/campaigns.ts';
import type { CampaignParts } from '../fleet/campaign/ports.ts';
import { type DueFleet, passOverFleet, readDue, TICK_BOUNDS, type TickOutcome } from '../fleet/passes.ts';
import type { Sweep } from '../fleet/ports.ts';
import { type SweepParts, sweep } from '../fleet/sweep.ts';
import { ticksAfter } from '../fleet/ticks.ts';
import { errorFields } from '../rotation/errors.ts';
import { type InvocationParts, invoke, requireSettings } from './invocation.ts';
import { batchesOf, type QueuedAccounts } from './queue-batches.ts';

/**
 * Accounts that campaigns work on at once; their caps and the limits of Azure apply as well. High enough that over many
 * subscriptions the processor bounds an instance, not the wait for answers.
 */
const CAMPAIGN_CONCURRENCY = 256;

/** The parts that a tick needs. */
export type TickParts = CampaignParts & SweepParts & InvocationParts;

/**
 * Returns the messages for the queue. Throws if the settings are not valid or the fleet cannot be read: the invocation
 * shows as failed.
 */
export function runTick(parts: TickParts, context: InvocationContext): Promise<readonly QueuedAccounts[]> {
  return invoke(parts, context, async (log) => {
    const { schedule } = requireSettings(parts, log);
    const due = await readDue(parts);
    // A subscription at its limit must not hold campaigns up. Neither part goes on after the end of the tick.
    const [outcome] = await allEnded([passOverFleet(parts, due, log), advanceCampaigns(parts, due, schedule, log)]);
    log('info', 'tick', { ...outcome.report });
    // Never before the passes: nothing waits for rows to go.
    const swept = await sweep(parts, await due.reading, outcome.mark.sweep, log);
    await noteTick(parts, log, outcome, swept);
    await noteFleet(parts);
    return batchesOf(outcome.left);
  });
}

/** For the metrics, if they are exported: one more query. After a failed read the next tick reports them. */
async function noteFleet(parts: TickParts): Promise<void> {
  const { telemetry, ports, clock } = parts;
  if (telemetry?.signals.metrics !== true) return;
  try {
    const [{ accounts }, status] = await allEnded([parts.fleet(), ports.records.listStatus()]);
    const rows = new Map(status.map((row) => [row.accountId, row]));
    const entries = accounts.map((account) => ({ account, row: rows.get(account.id) }));
    await telemetry.noteFleet(entries, clock.now());
  } catch {
    // The passes are done, and the tick before reported the fleet.
  }
}

/** Runs until the next tick: a longer run would miss it. The parser of schedules loads only if there is a campaign. */
async function advanceCampaigns(
  parts: TickParts,
  { campaigns, reading, startedAt }: DueFleet,
  schedule: string,
  log: Log,
): Promise<void> {
  if (campaigns.length === 0) return;
  // Waits, so that the configuration is not read twice at once. If it cannot be read, the passes report it, and the
  // invocation fails: no member begins.
  const isRead = await reading.then(
    () => true,
    () => false,
  );
  if (!isRead) return;
  const { untilNextTick } = await import('./until-next-tick.ts');
  await runCampaigns(parts, log, {
    startsUntil: untilNextTick(schedule, startedAt, startedAt + TICK_BOUNDS.startsForMs),
    stepsUntil: startedAt + TICK_BOUNDS.stepsForMs,
    concurrency: CAMPAIGN_CONCURRENCY,
  });
}

/**
 * For `GET health`, and for the next tick. Health counts ticks within a minute as one, and the former note has been
 * read already. So a tick costs at most one write, and none if there is nothing new to note.
 */
async function noteTick(
  parts: TickParts,
  log: Log,
  { mark, enrolled, isFrozen }: TickOutcome,
  swept: Sweep,
): Promise<void> {
  const ticks = ticksAfter(mark.ticks, parts.clock.now());
  const isSame = enrolled === mark.enrolled && isFrozen === (mark.isFrozen ?? false) && swept === mark.sweep;
  if (ticks === mark.ticks && isSame) return;
  try {
    await parts.ports.records.noteTick({ ticks, enrolled, ...(isFrozen ? { isFrozen } : {}), sweep: swept });
  } catch (error) {
    // The work is done. The health check then reports that the tick was not noted.
    log('warn', 'tickNotNoted', errorFields(error));
  }
}

// What the timer function does in one invocation, and how it fails: loudly, with every problem named.

import type { InvocationContext } from '@azure/functions';
import { allEnded } from '../base/lanes.ts';
import type { Log } from '../base/log.ts';
import { runCampaigns } from '../fleet/campaign/campaigns.ts';
import type { CampaignParts } from '../fleet/campaign/ports.ts';
import { type DueFleet, passOverFleet, readDue, TICK_BOUNDS, type TickOutcome } from '../fleet/passes.ts';
import { ticksAfter } from '../fleet/ticks.ts';
import { errorFields } from '../rotation/errors.ts';
import type { InvocationParts } from './invocation.ts';
import { invoke, requireSettings } from './invocation.ts';
import { batchesOf, type QueuedAccounts } from './queue-batches.ts';

/**
 * Accounts that campaigns have in hand at once; their caps and the limits of Azure hold beside. So many that it is the
 * processor, not the wait for answers, that bounds an instance over many subscriptions.
 */
const CAMPAIGN_CONCURRENCY = 256;

/** What a tick is made of. */
export type TickParts = CampaignParts & InvocationParts;

/**
 * Returns what this invocation leaves to the queue. Throws when the settings are not valid or the fleet cannot be read:
 * the invocation shows as failed.
 */
export function runTick(parts: TickParts, context: InvocationContext): Promise<readonly QueuedAccounts[]> {
  return invoke(parts, context, async (log) => {
    const { schedule } = requireSettings(parts, log);
    const due = await readDue(parts);
    // A full subscription must not hold campaigns up, and neither goes on after the end of the tick.
    const [outcome] = await allEnded([passOverFleet(parts, due, log), advanceCampaigns(parts, due, schedule, log)]);
    log('info', 'tick', { ...outcome.report });
    await noteTick(parts, log, outcome);
    await noteFleet(parts);
    return batchesOf(outcome.left);
  });
}

/** For the metrics, where somebody takes them: one query more. What cannot be read is told by the next tick. */
async function noteFleet(parts: TickParts): Promise<void> {
  const { telemetry, ports, clock } = parts;
  if (telemetry?.signals.metrics !== true) return;
  try {
    const [{ accounts }, status] = await Promise.all([parts.fleet(), ports.records.listStatus()]);
    const rows = new Map(status.map((row) => [row.accountId, row]));
    const entries = accounts.map((account) => ({ account, row: rows.get(account.id) }));
    await telemetry.noteFleet(entries, clock.now());
  } catch {
    // The passes are done, and the tick before told how the fleet was.
  }
}

/** Until the next tick, which a longer one would miss. The reading of schedules is loaded when there is a campaign only. */
async function advanceCampaigns(
  parts: TickParts,
  { campaigns, reading, startedAt }: DueFleet,
  schedule: string,
  log: Log,
): Promise<void> {
  if (campaigns.length === 0) return;
  // Not asked for twice at once; whether it can be read, the passes say.
  await reading.catch(() => undefined);
  const { untilNextTick } = await import('./until-next-tick.ts');
  await runCampaigns(parts, log, {
    startsUntil: untilNextTick(schedule, startedAt, startedAt + TICK_BOUNDS.startsForMs),
    stepsUntil: startedAt + TICK_BOUNDS.stepsForMs,
    concurrency: CAMPAIGN_CONCURRENCY,
  });
}

/**
 * For `GET health`, and for the next tick. Ticks within a minute are one to health, and what they would note has been
 * read already: a tick costs one write at most, and none when there is nothing to say.
 */
async function noteTick(parts: TickParts, log: Log, { mark, enrolled, isFrozen }: TickOutcome): Promise<void> {
  const ticks = ticksAfter(mark.ticks, parts.clock.now());
  if (ticks === mark.ticks && enrolled === mark.enrolled && isFrozen === (mark.isFrozen ?? false)) return;
  try {
    await parts.ports.records.noteTick({ ticks, enrolled, ...(isFrozen ? { isFrozen } : {}) });
  } catch (error) {
    // The work is done; that nobody can see it is what the health check then says.
    log('warn', 'tickNotNoted', errorFields(error));
  }
}

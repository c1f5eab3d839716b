// What the timer function does in one invocation, and how it fails: loudly, with every problem named.
import type { InvocationContext } from '@azure/functions';
import { type App, getApp } from '../compose.ts';
import { asRotationError } from '../rotation/errors.ts';
import { TICK_SPACING_MS } from '../rotation/ports.ts';
import { passOverFleet, TICK_BOUNDS } from './fleet-pass.ts';
import { type Log, logTo } from './log.ts';

/** Accounts that a campaign has in hand at once; its caps and the cloud's limits hold beside. */
const CAMPAIGN_CONCURRENCY = 16;

let lastNotedAt: number | undefined;

/** Throws when the settings are not valid or the fleet cannot be read: the invocation shows as failed. */
export async function runTick(context: InvocationContext): Promise<void> {
  const log = logTo(context);
  const app = getApp();
  if (!app.settings.ok) {
    for (const problem of app.settings.problems) log('error', 'settingProblem', { ...problem });
    throw new Error(
      `The app settings are not valid: ${app.settings.problems.map(({ setting }) => setting).join(', ')}.`,
    );
  }
  try {
    const startedAt = app.clock.now();
    const report = await passOverFleet(app, log);
    log('info', 'tick', { ...report });
    if (report.campaigns > 0) await advanceCampaigns(app, log, startedAt);
    await noteTick(app, log);
    await noteFleet(app);
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

/** Within the bounds of the tick, so that due accounts come first. Loaded when there is one only. */
async function advanceCampaigns(app: App, log: Log, startedAt: number): Promise<void> {
  const { runCampaigns } = await import('./campaigns.ts');
  await runCampaigns(app, log, {
    startsUntil: startedAt + TICK_BOUNDS.startsForMs,
    stepsUntil: startedAt + TICK_BOUNDS.stepsForMs,
    concurrency: CAMPAIGN_CONCURRENCY,
  });
}

/** For `GET health`. The ticks of the last minute are one to it, so this process need not ask the table about each. */
async function noteTick(app: App, log: Log): Promise<void> {
  const now = app.clock.now();
  if (lastNotedAt !== undefined && now - lastNotedAt < TICK_SPACING_MS) return;
  try {
    await app.ports.records.noteTick(now);
    lastNotedAt = now;
  } catch (error) {
    // The work is done; that nobody can see it is what the health check then says.
    const { code, message } = asRotationError(error);
    log('warn', 'tickNotNoted', { code, message });
  }
}

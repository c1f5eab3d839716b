// One tick of the timer: a pass over each account that is due or not yet enrolled, independent of one another.
// It must not decide what a pass does, and a failing account must not stop the others.
import { isCampaignMark } from '../campaign/model.ts';
import type { App } from '../compose.ts';
import { interceptPorts } from '../rotation/intercept.ts';
import type { Account, AccountId } from '../rotation/model.ts';
import { type PassReport, reconcile } from '../rotation/reconcile.ts';
import { isOverdueAt } from '../rotation/schedule.ts';
import { traceCalls } from './call-trace.ts';
import { type Log, logPass, stepLog } from './log.ts';
import { type TracedStep, tracedStep, watchRecord } from './pass-trace.ts';

/** Bounds of one tick; the function's time-out must be longer than `passesUntilMs`. */
export interface TickBounds {
  /** No pass begins later than this after the start. */
  readonly startsForMs: number;
  /** No step begins later than this after the start. */
  readonly stepsForMs: number;
  readonly concurrency: number;
}

/** Fits into the ten minutes of host.json with the longest call to spare. */
export const TICK_BOUNDS: TickBounds = { startsForMs: 7 * 60_000, stepsForMs: 8 * 60_000, concurrency: 8 };

export interface TickReport {
  readonly accounts: number;
  readonly due: number;
  readonly passes: number;
  /** Due accounts left to the next tick because time was up. */
  readonly left: number;
  readonly problems: number;
  /** Campaigns that are due. */
  readonly campaigns: number;
}

export async function passOverFleet(app: App, log: Log, bounds: TickBounds = TICK_BOUNDS): Promise<TickReport> {
  const startedAt = app.clock.now();
  const fleet = await app.fleet();
  for (const problem of fleet.problems) log('warn', 'configurationProblem', { ...problem });
  const dueIds = await app.ports.records.listDue(startedAt);
  const due = await dueAccounts(app, fleet.accounts, dueIds);
  const waiting = [...due];
  let passes = 0;
  const lane = async (): Promise<void> => {
    while (app.clock.now() < startedAt + bounds.startsForMs) {
      const account = waiting.shift();
      if (account === undefined) return;
      passes++;
      await passOver(app, account, startedAt + bounds.stepsForMs, log);
    }
  };
  await Promise.all(Array.from({ length: Math.min(bounds.concurrency, due.length) }, lane));
  const { accounts, problems } = fleet;
  return {
    accounts: accounts.length,
    due: due.length,
    passes,
    left: waiting.length,
    problems: problems.length,
    campaigns: dueIds.filter(isCampaignMark).length,
  };
}

/** One pass over one account, told to the log. Never throws. */
export async function passOver(app: App, account: Account, until: number, log: Log): Promise<PassReport> {
  const { clock } = app;
  const startedAt = clock.now();
  const { intercept, counts, calls } = traceCalls(log, clock);
  const watch = watchRecord(interceptPorts(app.ports, intercept));
  const steps: TracedStep[] = [];
  const tell = stepLog(log, account.alias);
  const pass = { account, ports: watch.ports, clock, owner: app.newOwner() };
  const report = await reconcile(pass, { until }, (step, seen, probed) => {
    steps.push(tracedStep(step, seen, probed, { endedAt: clock.now(), callsBefore: calls.length }));
    tell(step, seen, probed);
  });
  const endedAt = clock.now();
  const record = watch.latest();
  const isOverdue = record !== undefined && isOverdueAt(record, account.policy, endedAt);
  logPass(log, account.alias, report, { calls: counts, isOverdue });
  const { origin } = log;
  const { alias } = account;
  const { changes } = watch;
  await app.telemetry?.notePass({
    account: alias,
    origin,
    startedAt,
    endedAt,
    report,
    isOverdue,
    calls,
    steps,
    changes,
  });
  return report;
}

/** One query for the fleet; a second one only while there are accounts that this process has not seen enrolled. */
async function dueAccounts(
  app: App,
  accounts: readonly Account[],
  dueIds: readonly AccountId[],
): Promise<readonly Account[]> {
  const { records } = app.ports;
  const due = new Set(dueIds);
  if (accounts.some((account) => !app.enrolled.has(account.id))) {
    for (const { accountId } of await records.listStatus()) app.enrolled.add(accountId);
  }
  return accounts.filter((account) => due.has(account.id) || !app.enrolled.has(account.id));
}

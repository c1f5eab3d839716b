// One pass over one account, as every trigger runs it: traced, written to the log, noted for the telemetry.
// It must not decide what a pass does.
import type { Log } from '../base/log.ts';
import { passWithHolders } from '../holders/round.ts';
import { isOverdueAt } from '../rotation/decide/schedule.ts';
import type { Account } from '../rotation/model.ts';
import { interceptPorts } from '../rotation/pass/intercept.ts';
import { type PassReport, reconcile } from '../rotation/pass/reconcile.ts';
import type { Ports } from '../rotation/ports.ts';
import { traceCalls } from '../telemetry/call-trace.ts';
import { type TracedStep, tracedStep, watchRecord } from '../telemetry/pass-trace.ts';
import { logPass, stepLog } from './pass-log.ts';
import type { FleetParts } from './ports.ts';
import { backOffUnproven } from './unproven.ts';

/** One pass over one account and its holders, written to the log. Never throws. */
export async function passOver(parts: FleetParts, account: Account, until: number, log: Log): Promise<PassReport> {
  const { holders: sources, clock } = parts;
  if (sources === undefined) return tracedPass(parts, account, until, log);
  return passWithHolders({ ...sources, clock }, account, { until, log }, (seen, wrap) =>
    tracedPass(parts, seen, until, log, wrap),
  );
}

async function tracedPass(
  parts: FleetParts,
  account: Account,
  until: number,
  log: Log,
  wrap: (ports: Ports) => Ports = (ports) => ports,
): Promise<PassReport> {
  const { clock } = parts;
  const startedAt = clock.now();
  const { intercept, counts, calls } = traceCalls(log, clock);
  const watch = watchRecord(backOffUnproven(wrap(interceptPorts(parts.ports, intercept)), account));
  const steps: TracedStep[] = [];
  const logStep = stepLog(log, account.alias);
  const pass = { account, ports: watch.ports, clock, owner: parts.newOwner() };
  const report = await reconcile(pass, { until }, (step, seen, probed) => {
    steps.push(tracedStep(step, seen, probed, { endedAt: clock.now(), callsBefore: calls.length }));
    logStep(step, seen, probed);
  });
  const endedAt = clock.now();
  const record = watch.latest();
  const isOverdue = record !== undefined && isOverdueAt(record, account.policy, endedAt);
  logPass(log, account.alias, report, { calls: counts, isOverdue });
  const { origin } = log;
  const { alias } = account;
  const { changes } = watch;
  await parts.telemetry?.notePass({
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

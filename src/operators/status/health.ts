// Whether the service itself is alive: whether the timer runs, and which accounts need an operator.
// It must not judge an account again: blocked, failing and overdue are findings of the last passes.
// A blocked account does not make the service unhealthy. A silent timer does, because nothing else would notice it.

import { BOUNDS } from '../../base/bounds.ts';
import { allEnded } from '../../base/lanes.ts';
import type { AccountSummary } from '../answers/account.ts';
import type { HealthReport, NotedAccounts } from '../answers/health.ts';
import type { HealthParts } from '../ports.ts';
import { fleetStatus } from './fleet-status.ts';

const MINIMUM_ALLOWED_MS = 120_000;
/** Assumed until two ticks were seen, so that a schedule of up to this interval is not called late. */
const UNKNOWN_INTERVAL_MS = 1_800_000;

export async function healthOf(parts: HealthParts): Promise<HealthReport> {
  const [ticks, { accounts, isFrozen, problems }, deadNotifications] = await allEnded([
    parts.ports.records.listTicks(),
    fleetStatus(parts),
    isNotifying(parts) ? parts.outbox.countDead() : 0,
  ]);
  const timer = timerHealth(ticks, parts.clock.now());
  return {
    isHealthy: !timer.isLate,
    timer,
    accounts: accounts.length,
    isFrozen,
    overdue: noted(accounts.filter(({ isOverdue }) => isOverdue)),
    // Failing passes do not end a block: while they fail, the last block found counts.
    blocked: noted(
      accounts
        .filter(({ isBlocked, interruptedBlock }) => isBlocked || interruptedBlock !== undefined)
        .map((account) => ({ ...account, reason: account.interruptedBlock ?? account.reason })),
    ),
    failing: noted(accounts.filter(({ failures }) => failures > 0)),
    configurationProblems: problems.length,
    deadNotifications,
  };
}

function isNotifying({ settings }: HealthParts): boolean {
  return settings.ok && settings.settings.notifications !== undefined;
}

/** Late if it has not run for two intervals. `ticks`: the instants at which it ran, newest first. */
export function timerHealth(ticks: readonly number[], now: number): HealthReport['timer'] {
  const [last] = ticks;
  const remedy =
    'See whether the Function App runs and whether reconcile-on-schedule is enabled and its RECONCILE_SCHEDULE is set.';
  if (last === undefined) return { isLate: true, detail: 'The timer has not run yet.', remedy };
  const intervalMs = usualInterval(ticks);
  const allowedMs = Math.max(2 * (intervalMs ?? UNKNOWN_INTERVAL_MS), MINIMUM_ALLOWED_MS);
  // A tick that is further ahead is of a clock that was set back since: the timer has not run on the present one.
  const isLate = Math.abs(now - last) > allowedMs;
  const ago =
    now < last ? 'The timer last ran before the clock was set back' : `The timer last ran ${seconds(now - last)} s ago`;
  return {
    isLate,
    lastTickAt: new Date(last).toISOString(),
    ...(intervalMs === undefined ? {} : { intervalSeconds: seconds(intervalMs) }),
    detail: isLate ? `${ago}; ${seconds(allowedMs)} s, two intervals, are allowed.` : `${ago}.`,
    ...(isLate ? { remedy } : {}),
  };
}

/** The median, so that one long gap, such as an outage, hardly counts. */
function usualInterval(ticks: readonly number[]): number | undefined {
  const intervals = ticks.slice(1).map((tick, index) => (ticks[index] ?? tick) - tick);
  return intervals.toSorted((a, b) => a - b)[Math.floor((intervals.length - 1) / 2)];
}

function seconds(ms: number): number {
  return Math.max(0, Math.round(ms / 1000));
}

interface Notable extends Pick<AccountSummary, 'account' | 'failures' | 'lastPassAt'> {
  readonly reason?: string | undefined;
}

function noted(accounts: readonly Notable[]): NotedAccounts {
  const named = accounts.slice(0, BOUNDS.healthAccountsNamed).map(({ account, reason, failures, lastPassAt }) => ({
    account,
    failures,
    ...(reason === undefined ? {} : { reason }),
    ...(lastPassAt === undefined ? {} : { lastPassAt }),
  }));
  return { count: accounts.length, accounts: named };
}

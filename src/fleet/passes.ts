// One tick of the timer: a pass over each account that is due or not yet enrolled, independent of one another.
// It must not decide what a pass does, and a failing account must not stop the others. What is more than one invocation
// should take is left to the caller, who hands it on.
import { createHash } from 'node:crypto';
import type { Log } from '../base/log.ts';
import type { App } from '../compose.ts';
import type { Fleet } from '../config/fleet.ts';
import { isOverdueAt } from '../rotation/decide/schedule.ts';
import type { Account, AccountId } from '../rotation/model.ts';
import { interceptPorts } from '../rotation/pass/intercept.ts';
import { type PassReport, reconcile } from '../rotation/pass/reconcile.ts';
import type { DueRead, FleetMark } from '../rotation/ports.ts';
import { traceCalls } from '../telemetry/call-trace.ts';
import { type TracedStep, tracedStep, watchRecord } from '../telemetry/pass-trace.ts';
import { isCampaignMark } from './campaign/rules/model.ts';
import { CurrentAccounts } from './current-accounts.ts';
import { logPass, stepLog } from './pass-log.ts';
import { Turns } from './turns.ts';
import { listUrgently } from './urgent-accounts.ts';

/** Bounds of one tick; the function's time-out must be longer than `stepsForMs`. */
export interface TickBounds {
  /** No pass begins later than this after the start. */
  readonly startsForMs: number;
  /** No step begins later than this after the start. */
  readonly stepsForMs: number;
  readonly concurrency: number;
  /** More accounts than this are not passed over in one invocation. */
  readonly accounts: number;
}

/** Fits into the ten minutes of host.json with the longest call to spare. */
export const TICK_BOUNDS: TickBounds = {
  startsForMs: 7 * 60_000,
  stepsForMs: 8 * 60_000,
  concurrency: 32,
  accounts: 200,
};

export interface TickReport {
  readonly accounts: number;
  readonly due: number;
  readonly passes: number;
  /** Due accounts that this invocation has not taken: too many, or time was up. */
  readonly left: number;
  readonly problems: number;
  /** Campaigns that are due. */
  readonly campaigns: number;
}

export interface TickOutcome {
  readonly report: TickReport;
  readonly left: readonly AccountId[];
  /** As it was read when the tick began. */
  readonly mark: FleetMark;
  /** Names the present fleet when all of it was seen enrolled: to be noted for the next tick. */
  readonly enrolled: string | undefined;
  readonly isFrozen: boolean;
}

/**
 * `alongside` runs next to the passes and is told how many campaigns are due: a full subscription must not hold it up.
 * Emergencies wait neither for it, nor for the passes of others, nor for the configuration of the whole fleet.
 */
export async function passOverFleet(
  app: App,
  log: Log,
  bounds: TickBounds = TICK_BOUNDS,
  alongside: (campaigns: number) => Promise<void> = () => Promise.resolve(),
): Promise<TickOutcome> {
  const startedAt = app.clock.now();
  const due = await app.ports.records.listDue(startedAt);
  const reading = app.fleet({ discovery: due.mark.discovery });
  const [routine, urgent] = await Promise.allSettled([
    passOverRoutine(app, log, { startedAt, due, reading, bounds, alongside }),
    passOverEmergencies(app, due.urgentIds, reading, boundsFrom(startedAt, bounds), log),
  ]);
  // Neither goes on after the end of the tick, however the other one ends.
  if (urgent.status === 'rejected') throw urgent.reason;
  if (routine.status === 'rejected') throw routine.reason;
  const { report } = routine.value;
  return { ...routine.value, report: { ...report, passes: report.passes + urgent.value } };
}

interface Routine {
  readonly startedAt: number;
  readonly due: DueRead;
  readonly reading: Promise<Fleet>;
  readonly bounds: TickBounds;
  readonly alongside: (campaigns: number) => Promise<void>;
}

async function passOverRoutine(
  app: App,
  log: Log,
  { startedAt, due, reading, bounds, alongside }: Routine,
): Promise<TickOutcome> {
  const { accountIds, mark } = due;
  const fleet = await reading;
  for (const problem of fleet.problems) log('warn', 'configurationProblem', { ...problem });
  const { missing, enrolled } = await readEnrolment(app, fleet.accounts, mark);
  const urgent = new Set(due.urgentIds);
  const woken = mark.isFrozen === true && !fleet.isFrozen ? await heldByFreeze(app) : [];
  const ordered = inOrder(fleet.accounts, [...accountIds, ...woken, ...missing]).filter(({ id }) => !urgent.has(id));
  const campaigns = accountIds.filter(isCampaignMark).length;
  const [passed, beside] = await Promise.allSettled([
    passOverAll(app, ordered.slice(0, bounds.accounts), boundsFrom(startedAt, bounds), log),
    alongside(campaigns),
  ]);
  if (passed.status === 'rejected') throw passed.reason;
  if (beside.status === 'rejected') throw beside.reason;
  const { passes, rest } = passed.value;
  const left = [...rest, ...ordered.slice(bounds.accounts)].map(({ id }) => id);
  const { accounts, problems } = fleet;
  return {
    report: {
      accounts: accounts.length,
      due: ordered.length + urgent.size,
      passes,
      left: left.length,
      problems: problems.length,
      campaigns,
    },
    left,
    mark,
    enrolled,
    isFrozen: fleet.isFrozen,
  };
}

/** Accounts whose last pass met the freeze: after it they would sleep on for up to the longest back-off. */
async function heldByFreeze(app: App): Promise<readonly AccountId[]> {
  const rows = await app.ports.records.listStatus();
  return rows.filter(({ lastPass }) => lastPass?.reason === 'Frozen').map(({ accountId }) => accountId);
}

/** Answers how many passes there were. Throws when the table cannot be read. */
async function passOverEmergencies(
  app: App,
  ids: readonly AccountId[],
  reading: Promise<Fleet>,
  bounds: PassBounds,
  log: Log,
): Promise<number> {
  if (ids.length === 0) return 0;
  const known = await listUrgently(app, ids, reading);
  const { passes } = await passOverAll(app, known, bounds, log, { isFixed: true });
  const found = new Set(known.map(({ id }) => id));
  if (ids.every((id) => found.has(id))) return passes;
  // Not known from the table: written by an earlier version, or by none.
  const late = (await reading).accounts.filter(({ id }) => ids.includes(id) && !found.has(id));
  return passes + (await passOverAll(app, late, bounds, log)).passes;
}

export interface PassBounds {
  /** No pass begins at or after this instant, milliseconds since the epoch. */
  readonly startsUntil: number;
  /** No step begins at or after this instant. */
  readonly stepsUntil: number;
  readonly concurrency: number;
}

export function boundsFrom(
  startedAt: number,
  { startsForMs, stepsForMs, concurrency }: Omit<TickBounds, 'accounts'>,
): PassBounds {
  return { startsUntil: startedAt + startsForMs, stepsUntil: startedAt + stepsForMs, concurrency };
}

export interface Passes {
  readonly passes: number;
  /** Those whose turn has not come in time. */
  readonly rest: readonly Account[];
}

export interface PassChoice {
  /** Asked before the first pass over each account. */
  readonly isWanted?: (account: Account) => Promise<boolean>;
  /** The accounts are taken as they are, whatever App Configuration says meanwhile. */
  readonly isFixed?: true;
}

/**
 * Passes over accounts, a few at a time; those who are not admitted to their subscription come back at their turn. Throws
 * what `isWanted` throws, and when the configuration cannot be read anew, once all passes that have begun are over.
 */
export async function passOverAll(
  app: App,
  accounts: readonly Account[],
  { startsUntil, stepsUntil, concurrency }: PassBounds,
  log: Log,
  { isWanted, isFixed }: PassChoice = {},
): Promise<Passes> {
  const turns = new Turns(accounts);
  const present = async () => (isFixed === true ? accounts : (await app.fleet()).accounts);
  const source = { clock: app.clock, accounts: present };
  const current = new CurrentAccounts(source, accounts);
  let passes = 0;
  const lane = async (): Promise<void> => {
    for (let now = app.clock.now(); now < startsUntil; now = app.clock.now()) {
      const turn = turns.next(now);
      if (turn === undefined) return;
      if (turn.kind === 'notYet') {
        // Everything else is done or under way: this lane holds nothing up.
        if (turn.at >= startsUntil) return;
        await app.sleep(turn.at - now);
        continue;
      }
      await current.renew();
      const account = current.get(turn.account.id);
      if (account === undefined || (!turn.isAgain && (await isWanted?.(account)) === false)) continue;
      passes++;
      const { outcome } = await passOver(app, account, stepsUntil, log);
      turns.comeBack(account, outcome, app.clock.now());
    }
  };
  const lanes = Array.from({ length: Math.min(concurrency, turns.size) }, lane);
  for (const ended of await Promise.allSettled(lanes)) if (ended.status === 'rejected') throw ended.reason;
  return { passes, rest: turns.rest() };
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

interface Enrolment {
  /** Accounts without an entity in the table: nobody has passed over them yet. */
  readonly missing: readonly AccountId[];
  /** Names the present fleet once none of it is missing. */
  readonly enrolled: string | undefined;
}

/**
 * Which accounts the table does not know yet; all others come up by themselves when they are due. Costs a query only
 * while the fleet is not the one that was last seen complete, also in a process that has just started.
 */
async function readEnrolment(app: App, accounts: readonly Account[], mark: FleetMark): Promise<Enrolment> {
  const name = nameOf(accounts);
  if (mark.enrolled === name) return { missing: [], enrolled: name };
  // Whatever is in the table will be due some day: the query that reads least of each row.
  const known = new Set((await app.ports.records.listDue(Number.MAX_SAFE_INTEGER)).accountIds);
  const missing = accounts.map(({ id }) => id).filter((id) => !known.has(id));
  return { missing, enrolled: missing.length === 0 ? name : undefined };
}

/** By the list of accounts, which stays the same object while nothing changes: a tick does not hash a fleet anew. */
const names = new WeakMap<readonly Account[], string>();

/** Equal for equal sets of accounts in equal order. */
function nameOf(accounts: readonly Account[]): string {
  const known = names.get(accounts);
  if (known !== undefined) return known;
  const digest = createHash('sha256');
  for (const [index, { id }] of accounts.entries()) digest.update(index === 0 ? id : `\n${id}`);
  const name = digest.digest('hex').slice(0, 32);
  names.set(accounts, name);
  return name;
}

/** The accounts meant, each once; ids of accounts that are not configured any more are left out. */
function inOrder(accounts: readonly Account[], ids: readonly AccountId[]): readonly Account[] {
  if (ids.length === 0) return [];
  const byId = new Map(accounts.map((account) => [account.id, account]));
  return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
}

// One tick of the timer: a pass over each account that is due or not yet enrolled, independent of one another.
// It must not decide what a pass does. A failing account must not stop the others. Accounts beyond the bounds of one
// invocation are returned to the caller, who passes them on.

import { createHash } from 'node:crypto';
import { allEnded, inLanes } from '../base/lanes.ts';
import type { Log } from '../base/log.ts';
import type { Fleet } from '../config/fleet.ts';
import type { Account, AccountId } from '../rotation/model.ts';
import { CurrentAccounts } from './current-accounts.ts';
import { listLeaving } from './leaving-accounts.ts';
import { passOver } from './pass.ts';
import type { DueRead, FleetMark, FleetParts } from './ports.ts';
import { listUrgently } from './urgent-accounts.ts';
import { WaitingAccounts } from './waiting-accounts.ts';

/** Bounds of one tick; the function's time-out must be longer than `stepsForMs`. */
export interface TickBounds {
  /** No pass begins later than this after the start. */
  readonly startsForMs: number;
  /** No step begins later than this after the start. */
  readonly stepsForMs: number;
  readonly concurrency: number;
  /** At most this many accounts are passed over in one invocation. */
  readonly accounts: number;
}

/** Fits into the ten minutes of host.json, with time left for the longest call. */
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
  /** Names the present fleet if all of it was seen enrolled; to be noted for the next tick. */
  readonly enrolled: string | undefined;
  readonly isFrozen: boolean;
}

/** The due accounts and campaigns when a tick begins, and the configuration, which is being read. */
export interface DueFleet extends DueRead {
  readonly startedAt: number;
  readonly reading: Promise<Fleet>;
}

/** Throws when the table cannot be read. */
export async function readDue(parts: FleetParts): Promise<DueFleet> {
  const startedAt = parts.clock.now();
  const due = await parts.ports.records.listDue(startedAt);
  const reading = parts.fleet({ discovery: due.mark.discovery });
  // The first user of the promise sees the failure. Until then it must not count as an unhandled rejection.
  reading.catch(() => undefined);
  return { ...due, startedAt, reading };
}

/**
 * Passes over the due accounts. Emergencies wait neither for the passes of others nor for the configuration of the
 * whole fleet. Throws if the configuration or the table cannot be read, after all passes that have begun are over.
 */
export async function passOverFleet(
  parts: FleetParts,
  due: DueFleet,
  log: Log,
  bounds: TickBounds = TICK_BOUNDS,
): Promise<TickOutcome> {
  const [urgent, routine] = await allEnded([
    passOverEmergencies(parts, due, boundsFrom(due.startedAt, bounds), log),
    passOverRoutine(parts, due, log, bounds),
  ]);
  const { report } = routine;
  return { ...routine, report: { ...report, passes: report.passes + urgent } };
}

async function passOverRoutine(parts: FleetParts, due: DueFleet, log: Log, bounds: TickBounds): Promise<TickOutcome> {
  const { startedAt, campaigns, mark } = due;
  const fleet = await due.reading;
  for (const problem of fleet.problems) log('warn', 'configurationProblem', { ...problem });
  const { missing, enrolled } = await readEnrolment(parts, fleet.accounts, mark);
  const urgent = new Set(due.urgent);
  const woken = mark.isFrozen === true && !fleet.isFrozen ? await heldByFreeze(parts) : [];
  // Without the feature the rows of holders stay due, and nothing is to be done for them.
  const ofHolders = parts.holders === undefined ? [] : (due.ofHolders ?? []);
  const ordered = inOrder(fleet.accounts, [...due.accounts, ...woken, ...missing, ...ofHolders]).filter(
    ({ id }) => !urgent.has(id),
  );
  const taken = ordered.slice(0, bounds.accounts);
  const leaving = (await listLeaving(parts, due.accounts, fleet)).filter(({ id }) => !urgent.has(id));
  const [{ passes: ofLeaving }, { passes, rest }] = await allEnded([
    passOverAll(parts, leaving.slice(0, bounds.accounts), boundsFrom(startedAt, bounds), log, { isFixed: true }),
    passOverAll(parts, taken, boundsFrom(startedAt, bounds), log),
  ]);
  const left = [...rest, ...ordered.slice(bounds.accounts)].map(({ id }) => id);
  const { accounts, problems } = fleet;
  return {
    report: {
      accounts: accounts.length,
      due: ordered.length + leaving.length + urgent.size,
      passes: passes + ofLeaving,
      left: left.length,
      problems: problems.length,
      campaigns: campaigns.length,
    },
    left,
    mark,
    enrolled,
    isFrozen: fleet.isFrozen,
  };
}

/** Accounts whose last pass met the freeze. After it they would otherwise wait for up to the longest back-off. */
async function heldByFreeze(parts: FleetParts): Promise<readonly AccountId[]> {
  const rows = await parts.ports.records.listStatus();
  return rows.filter(({ lastPass }) => lastPass?.reason === 'Frozen').map(({ accountId }) => accountId);
}

/** Returns how many passes there were. Throws when the table cannot be read. */
async function passOverEmergencies(
  parts: FleetParts,
  { urgent, reading }: DueFleet,
  bounds: PassBounds,
  log: Log,
): Promise<number> {
  if (urgent.length === 0) return 0;
  const known = await listUrgently(parts, urgent, reading);
  const { passes } = await passOverAll(parts, known, bounds, log, { isFixed: true });
  const found = new Set(known.map(({ id }) => id));
  if (urgent.every((id) => found.has(id))) return passes;
  // Not known from the table: an earlier version has written the record, or there is none.
  const late = (await reading).accounts.filter(({ id }) => urgent.includes(id) && !found.has(id));
  return passes + (await passOverAll(parts, late, bounds, log)).passes;
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
  /** Accounts whose turn did not come in time. */
  readonly rest: readonly Account[];
}

export interface PassChoice {
  /** Called before the first pass over each account. */
  readonly isWanted?: (account: Account) => Promise<boolean>;
  /** Uses the accounts as they are passed in: later changes in App Configuration have no effect. */
  readonly isFixed?: true;
}

/**
 * Passes over accounts, a few at a time. An account that its subscription does not admit gets another turn later. Throws
 * the error of `isWanted` or of reading the configuration again: no pass begins after it, and those that have begun are
 * over.
 */
export async function passOverAll(
  parts: FleetParts,
  accounts: readonly Account[],
  { startsUntil, stepsUntil, concurrency }: PassBounds,
  log: Log,
  { isWanted, isFixed }: PassChoice = {},
): Promise<Passes> {
  const waiting = new WaitingAccounts(accounts);
  const present = async () => (isFixed === true ? accounts : (await parts.fleet()).accounts);
  const source = { clock: parts.clock, accounts: present };
  const current = new CurrentAccounts(source, accounts);
  let passes = 0;
  const lane = async (goesOn: () => boolean): Promise<void> => {
    for (let now = parts.clock.now(); now < startsUntil && goesOn(); now = parts.clock.now()) {
      const turn = waiting.next(now);
      if (turn === undefined) return;
      if (turn.kind === 'notYet') {
        // Everything else is done or under way: this lane holds nothing up.
        if (turn.at >= startsUntil) return;
        await parts.sleep(turn.at - now);
        continue;
      }
      await current.renew();
      const account = current.get(turn.account.id);
      if (account === undefined || (!turn.isAgain && (await isWanted?.(account)) === false)) continue;
      passes++;
      const { outcome } = await passOver(parts, account, stepsUntil, log);
      waiting.comeBack(account, outcome, parts.clock.now());
    }
  };
  await inLanes(Math.min(concurrency, waiting.size), lane);
  return { passes, rest: waiting.rest() };
}

interface Enrolment {
  /** Accounts without an entity in the table: there was no pass over them yet. */
  readonly missing: readonly AccountId[];
  /** Names the present fleet once no account of it is missing. */
  readonly enrolled: string | undefined;
}

/**
 * Finds the accounts that are not yet in the table; all others come up by themselves when they are due. Costs a query
 * only if the fleet differs from the fleet that was last seen complete. A process that has just started knows that too.
 */
async function readEnrolment(parts: FleetParts, accounts: readonly Account[], mark: FleetMark): Promise<Enrolment> {
  const name = nameOf(accounts);
  if (mark.enrolled === name) return { missing: [], enrolled: name };
  const rows = await parts.ports.records.listStatus();
  // An account that had left and is configured again is as good as new.
  const known = new Set(
    rows.filter(({ lastPass }) => lastPass?.reason !== 'NotConfigured').map((row) => row.accountId),
  );
  const missing = accounts.map(({ id }) => id).filter((id) => !known.has(id));
  return { missing, enrolled: missing.length === 0 ? name : undefined };
}

/** Keyed by the list of accounts, which stays the same object while nothing changes: no tick hashes a fleet again. */
const names = new WeakMap<readonly Account[], string>();

/** Equal for equal accounts in equal order. */
function nameOf(accounts: readonly Account[]): string {
  const known = names.get(accounts);
  if (known !== undefined) return known;
  const digest = createHash('sha256');
  for (const [index, { id }] of accounts.entries()) digest.update(index === 0 ? id : `\n${id}`);
  const name = digest.digest('hex').slice(0, 32);
  names.set(accounts, name);
  return name;
}

/** The accounts with these ids, each once. Leaves out ids of accounts that are not configured any more. */
function inOrder(accounts: readonly Account[], ids: readonly AccountId[]): readonly Account[] {
  if (ids.length === 0) return [];
  const byId = new Map(accounts.map((account) => [account.id, account]));
  return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
}

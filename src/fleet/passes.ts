// One tick of the timer: a pass over each account that is due or not yet enrolled, independent of one another.
// It must not decide what a pass does, and a failing account must not stop the others. What is more than one invocation
// should take is left to the caller, who hands it on.

import { createHash } from 'node:crypto';
import { allEnded, inLanes } from '../base/lanes.ts';
import type { Log } from '../base/log.ts';
import type { Fleet } from '../config/fleet.ts';
import type { Account, AccountId } from '../rotation/model.ts';
import { CurrentAccounts } from './current-accounts.ts';
import { passOver } from './pass.ts';
import type { DueRead, FleetMark, FleetParts } from './ports.ts';
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

/** What is due as a tick begins, and the configuration, which is being read. */
export interface DueFleet extends DueRead {
  readonly startedAt: number;
  readonly reading: Promise<Fleet>;
}

/** Throws when the table cannot be read. */
export async function readDue(parts: FleetParts): Promise<DueFleet> {
  const startedAt = parts.clock.now();
  const due = await parts.ports.records.listDue(startedAt);
  const reading = parts.fleet({ discovery: due.mark.discovery });
  // Whoever needs it first learns that it failed; until then nobody must call that unhandled.
  reading.catch(() => undefined);
  return { ...due, startedAt, reading };
}

/**
 * Passes over what is due. Emergencies wait neither for the passes of others nor for the configuration of the whole fleet.
 * Throws when the configuration or the table cannot be read, once all passes that have begun are over.
 */
export async function passOverFleet(
  parts: FleetParts,
  due: DueFleet,
  log: Log,
  bounds: TickBounds = TICK_BOUNDS,
): Promise<TickOutcome> {
  const [urgent, routine] = await allEnded<[number, TickOutcome]>([
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
  const ordered = inOrder(fleet.accounts, [...due.accounts, ...woken, ...missing]).filter(({ id }) => !urgent.has(id));
  const taken = ordered.slice(0, bounds.accounts);
  const { passes, rest } = await passOverAll(parts, taken, boundsFrom(startedAt, bounds), log);
  const left = [...rest, ...ordered.slice(bounds.accounts)].map(({ id }) => id);
  const { accounts, problems } = fleet;
  return {
    report: {
      accounts: accounts.length,
      due: ordered.length + urgent.size,
      passes,
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

/** Accounts whose last pass met the freeze: after it they would sleep on for up to the longest back-off. */
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
  // Not known from the table: written by an earlier version, or by none.
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
  parts: FleetParts,
  accounts: readonly Account[],
  { startsUntil, stepsUntil, concurrency }: PassBounds,
  log: Log,
  { isWanted, isFixed }: PassChoice = {},
): Promise<Passes> {
  const turns = new Turns(accounts);
  const present = async () => (isFixed === true ? accounts : (await parts.fleet()).accounts);
  const source = { clock: parts.clock, accounts: present };
  const current = new CurrentAccounts(source, accounts);
  let passes = 0;
  const lane = async (): Promise<void> => {
    for (let now = parts.clock.now(); now < startsUntil; now = parts.clock.now()) {
      const turn = turns.next(now);
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
      turns.comeBack(account, outcome, parts.clock.now());
    }
  };
  await inLanes(Math.min(concurrency, turns.size), lane);
  return { passes, rest: turns.rest() };
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
async function readEnrolment(parts: FleetParts, accounts: readonly Account[], mark: FleetMark): Promise<Enrolment> {
  const name = nameOf(accounts);
  if (mark.enrolled === name) return { missing: [], enrolled: name };
  // Whatever is in the table will be due some day: the query that reads least of each row.
  const known = new Set((await parts.ports.records.listDue(Number.MAX_SAFE_INTEGER)).accounts);
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

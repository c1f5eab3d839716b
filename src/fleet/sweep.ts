// Removes rows that nothing works with any more: once a week, in a round over all accounts of the table. docs/retention.md
// says what is kept, and for how long. A round begins where the last tick has left it; an interrupted one is repeated.
// It must not touch an account that is in the fleet, beyond what is old of it, nor fail a tick.
import { forEachInLanes } from '../base/lanes.ts';
import type { Log } from '../base/log.ts';
import { keptSince } from '../base/retention.ts';
import type { Fleet } from '../config/fleet.ts';
import { errorFields } from '../rotation/errors.ts';
import type { Account } from '../rotation/model.ts';
import type { Clock, StatusRow } from '../rotation/ports.ts';
import type { CampaignsPort } from './campaign/ports.ts';
import { type FleetPorts, hasLeft, type Sweep } from './ports.ts';

const ROUND_EVERY_MS = 7 * 86_400_000;
/** Accounts that one tick looks at, and how many of them at once. */
const ACCOUNTS_PER_TICK = 100;
const CONCURRENCY = 8;

/** The parts that a sweep needs. */
export interface SweepParts {
  readonly ports: FleetPorts;
  readonly campaigns: Pick<CampaignsPort, 'forget'>;
  readonly checks: {
    /** Removes notes of searches that began before `before`; returns how many. */
    forgetSearches(before: number): Promise<number>;
  };
  readonly clock: Clock;
}

/** What one tick does for the round. Returns the note for the next tick; never rejects. */
export async function sweep(parts: SweepParts, fleet: Fleet, former: Sweep | undefined, log: Log): Promise<Sweep> {
  const now = parts.clock.now();
  // A first tick has nothing old. A round of the future was begun by a clock that was ahead.
  if (former === undefined || former.begunAt > now) return { begunAt: now };
  const { after, begunAt } = former;
  if (after === undefined && now - begunAt < ROUND_EVERY_MS) return former;
  let rest: readonly StatusRow[];
  try {
    rest = (await parts.ports.records.listStatus())
      .filter(({ accountId }) => accountId > (after ?? ''))
      .toSorted((a, b) => (a.accountId < b.accountId ? -1 : 1));
  } catch (error) {
    log('warn', 'rowsNotForgotten', errorFields(error));
    return former;
  }
  const turn = rest.slice(0, ACCOUNTS_PER_TICK);
  const isWhole = turn.length === rest.length;
  const accounts = new Map(fleet.accounts.map((account) => [account.id, account]));
  const removals = [
    ...turn.map((row) => () => forgetOf(parts.ports, row, accounts.get(row.accountId), now)),
    ...(isWhole ? fleetRemovals(parts, now) : []),
  ];
  const count = await removeAll(removals, log);
  if (count > 0) log('info', 'rowsForgotten', { count });
  const last = turn.at(-1);
  const round = after === undefined ? now : begunAt;
  return isWhole || last === undefined ? { begunAt: round } : { begunAt: round, after: last.accountId };
}

type Removal = () => Promise<number>;

/** Rows that belong to no account. */
function fleetRemovals({ campaigns, checks }: SweepParts, now: number): readonly Removal[] {
  return [
    () => campaigns.forget(keptSince('campaigns', now)),
    () => checks.forgetSearches(keptSince('vaultSearches', now)),
  ];
}

/** Returns how many rows are gone. What fails is logged, and left to the next round: it must not end all rounds. */
async function removeAll(removals: readonly Removal[], log: Log): Promise<number> {
  let count = 0;
  await forEachInLanes(removals, CONCURRENCY, async (remove) => {
    try {
      // Not in one line: a sum that was read before the wait would lose what other lanes add meanwhile.
      const removed = await remove();
      count += removed;
    } catch (error) {
      log('warn', 'rowsNotForgotten', errorFields(error));
    }
  });
  return count;
}

/** `account`: absent if it is not in the fleet. */
function forgetOf({ records }: FleetPorts, row: StatusRow, account: Account | undefined, now: number): Promise<number> {
  const leftBefore = keptSince('leftAccounts', now);
  const isReadable = row.record.state !== 'unreadable';
  if (account === undefined && isReadable && hasLeft(row, leftBefore))
    return records.forgetAccount(row.accountId, leftBefore);
  const old = {
    historyBefore: keptSince('history', now),
    requestsBefore: keptSince('closedRequests', now),
  };
  // The consumers are known from a valid policy only.
  if (account === undefined || account.policy.isInvalid === true) return records.forgetOld(row.accountId, old);
  const acknowledgements = { before: keptSince('acknowledgements', now), except: account.policy.consumers };
  return records.forgetOld(row.accountId, { ...old, acknowledgements });
}

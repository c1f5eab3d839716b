// One pass over an account that may have holders: the pass sees what they require, a publish brings them along at once,
// and the rest is done after the pass. It must not decide about keys: the core does, with the evidence as
// acknowledgements.
//
//   begin    read the row ──► the policy and the acknowledgements that the pass sees
//   publish  note that the holders need a look ──► publish ──► bring all, bounded in time
//   end      search the scopes (once a day) ──► bring the holders that are behind ──► new evidence? another pass
import type { Log } from '../base/log.ts';
import type { Account, Policy } from '../rotation/model.ts';
import type { Ports, StoredAccount } from '../rotation/ports.ts';
import { urgencyOf } from '../rotation/urgency.ts';
import { recordOf } from '../rotation/working-place.ts';
import { Keeper } from './keeper.ts';
import { NOTHING_KNOWN, SEARCH_EVERY_MS } from './model.ts';
import type { HolderParts } from './ports.ts';
import { acknowledgementsOf, requirementOf } from './requirement.ts';
import { type Seen, watchPass } from './watch.ts';

/** How long a publish waits for holders. An emergency has little time: the leaked key lives on. */
const AT_PUBLISH_MS = { routine: 30_000, compromised: 5_000 } as const;
/** Reading values again before a pass counts them. */
const RECHECK_MS = 20_000;
/** A pass that can do nothing for the holders must not be woken for them at once. */
const IDLE_LOOK_MS = 3_600_000;
/** After a pass. */
const AFTER_PASS_MS = 60_000;
/** A search may take as long as this, so it begins only in an invocation that has the time. */
const SEARCH_MS = 150_000;

/** Runs one pass over the account, with `wrap` around its ports. */
type PassRun<T> = (account: Account, wrap: (ports: Ports) => Ports) => Promise<T>;

/**
 * One pass with its holders. What is seen of them after the pass may let it go on: then there is one more, and its
 * outcome is returned. Throws only what `pass` throws.
 */
export async function passWithHolders<T>(
  parts: HolderParts,
  account: Account,
  { until, log }: { readonly until: number; readonly log: Log },
  pass: PassRun<T>,
): Promise<T> {
  const round = await beginRound(parts, account, log);
  const outcome = await pass(round.account, (ports) => round.watch(ports));
  const mayGoOn = await round.end(until);
  if (!mayGoOn || parts.clock.now() >= until) return outcome;
  const next = await beginRound(parts, account, log);
  return pass(next.account, (ports) => next.watch(ports));
}

interface HolderRound {
  /** With the policy as the pass must see it. */
  readonly account: Account;
  /** The ports of the pass. */
  watch(ports: Ports): Ports;
  /** To be called once, after the pass. Whether it brought evidence that the pass did not have. Never throws. */
  end(until: number): Promise<boolean>;
}

/** Never throws. Without the row nothing is known of the holders, and an overlap waits for them. */
async function beginRound(parts: HolderParts, account: Account, log: Log): Promise<HolderRound> {
  const keeper = new Keeper(parts, account, log);
  await keeper.read();
  const { holders } = keeper;
  const { account: required, holdsFirst } = requirementOf(account, holders?.known);
  const { clock } = parts;
  const watching = {
    configured: account,
    clock,
    holdsFirst,
    acknowledgementsFor: (record: Seen['record']) =>
      acknowledgementsOf(keeper.holders?.known ?? NOTHING_KNOWN, record, account.policy, clock.now()),
    afterRead: async (stored: StoredAccount) => {
      // The pass may end the overlap by this evidence. An emergency does not ask for it.
      const isOverlap = recordOf(stored)?.phase === 'propagating' && urgencyOf(stored) === 'routine';
      if (isOverlap) await keeper.recheck(clock.now() + RECHECK_MS);
    },
    // If the publish is the last act of this process, the next tick finds the holders due.
    beforePublish: async () => {
      if (hasHolders(keeper)) await keeper.keep({ lookedFor: undefined, nextAt: clock.now() });
    },
    afterPublish: async ({ published, keys, record, stored }: Seen) => {
      const urgency = stored === undefined ? 'routine' : urgencyOf(stored);
      const until = clock.now() + AT_PUBLISH_MS[urgency];
      if (published !== undefined && keys !== undefined) await keeper.bring({ published, keys, record }, until, true);
    },
  };
  let seen: Seen | undefined;
  return {
    account: required,
    watch(ports) {
      const watched = watchPass(ports, watching);
      seen = watched.seen;
      return watched.ports;
    },
    end: async (until) => seen !== undefined && (await endRound(keeper, seen, account.policy, clock.now(), until)),
  };
}

async function endRound(
  keeper: Keeper,
  { published, keys, record, stored }: Seen,
  policy: Policy,
  now: number,
  until: number,
): Promise<boolean> {
  // Otherwise the pass has not come as far as to know which version is published.
  if (published === undefined || keys === undefined || record?.published.version !== published.version) {
    await lookLater(keeper, policy, now);
    return false;
  }
  const mayBring = mayChange(policy, stored);
  if (!mayBring) await lookLater(keeper, policy, now);
  const seen = { published, keys, record };
  const before = evidenceIn(keeper);
  if (isSearchDue(keeper, now) && now + SEARCH_MS <= until) await keeper.search(seen);
  const { lookedFor, nextAt } = keeper.holders?.known ?? NOTHING_KNOWN;
  const isDue =
    mayBring && hasHolders(keeper) && (lookedFor !== published.version || (nextAt !== undefined && nextAt <= now));
  const isOverlap = record.phase === 'propagating' || record.phase === 'retiring';
  if (isDue) await keeper.bring(seen, Math.min(until, now + AFTER_PASS_MS), isOverlap);
  return record.phase === 'propagating' && evidenceIn(keeper) !== before;
}

/** Outside of a publish, an account that is only observed, held or let go is left as it is. */
function mayChange({ isObserveOnly, isFrozen, leaves }: Policy, stored: Seen['stored']): boolean {
  return !isObserveOnly && !isFrozen && leaves === undefined && stored?.pause === undefined;
}

/** The account is not woken for its holders before, but the next pass that may bring them looks at once. */
async function lookLater(keeper: Keeper, { leaves }: Policy, now: number): Promise<void> {
  const nextAt = keeper.holders?.known.nextAt;
  if (nextAt === undefined || nextAt > now) return;
  await keeper.keep({ lookedFor: undefined, nextAt: leaves === undefined ? now + IDLE_LOOK_MS : undefined });
}

function hasHolders({ holders }: Keeper): boolean {
  return (holders?.known.holders.length ?? 0) > 0;
}

function isSearchDue({ holders }: Keeper, now: number): boolean {
  const searchedAt = holders?.known.searchedAt;
  // A later instant is of a clock that was ahead.
  return searchedAt === undefined || searchedAt > now || now >= searchedAt + SEARCH_EVERY_MS;
}

function evidenceIn({ holders }: Keeper): string {
  return JSON.stringify((holders?.known.holders ?? []).map(({ evidence }) => evidence?.version));
}

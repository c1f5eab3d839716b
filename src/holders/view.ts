// The holders of one account for people: the account as a pass sees it, and what is known. Reads the row; searches only
// where it is asked to. It must not bring a holder.
import type { Log } from '../base/log.ts';
import type { Account, ETag } from '../rotation/model.ts';
import type { Clock, StoredAccount } from '../rotation/ports.ts';
import { recordOf } from '../rotation/working-place.ts';
import { Keeper, type Known } from './keeper.ts';
import { type AccountHolders, NOTHING_KNOWN } from './model.ts';
import type { HolderParts, HolderRecords, HolderSources } from './ports.ts';
import { acknowledgementsOf, requirementOf } from './requirement.ts';

/** The answer shows a failure; a log line for each look of a page would say no more. */
const QUIET: Log = () => undefined;

export interface HolderView {
  /** With the policy as a pass sees it. */
  readonly account: Account;
  /** Whether any kind of holder is searched. */
  readonly isOn: boolean;
  /** Undefined if no kind is searched, or the row could not be read. */
  readonly known?: AccountHolders | undefined;
  /** The stored account with the evidence as acknowledgements. */
  stored(stored: StoredAccount): StoredAccount;
}

/** `holders` is absent when no kind of holder is searched: then nothing changes. Never throws. */
export async function viewHolders(
  { holders, clock }: { readonly holders?: HolderSources | undefined; readonly clock: Clock },
  account: Account,
): Promise<HolderView> {
  if (holders === undefined) return { account, isOn: false, stored: (stored) => stored };
  const keeper = new Keeper({ ...holders, clock }, account, QUIET);
  await keeper.read();
  const known = keeper.holders?.known;
  return {
    account: requirementOf(account, known).account,
    isOn: true,
    known,
    stored: (stored) => {
      const added = acknowledgementsOf(known ?? NOTHING_KNOWN, recordOf(stored), account.policy, clock.now());
      return { ...stored, acknowledgements: [...stored.acknowledgements, ...added] };
    },
  };
}

/** A person may have changed something since; but checks of a whole fleet share one inventory. */
const SEARCHED_AGE_MS = 60_000;

/**
 * Searches all scopes for holders of the account now, and keeps what was found if `isKept`. Undefined if the row cannot
 * be read.
 */
export async function searchNow(
  parts: HolderParts,
  account: Account,
  seen: Known,
  isKept: boolean,
): Promise<AccountHolders | undefined> {
  const records = isKept ? parts.records : withoutWrites(parts.records);
  const keeper = new Keeper({ ...parts, records }, account, QUIET);
  await keeper.read();
  await keeper.search(seen, SEARCHED_AGE_MS);
  return keeper.holders?.known;
}

function withoutWrites(records: HolderRecords): HolderRecords {
  return {
    read: (account) => records.read(account),
    write: (_, expected) => Promise.resolve(expected ?? ('' as ETag)),
  };
}

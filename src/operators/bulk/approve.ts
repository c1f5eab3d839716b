// Approves the first rotation of many accounts that wait with `StandbyMayBeInUse`: one request each, as one account gets
// it. An account whose standby key was found with a holder is left out: its approval needs a look at that holder.
import { BOUNDS } from '../../base/bounds.ts';
import { allEnded, forEachInLanes } from '../../base/lanes.ts';
import type { Log } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import type { CampaignFilter } from '../../fleet/campaign/rules/model.ts';
import { matches } from '../../fleet/campaign/rules/plan.ts';
import type { AccountHolders } from '../../holders/model.ts';
import { viewHolders } from '../../holders/view.ts';
import { asRotationError } from '../../rotation/errors.ts';
import type { Account, AccountId } from '../../rotation/model.ts';
import type { StatusRow } from '../../rotation/ports.ts';
import type { BlockedReason } from '../../rotation/reasons.ts';
import type { Approval, ApprovalsAnswer } from '../answers/bulk.ts';
import type { RequestParts } from '../ports.ts';
import { ask, requireAcceptable } from '../requests/ask.ts';
import { holdersAnswer } from '../status/holders-status.ts';

export interface Approving {
  readonly filter: CampaignFilter;
  readonly reason: string;
  readonly by: string;
  /** Accounts up to this alias are left out. */
  readonly after: string | undefined;
  readonly isDryRun: boolean;
}

const CONCURRENCY = 8;

/** Throws `Refusal` if the filter names an account that is not configured. */
export async function approveMany(parts: RequestParts, wish: Approving, log: Log): Promise<ApprovalsAnswer> {
  const [{ accounts }, status] = await allEnded([parts.fleet(), parts.ports.records.listStatus()]);
  requireKnown(accounts, wish.filter);
  const rows = new Map(status.map((row) => [row.accountId, row]));
  const waiting = accounts
    .filter((account) => matches(account, wish.filter) && isWaiting(rows.get(account.id)))
    .toSorted((a, b) => (a.alias < b.alias ? -1 : 1));
  const rest = waiting.filter(({ alias }) => wish.after === undefined || alias > wish.after);
  const page = rest.slice(0, BOUNDS.approvalsAtOnce);
  const approved = new Map<AccountId, Approval>();
  await forEachInLanes(page, CONCURRENCY, async (account) => {
    approved.set(account.id, await approveOne(parts, account, rows.get(account.id), wish, log));
  });
  const last = page.at(-1);
  return {
    total: waiting.length,
    accounts: page.flatMap(({ id }) => approved.get(id) ?? []),
    ...(last === undefined || rest.length === page.length ? {} : { next: last.alias }),
  };
}

function isWaiting(row: StatusRow | undefined): boolean {
  const { isBlocked, reason } = row?.lastPass ?? {};
  return isBlocked === true && reason === ('StandbyMayBeInUse' satisfies BlockedReason);
}

function requireKnown(accounts: readonly Account[], { accounts: names = [] }: CampaignFilter): void {
  const known = new Set(accounts.map(({ alias }) => alias.toLowerCase()));
  const fields = names
    .filter((name) => !known.has(name.toLowerCase()))
    .map((name) => ({ field: 'filter.accounts', expected: `${name} is no account` }));
  if (fields.length === 0) return;
  const remedy = 'Correct each field named in fields; see GET accounts for the names.';
  throw new Refusal('malformed-body', 'Not every account that is named is configured.', remedy, { fields });
}

async function approveOne(
  parts: RequestParts,
  account: Account,
  row: StatusRow | undefined,
  { reason, by, isDryRun }: Approving,
  log: Log,
): Promise<Approval> {
  const { isOn, known } = await viewHolders(parts, account);
  const seen = { account: account.alias, ...(isOn ? { holders: holdersAnswer(known) } : {}) };
  if (isOn && known === undefined) return { ...seen, result: 'holdersUnknown' };
  if (isStandbyHeld(row, known)) return { ...seen, result: 'standbyKeyHeld' };
  try {
    const wish = { kind: 'approve', reason } as const;
    if (isDryRun) {
      await requireAcceptable(parts, account, await parts.ports.records.read(account), wish);
      return { ...seen, result: 'wouldBeApproved' };
    }
    const { request, isRepeated } = await ask(parts, { account, wish, by });
    if (!isRepeated) log('warn', 'request', { account: account.alias, kind: request.kind, requestId: request.id });
    return { ...seen, result: 'approved', requestId: request.id };
  } catch (error) {
    // The others go on: each approval is a request of its own.
    if (error instanceof Refusal) return { ...seen, result: 'refused', detail: `${error.detail} ${error.remedy}` };
    return { ...seen, result: 'failed', detail: asRotationError(error).message };
  }
}

/** Whether a holder was seen with the value of the slot that the first rotation regenerates. */
function isStandbyHeld(row: StatusRow | undefined, known: AccountHolders | undefined): boolean {
  const record = row?.record.state === 'present' ? row.record.record : undefined;
  return (known?.holders ?? []).some(
    ({ standing }) => standing.state === 'copy' && standing.slot !== record?.published.slot,
  );
}

// The status of all accounts from two reads, however many there are: the configuration and one query.
// It must not observe or decide; filters and pages are made in memory.

import { allEnded } from '../../base/lanes.ts';
import type { Problem } from '../../config/problem.ts';
import type { StatusRow } from '../../rotation/ports.ts';
import type { AccountSummary } from '../answers/account.ts';
import type { StatusParts } from '../ports.ts';
import { summaryOf } from './account-status.ts';

export interface FleetStatus {
  /** In the order of their aliases. */
  readonly accounts: readonly AccountSummary[];
  readonly isFrozen: boolean;
  readonly problems: readonly Problem[];
  /** Discovered accounts that are not worked on, or not for long, and subscriptions that could not be searched. */
  readonly notices: readonly Problem[];
}

export async function fleetStatus(parts: StatusParts): Promise<FleetStatus> {
  const [fleet, status] = await allEnded([parts.fleet(), parts.ports.records.listStatus()]);
  const { accounts, problems, notices, isFrozen } = fleet;
  const rows = new Map(status.map((row) => [row.accountId, row]));
  const now = parts.clock.now();
  const summaries = accounts.map((account) => summaryOf(account, rows.get(account.id), now));
  const present = new Set(accounts.map(({ id }) => id));
  const others = status.filter(({ accountId }) => !present.has(accountId));
  return {
    accounts: summaries,
    isFrozen,
    problems,
    notices: [...notices, ...others.flatMap((row) => noticeOf(row, now))],
  };
}

/** How long GET accounts shows that an account has left. */
const LEFT_SHOWN_MS = 7 * 24 * 3_600_000;

/** An account that is configured no longer is shown until its rotation is over, and for a while after it has left. */
function noticeOf({ accountId, record, lastPass }: StatusRow, now: number): readonly Problem[] {
  const isLeft = lastPass?.reason === 'NotConfigured';
  const isAtRest = record.state === 'absent' || (record.state === 'present' && record.record.phase === 'idle');
  if (isLeft ? now - lastPass.since >= LEFT_SHOWN_MS : isAtRest) return [];
  return [
    {
      setting: 'KeyRotation:Accounts',
      expected: `A document or a tag for ${accountId}: the account has a record and is configured no longer.`,
      remedy: isLeft
        ? 'Nothing, if that was meant: it has been let go at rest. Else list or tag it again.'
        : 'Nothing, if that was meant: its rotation is finished first. Else list or tag it again, or correct its document.',
    },
  ];
}

export interface FleetFilter {
  readonly phase?: string | undefined;
  readonly blocked?: boolean | undefined;
  /** Part of the alias or of the resource id, in any case. */
  readonly search?: string | undefined;
}

export function filterAccounts(accounts: readonly AccountSummary[], filter: FleetFilter): readonly AccountSummary[] {
  const { phase, blocked } = filter;
  const search = filter.search?.toLowerCase() ?? '';
  return accounts.filter(
    ({ account, resourceId, phase: present, isBlocked }) =>
      (phase === undefined || phase === present) &&
      (blocked === undefined || blocked === isBlocked) &&
      (account.toLowerCase().includes(search) || resourceId.includes(search)),
  );
}

export interface AccountPage {
  readonly accounts: readonly AccountSummary[];
  /** Alias of the last account of this page, when there are more. */
  readonly next?: string;
}

/** The accounts that follow `after`. That account need not exist any more. */
export function pageOf(accounts: readonly AccountSummary[], limit: number, after: string | undefined): AccountPage {
  const ordered = accounts.toSorted((a, b) => (a.account < b.account ? -1 : 1));
  const rest = after === undefined ? ordered : ordered.filter(({ account }) => account > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return rest.length > page.length && last !== undefined ? { accounts: page, next: last.account } : { accounts: page };
}

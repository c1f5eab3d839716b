// The standing of accounts in plain words, their order, and the filters.
// It must not draw or ask.
import type { AccountSummary } from '../types.ts';

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet';
export type Standing = 'blocked' | 'overdue' | 'failing' | 'rotating' | 'held' | 'notAdopted' | 'idle';

/** In the order of the list: accounts that need an operator come first. */
export const STANDINGS: Readonly<Record<Standing, readonly [label: string, tone: Tone]>> = {
  blocked: ['Blocked', 'bad'],
  overdue: ['Overdue', 'bad'],
  failing: ['Failing', 'warn'],
  rotating: ['Rotating', 'busy'],
  held: ['Held', 'quiet'],
  notAdopted: ['Not adopted', 'quiet'],
  idle: ['Idle', 'good'],
};
const ORDER = Object.keys(STANDINGS) as readonly Standing[];
const HELD: readonly string[] = ['Paused', 'Frozen', 'ObserveOnly'];

export function standingOf(account: AccountSummary): Standing {
  const { isBlocked, isOverdue, failures, phase, reason = '' } = account;
  if (isBlocked || phase === 'unreadable') return 'blocked';
  if (isOverdue) return 'overdue';
  if (failures > 0) return 'failing';
  if (HELD.includes(reason)) return 'held';
  if (phase === 'notAdopted') return 'notAdopted';
  return phase === 'idle' ? 'idle' : 'rotating';
}

export function subscriptionOf({ resourceId }: Pick<AccountSummary, 'resourceId'>): string {
  return /^\/subscriptions\/([^/]+)/.exec(resourceId)?.[1] ?? '';
}

export interface Filter {
  readonly search: string;
  /** Empty: all. */
  readonly subscription: string;
  readonly phase: string;
  readonly policy: string;
  readonly standing: Standing | '';
}

export const NO_FILTER: Filter = { search: '', subscription: '', phase: '', policy: '', standing: '' };

/** The matching accounts in the order of `STANDINGS`, then by name. */
export function listOf(accounts: readonly AccountSummary[], filter: Filter): readonly AccountSummary[] {
  const search = filter.search.trim().toLowerCase();
  const matching = accounts.filter(
    (account) =>
      (filter.standing === '' || standingOf(account) === filter.standing) &&
      (filter.phase === '' || account.phase === filter.phase) &&
      (filter.policy === '' || account.policy === filter.policy) &&
      (filter.subscription === '' || subscriptionOf(account) === filter.subscription) &&
      (account.account.toLowerCase().includes(search) || account.resourceId.includes(search)),
  );
  const rank = new Map(matching.map((account) => [account, ORDER.indexOf(standingOf(account))]));
  return matching.sort((a, b) => {
    const byRank = (rank.get(a) ?? 0) - (rank.get(b) ?? 0);
    return byRank !== 0 ? byRank : a.account < b.account ? -1 : 1;
  });
}

export function countsOf(accounts: readonly AccountSummary[]): ReadonlyMap<Standing, number> {
  const counts = new Map<Standing, number>();
  for (const account of accounts) {
    const standing = standingOf(account);
    counts.set(standing, (counts.get(standing) ?? 0) + 1);
  }
  return counts;
}

/** The values that a filter offers, each once, in order. */
export function choicesOf(
  accounts: readonly AccountSummary[],
  read: (account: AccountSummary) => string,
): readonly string[] {
  return [...new Set(accounts.map(read))].sort();
}

export interface KeyAge {
  readonly ageMs: number;
  readonly intervalMs: number;
  /** At most 1, for a bar. */
  readonly share: number;
  readonly tone: Tone;
  readonly word: 'fresh' | 'due soon' | 'due';
}

/** How old the keys of an account at rest are against its policy; undefined while it is not at rest. */
export function keyAgeOf(account: AccountSummary, now: number): KeyAge | undefined {
  const { phase, phaseSince, rotationIntervalSeconds } = account;
  if (phase !== 'idle' || phaseSince === undefined) return undefined;
  const intervalMs = rotationIntervalSeconds * 1_000;
  const ageMs = Math.max(0, now - Date.parse(phaseSince));
  const share = Math.min(1, ageMs / intervalMs);
  if (account.isOverdue) return { ageMs, intervalMs, share, tone: 'bad', word: 'due' };
  if (share >= 1) return { ageMs, intervalMs, share, tone: 'warn', word: 'due' };
  return share >= 0.8
    ? { ageMs, intervalMs, share, tone: 'warn', word: 'due soon' }
    : { ageMs, intervalMs, share, tone: 'good', word: 'fresh' };
}

// The list of accounts as the viewer wants it: sorted, in groups, and as CSV. It must not filter, draw or ask.
import type { AccountSummary } from '../types.ts';
import { FACETS, NATURAL, NOT_KNOWN, resourceGroupOf, subscriptionOf } from './facets.ts';
import { STANDINGS, type Standing, standingOf, standingsOf } from './fleet.ts';

const ORDER = Object.keys(STANDINGS) as readonly Standing[];

/** Undefined: not known, which comes last. */
type Rank = number | string | undefined;

const instantOf = (at: string | undefined): Rank => (at === undefined ? undefined : Date.parse(at));

/** Each sorts by name among equals. */
const SORTS = {
  need: (account: AccountSummary): Rank => ORDER.indexOf(standingOf(account)),
  name: (): Rank => 0,
  next: ({ nextRotationAt }: AccountSummary): Rank => instantOf(nextRotationAt),
  since: ({ phaseSince }: AccountSummary): Rank => instantOf(phaseSince),
  age: ({ keyRegeneratedAt }: AccountSummary): Rank => instantOf(keyRegeneratedAt),
  kind: ({ kind }: AccountSummary): Rank => kind,
  group: (account: AccountSummary): Rank => resourceGroupOf(account),
  region: ({ location }: AccountSummary): Rank => location,
  policy: ({ policy }: AccountSummary): Rank => policy,
  owner: ({ owner }: AccountSummary): Rank => owner,
} as const;
export type Sort = keyof typeof SORTS;
export const SORT_LABELS: Readonly<Record<Sort, string>> = {
  need: 'Need of an operator first',
  name: 'By name',
  next: 'Next rotation first',
  since: 'Longest in its phase first',
  age: 'Oldest key first',
  kind: 'By kind',
  group: 'By resource group',
  region: 'By region',
  policy: 'By policy',
  owner: 'By owner',
};

export const GROUPING_LABELS = {
  none: 'No groups',
  subscription: 'By subscription',
  group: 'By resource group',
  kind: 'By kind',
  region: 'By region',
  policy: 'By policy',
  owner: 'By owner',
} as const;
export type Grouping = keyof typeof GROUPING_LABELS;

export type Line =
  | { readonly kind: 'group'; readonly name: string; readonly count: number }
  | { readonly kind: 'account'; readonly account: AccountSummary };

function compare(a: Rank, b: Rank): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return typeof a === 'number' && typeof b === 'number' ? a - b : NATURAL.compare(String(a), String(b));
}

/** The lines of the list. Groups are in the order of their names; the group of what is not known comes last. */
export function linesOf(accounts: readonly AccountSummary[], sort: Sort, grouping: Grouping): readonly Line[] {
  const rank = new Map(accounts.map((account) => [account, SORTS[sort](account)]));
  const sorted = accounts.toSorted(
    (a, b) => compare(rank.get(a), rank.get(b)) || NATURAL.compare(a.account, b.account),
  );
  const lines = (members: readonly AccountSummary[]): readonly Line[] =>
    members.map((account) => ({ kind: 'account', account }));
  if (grouping === 'none') return lines(sorted);
  const groups = new Map<string, AccountSummary[]>();
  for (const account of sorted) {
    const name = FACETS[grouping].of(account);
    const members = groups.get(name);
    if (members === undefined) groups.set(name, [account]);
    else members.push(account);
  }
  return [...groups]
    .sort(([a], [b]) => Number(a === NOT_KNOWN) - Number(b === NOT_KNOWN) || NATURAL.compare(a, b))
    .flatMap(([name, members]) => [{ kind: 'group', name, count: members.length }, ...lines(members)]);
}

const COLUMNS: readonly (readonly [string, (account: AccountSummary) => string | number])[] = [
  ['account', ({ account }) => account],
  ['state', (account) => standingsOf(account).join(' ')],
  ['reason', ({ reason = '' }) => reason],
  ['phase', ({ phase }) => phase],
  ['phaseSince', ({ phaseSince = '' }) => phaseSince],
  ['nextRotationAt', ({ nextRotationAt = '' }) => nextRotationAt],
  ['policy', ({ policy }) => policy],
  ['keyRegeneratedAt', ({ keyRegeneratedAt = '' }) => keyRegeneratedAt],
  ['kind', ({ kind = '' }) => kind],
  ['region', ({ location = '' }) => location],
  ['owner', ({ owner = '' }) => owner],
  ['subscription', subscriptionOf],
  ['subscriptionName', ({ subscriptionName = '' }) => subscriptionName],
  ['resourceGroup', resourceGroupOf],
  ['failures', ({ failures }) => failures],
  ['lastOutcome', ({ last }) => last?.outcome ?? ''],
  ['resourceId', ({ resourceId }) => resourceId],
];

/** RFC 4180, with a header. A program for tables must not take a cell for a formula. */
export function csvOf(accounts: readonly AccountSummary[]): string {
  const cell = (value: string | number): string => {
    const text = String(value);
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const rows = [COLUMNS.map(([name]) => name), ...accounts.map((account) => COLUMNS.map(([, read]) => read(account)))];
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

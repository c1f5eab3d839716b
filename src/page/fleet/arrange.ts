// The list of accounts as the viewer wants it: sorted, in groups, and as CSV. It must not filter, draw or ask.
import type { AccountSummary } from '../types.ts';
import { resourceGroupOf, STANDINGS, type Standing, standingOf, standingsOf, subscriptionOf } from './fleet.ts';

/** `orders-9` before `orders-10`, in the order of the viewer's language. */
const NATURAL = new Intl.Collator(undefined, { numeric: true });

const ORDER = Object.keys(STANDINGS) as readonly Standing[];
const NEVER = Number.POSITIVE_INFINITY;

/** Each sorts by name among equals. */
const SORTS = {
  need: (account: AccountSummary) => ORDER.indexOf(standingOf(account)),
  name: () => 0,
  next: ({ nextRotationAt }: AccountSummary) => (nextRotationAt === undefined ? NEVER : Date.parse(nextRotationAt)),
  since: ({ phaseSince }: AccountSummary) => (phaseSince === undefined ? NEVER : Date.parse(phaseSince)),
} as const;
export type Sort = keyof typeof SORTS;
export const SORT_LABELS: Readonly<Record<Sort, string>> = {
  need: 'Need of an operator first',
  name: 'By name',
  next: 'Next rotation first',
  since: 'Longest in its phase first',
};

const GROUPINGS = {
  none: () => '',
  subscription: subscriptionOf,
  group: resourceGroupOf,
  policy: ({ policy }: AccountSummary) => policy,
} as const;
export type Grouping = keyof typeof GROUPINGS;
export const GROUPING_LABELS: Readonly<Record<Grouping, string>> = {
  none: 'No groups',
  subscription: 'By subscription',
  group: 'By resource group',
  policy: 'By policy',
};

export type Line =
  | { readonly kind: 'group'; readonly name: string; readonly count: number }
  | { readonly kind: 'account'; readonly account: AccountSummary };

/** The lines of the list. Groups are in the order of their names. */
export function linesOf(accounts: readonly AccountSummary[], sort: Sort, grouping: Grouping): readonly Line[] {
  const rank = new Map(accounts.map((account) => [account, SORTS[sort](account)]));
  const sorted = accounts.toSorted((a, b) => {
    const [first = 0, second = 0] = [rank.get(a), rank.get(b)];
    return first === second ? NATURAL.compare(a.account, b.account) : first < second ? -1 : 1;
  });
  const lines = (members: readonly AccountSummary[]): readonly Line[] =>
    members.map((account) => ({ kind: 'account', account }));
  if (grouping === 'none') return lines(sorted);
  const groups = new Map<string, AccountSummary[]>();
  for (const account of sorted) {
    const name = GROUPINGS[grouping](account);
    const members = groups.get(name);
    if (members === undefined) groups.set(name, [account]);
    else members.push(account);
  }
  return [...groups]
    .sort(([a], [b]) => NATURAL.compare(a, b))
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
  ['subscription', subscriptionOf],
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

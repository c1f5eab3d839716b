// What people know an account by: the list is filtered, grouped and sorted by it. Where something is not known, it says so.
// It must not draw or ask.
import { ACCOUNT_PHASES } from '../../rotation/reasons.ts';
import { spanText } from '../time.ts';
import type { AccountSummary } from '../types.ts';
import { spelledOut } from '../words.ts';

export const NOT_KNOWN = 'Not known';

interface FacetWords {
  readonly label: string;
  /** The choice that filters nothing. */
  readonly all: string;
  readonly of: (account: AccountSummary) => string;
}

export const FACETS = {
  subscription: { label: 'Subscription', all: 'All subscriptions', of: subscriptionText },
  group: { label: 'Resource group', all: 'All groups', of: resourceGroupOf },
  kind: { label: 'Kind', all: 'All kinds', of: ({ kind = NOT_KNOWN }) => kind },
  region: { label: 'Region', all: 'All regions', of: ({ location = NOT_KNOWN }) => location },
  policy: { label: 'Policy', all: 'All policies', of: ({ policy }) => policy },
  owner: { label: 'Owner', all: 'All owners', of: ({ owner = NOT_KNOWN }) => owner },
  phase: { label: 'Phase', all: 'All phases', of: ({ phase }) => phase },
} as const satisfies Readonly<Record<string, FacetWords>>;
export type Facet = keyof typeof FACETS;
export const FACET_NAMES = Object.keys(FACETS) as readonly Facet[];

export function subscriptionOf({ resourceId }: Pick<AccountSummary, 'resourceId'>): string {
  return /^\/subscriptions\/([^/]+)/.exec(resourceId)?.[1] ?? '';
}

/** Names of subscriptions need not be unique: the beginning of the id tells two apart. */
export function subscriptionText(account: Pick<AccountSummary, 'resourceId' | 'subscriptionName'>): string {
  const id = subscriptionOf(account);
  const { subscriptionName } = account;
  return subscriptionName === undefined ? id : `${subscriptionName} (${id.slice(0, 8)})`;
}

export function resourceGroupOf({ resourceId }: Pick<AccountSummary, 'resourceId'>): string {
  return /\/resourcegroups\/([^/]+)/.exec(resourceId)?.[1] ?? '';
}

/** The values that a filter offers, each once, in natural order; phases in their own. */
export function choicesOf(accounts: readonly AccountSummary[], facet: Facet): readonly string[] {
  if (facet === 'phase') return ACCOUNT_PHASES;
  return [...new Set(accounts.map(FACETS[facet].of))].sort(NATURAL.compare);
}

/** `orders-9` before `orders-10`, in the order of the viewer's language. */
export const NATURAL = new Intl.Collator(undefined, { numeric: true });

export function choiceText(facet: Facet, value: string): string {
  return facet === 'phase' ? spelledOut(value) : value;
}

/** The age of the published key, from its regenerate. */
export function keyAgeText({ keyRegeneratedAt }: AccountSummary, now: number): string {
  if (keyRegeneratedAt === undefined) return 'key age not known';
  return `key ${spanText(Math.max(0, now - Date.parse(keyRegeneratedAt)))} old`;
}

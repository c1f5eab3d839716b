// Decides which accounts take part in a campaign, and in which ring: once, from the present fleet and in a fixed order.
// It must not read anything: the same fleet, status and wish give the same plan, so a dry run is exact.
import type { Account, AccountId } from '../../../rotation/model.ts';
import type { StatusRow } from '../../../rotation/ports.ts';
import type {
  CampaignFilter,
  CampaignWish,
  Member,
  MemberCounts,
  Ring,
  RingWish,
  Skipped,
  SkipReason,
} from './model.ts';

export interface CampaignPlan {
  readonly members: readonly Member[];
  readonly rings: readonly Ring[];
  readonly subscriptions: readonly string[];
  readonly skipped: Skipped;
  /** Names in the filter that match no account, and names in rings that match no member. */
  readonly unknown: readonly { readonly field: string; readonly name: string }[];
}

export interface PlanInput {
  readonly accounts: readonly Account[];
  readonly status: ReadonlyMap<AccountId, StatusRow>;
  readonly wish: CampaignWish;
  readonly now: number;
  /** A number as text, evenly spread over the fleet: the order in which accounts fill the rings. */
  readonly orderOf: (account: Account) => string;
}

const NO_MEMBERS: MemberCounts = { open: 0, inFlight: 0, published: 0, done: 0, failed: 0 };

export function planCampaign({ accounts, status, wish, now, orderOf }: PlanInput): CampaignPlan {
  const skipped: { -readonly [Reason in SkipReason]?: number } = {};
  const taken: Account[] = [];
  for (const account of accounts.filter((entry) => matches(entry, wish.filter))) {
    const reason = skipReason(account, status.get(account.id), now);
    if (reason === undefined) taken.push(account);
    else skipped[reason] = (skipped[reason] ?? 0) + 1;
  }
  const ordered = taken
    .map((account) => ({ account, order: orderOf(account) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ account }) => account);
  const members = assign(ordered, wish.rings);
  return {
    members,
    rings: wish.rings.map((ring, index) => ringOf(ring, index, members)),
    subscriptions: [...new Set(members.map(({ subscription }) => subscription))].sort(),
    skipped,
    unknown: unknownNames(wish, accounts, taken),
  };
}

export function matches(account: Account, { accounts, subscriptions, policy, search }: CampaignFilter): boolean {
  const has = (names: readonly string[] | undefined, name: string): boolean =>
    names?.some((entry) => entry.toLowerCase() === name.toLowerCase()) ?? true;
  const part = search?.toLowerCase() ?? '';
  return (
    has(accounts, account.alias) &&
    has(subscriptions, account.subscriptionId) &&
    has(policy === undefined ? undefined : [policy], account.policyName) &&
    (account.alias.toLowerCase().includes(part) || account.id.includes(part))
  );
}

/** Why an account is left out: its rotation could not begin, so it would only hold up its ring. */
function skipReason({ policy }: Account, row: StatusRow | undefined, now: number): SkipReason | undefined {
  if (row === undefined || row.record.state === 'absent') return 'notAdopted';
  if (row.record.state === 'unreadable') return 'unreadable';
  if (policy.isObserveOnly) return 'observeOnly';
  if (row.lastPass?.isBlocked === true) return 'blocked';
  const { record } = row.record;
  const isFresh = record.phase === 'idle' && record.adoptedAt !== undefined;
  return isFresh && now < record.adoptedAt + policy.overlapMaximumMs ? 'recentlyAdopted' : undefined;
}

/** Assigns named accounts to their rings first. The others fill the rings in order; the last ring takes the rest. */
function assign(ordered: readonly Account[], rings: readonly RingWish[]): readonly Member[] {
  const ringOfAccount = new Map<Account, number>();
  for (const [index, ring] of rings.entries()) {
    if (!('accounts' in ring)) continue;
    const names = new Set(ring.accounts.map((name) => name.toLowerCase()));
    for (const account of ordered) {
      if (names.has(account.alias.toLowerCase()) && !ringOfAccount.has(account)) ringOfAccount.set(account, index);
    }
  }
  const rest = ordered.filter((account) => !ringOfAccount.has(account));
  let before = 0;
  for (const [index, ring] of rings.entries()) {
    before += [...ringOfAccount.values()].filter((entry) => entry === index).length;
    const wanted = index === rings.length - 1 ? rest.length : roomOf(ring, before, ordered.length);
    const taken = rest.splice(0, Math.max(0, wanted));
    for (const account of taken) ringOfAccount.set(account, index);
    before += taken.length;
  }
  return ordered.map((account) => ({
    accountId: account.id,
    alias: account.alias,
    subscription: account.subscriptionId.toLowerCase(),
    ring: ringOfAccount.get(account) ?? rings.length - 1,
    state: 'open',
  }));
}

/** How many accounts besides the named ones a ring takes. A share counts the rings before it. */
function roomOf(ring: RingWish, before: number, total: number): number {
  if ('accounts' in ring) return 0;
  if ('count' in ring) return ring.count;
  return Math.ceil((ring.percent * total) / 100) - before;
}

function ringOf(ring: RingWish, index: number, members: readonly Member[]): Ring {
  const total = members.filter((member) => member.ring === index).length;
  return { name: ring.name ?? nameOf(ring), total, counts: { ...NO_MEMBERS, open: total }, joined: 0, forgiven: 0 };
}

function nameOf(ring: RingWish): string {
  if ('percent' in ring) return `${ring.percent} %`;
  if ('count' in ring) return `${ring.count} accounts`;
  return 'named accounts';
}

function unknownNames(wish: CampaignWish, accounts: readonly Account[], taken: readonly Account[]) {
  const namesOf = (list: readonly Account[]): ReadonlySet<string> =>
    new Set(list.map(({ alias }) => alias.toLowerCase()));
  const missing = (field: string, names: readonly string[], known: ReadonlySet<string>) =>
    names.filter((name) => !known.has(name.toLowerCase())).map((name) => ({ field, name }));
  const members = namesOf(taken);
  return [
    ...missing('filter.accounts', wish.filter.accounts ?? [], namesOf(accounts)),
    ...wish.rings.flatMap((ring, index) =>
      'accounts' in ring ? missing(`rings.${index}.accounts`, ring.accounts, members) : [],
    ),
  ];
}

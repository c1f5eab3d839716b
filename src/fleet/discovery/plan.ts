// Plans the state of accounts that a search has found, or has not found any more. Pure: no call, no clock.
// It must not drop an account in mid-rotation, or one whose leaked key is live: it stays until it is at rest. An account
// that Azure says is gone leaves a week later at the latest.
import { defined } from '../../base/defined.ts';
import type {
  Discovered,
  DiscoveredAccount,
  DiscoveryReason,
  DiscoveryScope,
  FoundAccount,
  FoundFacts,
} from '../../config/accounts/discovered-account.ts';
import { isInFleet } from '../../config/accounts/discovery.ts';
import { GONE_FOR_GOOD_MS } from '../../rotation/decide/situation.ts';
import type { AccountId } from '../../rotation/model.ts';
import type { Presence } from './ports.ts';

/** Two calls for an account itself, this far apart, must both find nothing before it counts as gone. */
export const GONE_AFTER_MS = 30 * 60_000;

/** How long GET accounts shows that an account has left. */
export const LEFT_SHOWN_MS = 7 * 24 * 3_600_000;

export interface Search {
  readonly scope: DiscoveryScope | undefined;
  /** By subscription; subscriptions that could not be searched are missing. */
  readonly found: ReadonlyMap<string, readonly FoundAccount[]>;
  readonly now: number;
  /** Of accounts that their subscription's list does not name: whether a call for the account itself found it. */
  readonly asked: ReadonlyMap<AccountId, Presence>;
  /** Whether no rotation of the account is under way, and no leaked key of it waits to be replaced. */
  isAtRest(id: AccountId): boolean;
}

/** Every account to keep from now on. */
export function planDiscovery(known: Discovered['accounts'], search: Search): readonly DiscoveredAccount[] {
  const former = new Map(known.map((account) => [account.id, withinClock(account, search.now)]));
  const found = new Map([...search.found.values()].flat().map((account) => [account.id, account]));
  const tagged = [...found.values()].filter(({ isTagged }) => isTagged);
  const planned = tagged.map((account) => planFound(account, former.get(account.id), search));
  const unseen = [...former.values()].filter(({ id }) => found.get(id)?.isTagged !== true);
  return [...planned, ...unseen.map((account) => planUnseen(account, found.get(account.id), search))];
}

/** After the clock was set back, its waits begin again now: they are never too short, and end. */
function withinClock(account: DiscoveredAccount, now: number): DiscoveredAccount {
  const { since, missingSince } = account;
  if (since <= now && (missingSince ?? now) <= now) return account;
  const missing = missingSince === undefined ? {} : { missingSince: Math.min(missingSince, now) };
  return { ...account, since: Math.min(since, now), ...missing };
}

function planFound(found: FoundAccount, former: DiscoveredAccount | undefined, search: Search): DiscoveredAccount {
  const reason = objectionTo(found);
  if (reason === undefined) return settled(found, former, { state: 'enrolled' }, search.now);
  const isWorkedOn = former !== undefined && isInFleet(former);
  const state = isWorkedOn ? stateOfLeaver(former, reason, 'skipped', search) : 'skipped';
  // An account that was made again keeps the former `createdAt` until it can be worked on and adopted again.
  const createdAt = former?.createdAt ?? found.createdAt;
  const known = createdAt === undefined ? found : { ...found, createdAt };
  return settled(known, former, { state, reason }, search.now);
}

function objectionTo({ provisioningState, isKeyAccessOff }: FoundAccount): DiscoveryReason | undefined {
  if (provisioningState === 'Deleting') return 'AccountGone';
  if (isKeyAccessOff) return 'KeysSwitchedOff';
  return provisioningState === 'Succeeded' ? undefined : 'NotSucceeded';
}

function planUnseen(former: DiscoveredAccount, found: FoundAccount | undefined, search: Search): DiscoveredAccount {
  const { state, since } = former;
  if (state === 'forgotten') return former;
  if (state === 'left') {
    return search.now - since < LEFT_SHOWN_MS ? former : { ...former, state: 'forgotten', since: search.now };
  }
  const reason = absenceOf(former, found, search);
  if (reason === undefined) return withMissing(former, search);
  if (state === 'skipped') return settled(former, former, { state: 'forgotten', reason }, search.now);
  return settled(former, former, { state: stateOfLeaver(former, reason, 'left', search), reason }, search.now);
}

/** Notes since when the account itself is not found; a call that has found it clears the note. */
function withMissing(former: DiscoveredAccount, { asked, now }: Search): DiscoveredAccount {
  const { missingSince, ...rest } = former;
  const presence = asked.get(former.id);
  if (presence === undefined) return former;
  return presence === 'exists' ? rest : { ...rest, missingSince: missingSince ?? now };
}

/** Why the account is absent; undefined if that is not known, because its subscription could not be searched. */
function absenceOf(
  { id, missingSince }: DiscoveredAccount,
  found: FoundAccount | undefined,
  { scope, found: searched, asked, now }: Search,
): DiscoveryReason | undefined {
  const [, , subscriptionId = ''] = id.split('/');
  if (scope?.subscriptions.includes(subscriptionId) !== true) return 'SubscriptionNotGiven';
  if (!searched.has(subscriptionId)) return undefined;
  if (found !== undefined) return found.provisioningState === 'Deleting' ? 'AccountGone' : 'TagRemoved';
  const presence = asked.get(id);
  const isConfirmed = missingSince !== undefined && now - missingSince >= GONE_AFTER_MS;
  if (!isConfirmed || presence === undefined || presence === 'exists') return undefined;
  return presence === 'gone' ? 'AccountGone' : 'AccessLost';
}

function stateOfLeaver(
  { id, missingSince }: DiscoveredAccount,
  reason: DiscoveryReason,
  otherwise: 'skipped' | 'left',
  search: Search,
): DiscoveredAccount['state'] {
  const isGone = missingSince === undefined || search.now - missingSince >= GONE_FOR_GOOD_MS;
  return (reason === 'AccountGone' && isGone) || search.isAtRest(id) ? otherwise : 'leaving';
}

type Settled = Pick<DiscoveredAccount, 'id' | 'resourceId' | 'policy' | 'createdAt' | 'missingSince'> & FoundFacts;

/** `since` stays while state and reason stay. */
function settled(
  { id, resourceId, policy, createdAt, missingSince, kind, location, owner }: Settled,
  former: DiscoveredAccount | undefined,
  { state, reason }: { readonly state: DiscoveredAccount['state']; readonly reason?: DiscoveryReason },
  now: number,
): DiscoveredAccount {
  const isSame = former?.state === state && former.reason === reason;
  return {
    id,
    resourceId,
    ...defined({ policy, kind, location, owner }),
    ...(createdAt === undefined ? {} : { createdAt }),
    state,
    ...(reason === undefined ? {} : { reason }),
    since: isSame ? former.since : now,
    ...(missingSince === undefined || state === 'enrolled' ? {} : { missingSince }),
  };
}

/** Accounts that were deleted and made again under their names since they were last seen. */
export function madeAnew(
  known: Discovered['accounts'],
  planned: readonly DiscoveredAccount[],
): readonly DiscoveredAccount[] {
  const former = new Map(known.map((account) => [account.id, account]));
  return planned.filter(({ id, createdAt }) => {
    const before = former.get(id)?.createdAt;
    // Two services write one instant in two ways.
    return before !== undefined && createdAt !== undefined && Date.parse(before) !== Date.parse(createdAt);
  });
}

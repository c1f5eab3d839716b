// What the holders of an account mean for its rotation: who must have the key before the overlap ends, and whether the
// first rotation waits. The core knows consumers and their acknowledgements; an observed holder is one more of them.
// Pure. It must not read or bring a holder.
import type { Account, Acknowledgement, Policy, RotationRecord } from '../rotation/model.ts';
import { effectsOf } from './decide.ts';
import { type AccountHolders, holderName, type KnownHolder } from './model.ts';
import { needsPerson } from './standing.ts';

/** In the `consumers` of a policy: every holder that is found. */
export const ALL_HOLDERS = 'holders';

/** Not a name that a policy may contain, so no consumer can acknowledge in its place. */
const placeholder = (what: string): string => `${ALL_HOLDERS} (${what})`;

export interface Requirement {
  /** The account as a pass must see it. */
  readonly account: Account;
  /** Why the first rotation waits, in a sentence; absent if the holders do not hold it. */
  readonly holdsFirst?: string;
}

/** `known` is undefined if the row could not be read. */
export function requirementOf(account: Account, known: AccountHolders | undefined): Requirement {
  const { policy } = account;
  const isHolding = policy.onUnseen !== 'proceed';
  const holders = (known?.holders ?? []).filter((holder) => isHolding || !isForPerson(holder));
  const isUnknown = known === undefined && policy.consumers.includes(ALL_HOLDERS);
  const doubts = isHolding || isUnknown ? doubtsOf(known) : [];
  const consumers = consumersOf(policy, holders, doubts);
  // A holder that was never seen with the published key may use the other one; one that cannot follow needs a person.
  const isOpen = (holder: KnownHolder): boolean =>
    holder.evidence === undefined || holder.evidence.version !== known?.lookedFor || isForPerson(holder);
  const first = [...doubts, ...holders.filter(isOpen).map(holderName)];
  const isFree = policy.standbyIsFree && first.length === 0;
  return {
    account: { ...account, policy: { ...policy, consumers, standbyIsFree: isFree } },
    ...(first.length === 0 ? {} : { holdsFirst: `Not seen to follow the published key: ${first.join('; ')}.` }),
  };
}

export function isForPerson({ kind, standing }: KnownHolder): boolean {
  return needsPerson(standing, effectsOf(kind, standing).length > 0);
}

/** What was not looked at. */
function doubtsOf(known: AccountHolders | undefined): readonly string[] {
  if (known === undefined) return [placeholder('not known')];
  if (known.searchedAt === undefined) return [placeholder('not searched yet')];
  return known.unseenCount === 0 ? [] : [placeholder(`${known.unseenCount} resources not seen`)];
}

/** Stands for the applications that were not found: only time covers them. */
const OTHERS = placeholder('others may exist');

/**
 * An overlap that waits for holders may end early only if the policy says that these and the named consumers are all:
 * it names `holders`, or other consumers. Otherwise the maximum overlap covers the applications that were not found.
 */
function consumersOf(policy: Policy, holders: readonly KnownHolder[], doubts: readonly string[]): readonly string[] {
  const named = policy.consumers.filter((consumer) => consumer !== ALL_HOLDERS);
  const all = [...named, ...holders.map(holderName), ...doubts];
  if (policy.consumers.length === 0) return all.length === 0 ? [] : [...all, OTHERS];
  return all.length === 0 ? [placeholder('none found')] : all;
}

/** The evidence, and the time that covers what was not found, as the core counts acknowledgements. */
export function acknowledgementsOf(
  { holders }: AccountHolders,
  record: RotationRecord | undefined,
  policy: Policy,
  now: number,
): readonly Acknowledgement[] {
  const seen = holders.flatMap(({ evidence, ...holder }): Acknowledgement[] =>
    evidence === undefined || holder.standing.state === 'otherValue'
      ? []
      : [{ consumer: holderName(holder), version: evidence.version, at: evidence.at }],
  );
  if (record?.phase !== 'propagating') return seen;
  const maximumEndsAt = record.since + policy.overlapMaximumMs;
  if (now < maximumEndsAt) return seen;
  return [...seen, { consumer: OTHERS, version: record.published.version, at: maximumEndsAt }];
}

// The standing of accounts in plain words, the filters, and the counts.
// It must not draw or ask.
import type { AccountSummary } from '../types.ts';
import { FACET_NAMES, FACETS, type Facet } from './facets.ts';

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
const HELD: readonly string[] = ['Paused', 'Frozen', 'ObserveOnly'];

/** As `GET health` counts it: while passes fail, the last block that was found counts. */
function isHeldByBlock({ isBlocked, interruptedBlock }: AccountSummary): boolean {
  return isBlocked || interruptedBlock !== undefined;
}

/** The first that applies, for the order of the list. */
export function standingOf(account: AccountSummary): Standing {
  const { isOverdue, failures, phase, reason = '' } = account;
  if (isHeldByBlock(account)) return 'blocked';
  if (isOverdue) return 'overdue';
  if (failures > 0) return 'failing';
  if (HELD.includes(reason)) return 'held';
  if (phase === 'notAdopted') return 'notAdopted';
  return phase === 'idle' ? 'idle' : 'rotating';
}

/**
 * Everything that applies. Blocked, overdue and failing are facts of their own, as in `GET health`: an account can be all
 * three. The others say how an account stands that has none of them.
 */
export function standingsOf(account: AccountSummary): readonly Standing[] {
  const facts: readonly Standing[] = [
    ...(isHeldByBlock(account) ? (['blocked'] as const) : []),
    ...(account.isOverdue ? (['overdue'] as const) : []),
    ...(account.failures > 0 ? (['failing'] as const) : []),
  ];
  return facts.length > 0 ? facts : [standingOf(account)];
}

/** Empty: all. */
export type Filter = Readonly<Record<Facet, string>> & {
  readonly search: string;
  readonly standing: Standing | '';
};

export const NO_FILTER: Filter = {
  search: '',
  subscription: '',
  group: '',
  kind: '',
  region: '',
  policy: '',
  owner: '',
  phase: '',
  standing: '',
};

export function matchingOf(accounts: readonly AccountSummary[], filter: Filter): readonly AccountSummary[] {
  const search = filter.search.trim().toLowerCase();
  const chosen = FACET_NAMES.filter((facet) => filter[facet] !== '');
  return accounts.filter(
    (account) =>
      (filter.standing === '' || standingsOf(account).includes(filter.standing)) &&
      chosen.every((facet) => FACETS[facet].of(account) === filter[facet]) &&
      (account.account.toLowerCase().includes(search) || account.resourceId.includes(search)),
  );
}

/** An account counts for everything that applies to it. */
export function countsOf(accounts: readonly AccountSummary[]): ReadonlyMap<Standing, number> {
  const counts = new Map<Standing, number>();
  for (const standing of accounts.flatMap(standingsOf)) counts.set(standing, (counts.get(standing) ?? 0) + 1);
  return counts;
}

/** The time since the last rotation of an account at rest, against the time to the next one. */
export type Interval =
  | {
      readonly isKnown: true;
      readonly sinceMs: number;
      readonly wholeMs: number;
      /** At most 1, for a bar. */
      readonly share: number;
      readonly tone: Tone;
      readonly word: '' | 'due soon' | 'due' | 'overdue';
    }
  /** This service has not renewed the published key, as far as the record says. */
  | { readonly isKnown: false; readonly why: string };

/** Undefined while the account is not at rest. `nextRotationAt` alone says whether a rotation is due. */
export function intervalOf(account: AccountSummary, now: number): Interval | undefined {
  const { phase, phaseSince, nextRotationAt, last, isOverdue } = account;
  if (phase !== 'idle' || phaseSince === undefined || nextRotationAt === undefined) return undefined;
  if (last === undefined) return { isKnown: false, why: 'never renewed by this service' };
  if (last.outcome === 'rolledBack') return { isKnown: false, why: 'the last rotation was rolled back' };
  const since = Date.parse(phaseSince);
  const wholeMs = Math.max(1, Date.parse(nextRotationAt) - since);
  const sinceMs = Math.max(0, now - since);
  const share = Math.min(1, sinceMs / wholeMs);
  const known = { isKnown: true, sinceMs, wholeMs, share } as const;
  if (isOverdue) return { ...known, tone: 'bad', word: 'overdue' };
  if (share >= 1) return { ...known, tone: 'warn', word: 'due' };
  return share >= 0.8 ? { ...known, tone: 'warn', word: 'due soon' } : { ...known, tone: 'good', word: '' };
}

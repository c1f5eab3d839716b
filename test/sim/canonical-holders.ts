// The holders of a universe in canonical form. An age counts only as far as a rule of `src/holders` asks for it; what
// lies further ahead or back is one class. Only a day that passes reaches it.
import { SETTLE_MS } from '../../src/holders/decide.ts';
import type { AccountHolders, Bringing, KnownHolder } from '../../src/holders/model.ts';
import type { Fingerprint } from '../../src/rotation/model.ts';
import { hashOf } from './hash-of.ts';
import type { Universe } from './universe.ts';

/** Numbers values and versions in the order in which they are met. */
export interface Names {
  readonly value: (fingerprint: Fingerprint | undefined) => string;
  readonly version: (version: string | undefined) => string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const HORIZON_MS = 12 * MINUTE_MS;
/** Spans after which something else holds: of values, of tired attempts, and of the platforms. */
const CLASSES_MS = [HOUR_MS / 2, 5 * HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS, 25 * HOUR_MS] as const;

export function holdersPart(universe: Universe, names: Names): string {
  const { holders, newest, now } = universe;
  if (holders === undefined) return '';
  const publishedAt = (newest?.created ?? 0) * 1_000;
  const readers = [...holders.readers.values()].map(({ value, fetched, isFetching }) => {
    const isOfThisVersion = fetched.at + 1_000 > publishedAt;
    const platform = `${names.value(hashOf(fetched.value))} ${names.version(fetched.version)}`;
    return `${names.value(hashOf(value))} ${platform} ${isOfThisVersion} ${isFetching}`;
  });
  return [readers.join(';'), classOf(publishedAt, now), knownText(holders.stored.known, now, names)].join('/');
}

export function knownText(known: AccountHolders, now: number, names: Names): string {
  const { searchedAt, holders, unseenCount, lookedFor, nextAt } = known;
  return [
    searchedAt === undefined ? '-' : classOf(searchedAt, now),
    holders.map((holder) => holderText(holder, now, names)).join(';'),
    unseenCount,
    names.version(lookedFor),
    nextAt === undefined ? '-' : Math.min(Math.max(nextAt - now, 0), HORIZON_MS),
  ].join(' ');
}

function holderText(
  { standing, held, written = [], bringing, evidence }: KnownHolder,
  now: number,
  names: Names,
): string {
  const slot = standing.state === 'copy' ? standing.slot : '';
  const seen = evidence === undefined ? '-' : `${names.version(evidence.version)}${classOf(evidence.at, now)}`;
  const isOver = bringing !== undefined && bringing.version === evidence?.version;
  const ours = [held, ...written].map((value) => names.value(value)).join('+');
  return `${standing.state}${slot} ${ours} ${seen} ${bringingText(bringing, isOver, now, names)}`;
}

/** `isOver`: there is evidence of its version, so it is not repeated. */
function bringingText(bringing: Bringing | undefined, isOver: boolean, now: number, names: Names): string {
  if (bringing === undefined) return '-';
  const { version, effect, attempts, attemptAt, answeredAt, unsettledUntil } = bringing;
  const unsettled = Math.max((unsettledUntil ?? 0) - now, 0);
  const lost = answeredAt === undefined ? `${Math.min(now - attemptAt, SETTLE_MS)}${classOf(attemptAt, now)}` : 'a';
  if (isOver) return `${names.version(version)} ${unsettled} ${lost}`;
  const shows = answeredAt === undefined ? '' : `${Math.min(now - answeredAt, 5 * MINUTE_MS * attempts)}`;
  return `${names.version(version)} ${effect} ${attempts} ${unsettled} ${lost} ${shows} ${classOf(attemptAt, now)}`;
}

function classOf(instant: number, now: number): number {
  return CLASSES_MS.filter((span) => now - instant >= span).length;
}

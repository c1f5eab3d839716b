// What a stored instant may say: this clock may have been set back since, or the clock that wrote it was ahead. Without
// a bound, each wait from that instant would last until this clock has caught up. Pure.
import type { Account } from '../model.ts';
import type { Lease, StoredAccount } from '../ports.ts';

/** The instants from which a record waits. */
const INSTANTS: ReadonlySet<string> = new Set([
  'rotatedAt',
  'adoptedAt',
  'standbyApprovedAt',
  'attemptAt',
  'since',
  'enteredAt',
  'rejectedSince',
  'acceptedAt',
]);

/**
 * The stored account with no instant in its record further ahead than clocks may be apart; the same object if there is
 * none. Instants that are further ahead are shifted by one span, so that the latest becomes now: whatever is stored has
 * happened, and the time between two of them has passed. So no wait is too short. The next write of the pass stores
 * them, so that the wait also ends.
 */
export function withinClock(stored: StoredAccount, { policy }: Account, now: number): StoredAccount {
  if (stored.record.state !== 'present') return stored;
  const known = stored.record.record;
  const latest = Math.max(...instantsOf(known));
  const bound = now + policy.clockSkewMs;
  if (latest <= bound) return stored;
  const record = shifted(known, bound, latest - now);
  return { ...stored, record: { state: 'present', record }, entity: { ...stored.entity, record } };
}

/** The parts of a record that have instants of their own. */
const PARTS: ReadonlySet<string> = new Set(['sacrifice', 'former']);

function instantsOf(part: object): readonly number[] {
  return Object.entries(part).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === 'number') return INSTANTS.has(name) ? [value] : [];
    return typeof value === 'object' && value !== null && PARTS.has(name) ? instantsOf(value) : [];
  });
}

/** A record, or a part of one, with each instant after `bound` earlier by `byMs`. */
function shifted<T extends object>(part: T, bound: number, byMs: number): T {
  const changes = Object.entries(part).flatMap(([name, value]: [string, unknown]): [string, unknown][] => {
    if (typeof value === 'number') return INSTANTS.has(name) && value > bound ? [[name, value - byMs]] : [];
    return typeof value === 'object' && value !== null && PARTS.has(name) ? [[name, shifted(value, bound, byMs)]] : [];
  });
  return { ...part, ...Object.fromEntries(changes) };
}

/**
 * The lease as long as its owner can have meant it, counted from now; undefined if it is not longer. The owner's next
 * write fails, and a call that it has under way ends within a lease.
 */
export function shortened({ owner, expiresAt }: Lease, { policy }: Account, now: number): Lease | undefined {
  const isPossible = expiresAt <= now + policy.leaseMs + policy.clockSkewMs;
  return isPossible ? undefined : { owner, expiresAt: now + policy.leaseMs };
}

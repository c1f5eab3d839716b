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
 * none. Whatever is stored has happened, so now is late enough: a wait from now on is never too short. The next write of
 * the pass stores it, so that the wait also ends.
 */
export function withinClock(stored: StoredAccount, { policy }: Account, now: number): StoredAccount {
  if (stored.record.state !== 'present') return stored;
  const known = stored.record.record;
  const record = bounded(known, now, now + policy.clockSkewMs);
  if (record === known) return stored;
  return { ...stored, record: { state: 'present', record }, entity: { ...stored.entity, record } };
}

/** A record, or the part of one that holds instants of its own. */
function bounded<T extends object>(part: T, now: number, latest: number): T {
  const changes = Object.entries(part).flatMap(([name, value]: [string, unknown]): [string, unknown][] => {
    if (typeof value === 'number') return INSTANTS.has(name) && value > latest ? [[name, now]] : [];
    if (typeof value !== 'object' || value === null || (name !== 'sacrifice' && name !== 'former')) return [];
    const inner = bounded(value, now, latest);
    return inner === value ? [] : [[name, inner]];
  });
  return changes.length === 0 ? part : { ...part, ...Object.fromEntries(changes) };
}

/**
 * The lease as long as its owner can have meant it, counted from now; undefined if it is not longer. The owner's next
 * write fails, and a call that it has under way ends within a lease.
 */
export function shortened({ owner, expiresAt }: Lease, { policy }: Account, now: number): Lease | undefined {
  const isPossible = expiresAt <= now + policy.leaseMs + policy.clockSkewMs;
  return isPossible ? undefined : { owner, expiresAt: now + policy.leaseMs };
}

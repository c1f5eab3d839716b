// When an attempt that failed is made again, and when a notification is given up. Pure.
import { keptSince } from '../base/retention.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The longest wait between two attempts of our own choice. */
const WAIT_MAXIMUM_MS = HOUR_MS;
/** A receiver that asks for a longer wait is tried again after this. */
const RETRY_AFTER_MAXIMUM_MS = 6 * HOUR_MS;

/** A notification is given up when it is this old ... */
export const DEAD_AFTER_MS = 24 * HOUR_MS;
/** ... and was tried this often: a notification that waited behind others or for the service has its chance too. */
export const ATTEMPTS_MINIMUM = 6;

/** Dead notifications of events before this instant are removed. Undefined in most runs: one run an hour removes. */
export function forgottenBefore(now: number): number | undefined {
  return Math.floor(now / MINUTE_MS) % 60 === 0 ? keptSince('deadNotifications', now) : undefined;
}

/** `attempts` that failed, at least 1. Waits 1, 2, 4 … minutes up to an hour, or longer if the receiver asks for it. */
export function nextAttemptAt(now: number, attempts: number, retryAfterMs: number | undefined): number {
  const ownMs = Math.min(MINUTE_MS * 2 ** (Math.min(attempts, 12) - 1), WAIT_MAXIMUM_MS);
  return now + Math.max(ownMs, Math.min(retryAfterMs ?? 0, RETRY_AFTER_MAXIMUM_MS));
}

/** Whether the attempt may be made; an instant further ahead than any wait is of a clock that was set back since. */
export function isAttemptDue(nextAttemptAt: number, now: number): boolean {
  return nextAttemptAt <= now || nextAttemptAt > now + RETRY_AFTER_MAXIMUM_MS;
}

/** `at`: when the event happened. */
export function isGivenUp(now: number, at: number, attempts: number): boolean {
  return attempts >= ATTEMPTS_MINIMUM && now - at >= DEAD_AFTER_MS;
}

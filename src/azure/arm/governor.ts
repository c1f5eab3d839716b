// Keeps this process under the limits of Azure Resource Manager: one bucket of writes per subscription. A pass asks it
// before it reads and before it records a regenerate. A refused pass has sent and written nothing; the error says when
// to come back. It must not wait: a used-up subscription must not hold a lane that another subscription could use.
//
// `listKeys` and `regenerateKey` are both POSTs, and ARM counts a POST as a write.
import { RotationError } from '../../rotation/errors.ts';
import type { KeysCall, Urgency } from '../../rotation/ports.ts';
import { monotonicClock } from '../client/monotonic-clock.ts';
import { type BucketLimits, TokenBucket } from './token-bucket.ts';

/** ARM's limits for one principal in one subscription (Microsoft Learn, request limits and throttling). */
export const ARM_WRITES: BucketLimits = { capacity: 200, refillPerSecond: 10 };
/** Kept for compromised keys. Each takes four calls (two passes, each lists and regenerates), so ten fit at once. */
export const RESERVE = 40;
/** Kept from passes that begin, so that running passes still find a token for their regenerate. */
export const HEADROOM = 10;
/** The calls of a pass that renews a key: list, then regenerate. */
const CALLS_PER_PASS = 2;
/**
 * Routine calls that may be on their way in a subscription. Only ARM's answers say how many writes are left. A new
 * process takes the bucket for full although others use it, so it must ask a few at a time until answers arrive.
 */
const UNANSWERED = 15;
/** A call that was admitted and never sent is forgotten after this long. */
const FORGOTTEN_MS = 5_000;
/** Calls refused because too many were on their way come back at least this far apart: each costs a read and a note. */
const NEXT_MS = 20;
/** How long a subscription rests after a refusal without a Retry-After. */
const REST_MS = 5_000;
/** How long a subscription rests at most. A wait of half a day may be an error, and a call an hour costs nothing. */
const REST_MAXIMUM_MS = 3_600_000;
/** A pass over a compromised key gets a try at least this often, even against ARM's refusal and our own count. */
const TRY_MS = 60_000;

export interface Governor {
  /**
   * Reserves one call. Throws `Throttled`, with the time to come back, when none is free. Even then one pass over a
   * compromised key is admitted each minute.
   */
  admit(subscriptionId: string, call: KeysCall, urgency: Urgency): void;
  /**
   * How many routine passes that list and regenerate may begin in the subscription now. Reserves nothing: a pass still
   * asks for each call. Waiting passes use future tokens, so all present tokens are free.
   */
  room(subscriptionId: string): number;
  /** A call is over. `remaining`: the writes left in the subscription, if ARM said it. */
  learn(subscriptionId: string, remaining: number | undefined): void;
  /** ARM refused a call. `retryAfterMs`: the wait that ARM asked for, if any. */
  close(subscriptionId: string, retryAfterMs: number | undefined): void;
}

/** `now` in milliseconds, from a clock that cannot be set: set back, it would keep a subscription closed too long. */
export function createGovernor(
  now: () => number = () => monotonicClock.now(),
  limits: BucketLimits = ARM_WRITES,
): Governor {
  const subscriptions = new Map<
    string,
    { readonly bucket: TokenBucket; readonly underWay: UnderWay; readonly tries: Tries }
  >();
  const of = (subscriptionId: string) => {
    const name = subscriptionId.toLowerCase();
    const present = subscriptions.get(name);
    if (present !== undefined) return present;
    const made = { bucket: new TokenBucket(limits, now()), underWay: new UnderWay(), tries: new Tries() };
    subscriptions.set(name, made);
    return made;
  };
  return {
    admit(subscriptionId, call, urgency) {
      const { bucket, underWay, tries } = of(subscriptionId);
      const at = now();
      if (urgency === 'routine' && underWay.room(at) === 0) throw refusal(call, underWay.waitMs(at));
      const waitMs = bucket.take(at, keptBy(call, urgency), CALLS_PER_PASS);
      const leftMs = urgency === 'routine' ? waitMs : tries.waitMs(call, at, waitMs);
      if (leftMs > 0) throw refusal(call, leftMs);
      underWay.add(at);
    },
    room(subscriptionId) {
      const { bucket, underWay } = of(subscriptionId);
      const at = now();
      return Math.min(Math.floor(bucket.room(at, keptBy('list', 'routine')) / CALLS_PER_PASS), underWay.room(at));
    },
    learn(subscriptionId, remaining) {
      const { bucket, underWay } = of(subscriptionId);
      underWay.answer();
      if (remaining !== undefined) bucket.learn(remaining, now());
    },
    close(subscriptionId, retryAfterMs = REST_MS) {
      const { bucket, underWay } = of(subscriptionId);
      const at = now();
      underWay.answer();
      bucket.close(at + Math.min(retryAfterMs, REST_MAXIMUM_MS), at);
    },
  };
}

/** The calls of one subscription that were admitted and not answered yet. */
class UnderWay {
  /** When each was admitted, the oldest first. */
  readonly #since: number[] = [];
  #nextAt = Number.NEGATIVE_INFINITY;

  room(now: number): number {
    while (now - (this.#since[0] ?? now) >= FORGOTTEN_MS) this.#since.shift();
    return Math.max(0, UNANSWERED - this.#since.length);
  }

  add(now: number): void {
    this.#since.push(now);
  }

  answer(): void {
    this.#since.shift();
  }

  /** Refused calls come back at the pace of the answers: the age of the oldest call, divided among all calls. */
  waitMs(now: number): number {
    const apartMs = Math.ceil((now - (this.#since[0] ?? now)) / UNANSWERED);
    this.#nextAt = Math.max(now, this.#nextAt) + Math.max(NEXT_MS, apartMs);
    return this.#nextAt - now;
  }
}

/** When a pass over a compromised key was last let through in one subscription. */
class Tries {
  #at: number | undefined;
  /** A pass that has listed against the bucket may also regenerate: otherwise no try would ever end a key. */
  #isRegenerateDue = false;

  /** How long a call has to wait when the bucket says `waitMs`. Notes the try when the result is zero. */
  waitMs(call: KeysCall, now: number, waitMs: number): number {
    const ageMs = now - (this.#at ?? Number.NEGATIVE_INFINITY);
    // A negative age means that the clock was set back: unknown, so long enough.
    const isRecent = ageMs >= 0 && ageMs < TRY_MS;
    if (waitMs > 0 && isRecent && !(call === 'regenerate' && this.#isRegenerateDue)) {
      return Math.min(waitMs, TRY_MS - ageMs);
    }
    if (call === 'regenerate') this.#isRegenerateDue = false;
    else if (waitMs > 0) this.#isRegenerateDue = true;
    this.#at = now;
    return 0;
  }
}

/** How many tokens this call must leave to others. */
function keptBy(call: KeysCall, urgency: Urgency): number {
  switch (urgency) {
    case 'compromised':
      return 0;
    case 'routine':
      return call === 'list' ? RESERVE + HEADROOM : RESERVE;
  }
}

function refusal(call: KeysCall, retryAfterMs: number): RotationError {
  return new RotationError({
    code: 'Throttled',
    service: 'arm',
    operation: call,
    message: `Not sent: the subscription has no write to spare; come back in ${retryAfterMs} ms.`,
    retryAfterMs,
    isUnsent: true,
  });
}

// Keeps this process under the limits of Azure Resource Manager: one bucket of writes per subscription, asked before a
// pass reads and before it records a regenerate. Whoever is refused has sent and written nothing, and is told when to
// come back. It must not wait: a subscription that is used up must not hold a lane that another could use.
//
// `listKeys` and `regenerateKey` are both POSTs, and ARM counts a POST as a write.
import { RotationError } from '../../rotation/errors.ts';
import type { KeysCall, Urgency } from '../../rotation/ports.ts';
import { monotonicClock } from '../client/monotonic-clock.ts';
import { type BucketLimits, TokenBucket } from './token-bucket.ts';

/** ARM's limits for one principal in one subscription (Microsoft Learn, request limits and throttling). */
export const ARM_WRITES: BucketLimits = { capacity: 200, refillPerSecond: 10 };
/** Kept for compromised keys: four calls end one (two passes, each lists and regenerates), so this is for ten at once. */
export const RESERVE = 40;
/** Kept from passes that begin, so that those that have begun still find a token for their regenerate. */
export const HEADROOM = 10;
/** What a pass that renews a key takes: list, then regenerate. */
const CALLS_PER_PASS = 2;
/**
 * Routine calls that may be on their way in a subscription. What ARM has left is told by its answers: a process that has
 * just begun takes a bucket for full that others are using, and must ask a few at a time until it has heard.
 */
const UNANSWERED = 15;
/** A call that was admitted and never sent is forgotten after this long. */
const FORGOTTEN_MS = 5_000;
/** Those who came while too many were on their way come back this far apart at least: each costs a read and a note. */
const NEXT_MS = 20;
/** How long a subscription rests after a refusal that did not say how long. */
const REST_MS = 5_000;
/** How long a subscription rests at most: a wait of half a day may be an error, and a call an hour costs nothing. */
const REST_MAXIMUM_MS = 3_600_000;
/** A pass over a compromised key gets a try at least this often, whatever ARM has said and our own count says. */
const TRY_MS = 60_000;

export interface Governor {
  /**
   * Sets one call aside. Throws `Throttled`, with the time to come back, when there is none to give. Of compromised keys
   * a pass is admitted each minute all the same.
   */
  admit(subscriptionId: string, call: KeysCall, urgency: Urgency): void;
  /**
   * How many routine passes that list and regenerate may begin in the subscription now. Sets nothing aside: whoever begins
   * that many still asks for each call. Those who wait for a turn live on what is still to come, so that nothing that is
   * there now is theirs.
   */
  room(subscriptionId: string): number;
  /** A call is over; ARM said how many writes are left in the subscription, unless `remaining` is undefined. */
  learn(subscriptionId: string, remaining: number | undefined): void;
  /** ARM refused a call; `retryAfterMs` as it asked for, if it did. */
  close(subscriptionId: string, retryAfterMs: number | undefined): void;
}

/** `now` in milliseconds. A clock that can be set is no good: set back, it would keep a subscription closed for as long. */
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

  /** As far apart as answers come: the oldest call has waited for as long as all of them take. */
  waitMs(now: number): number {
    const apartMs = Math.ceil((now - (this.#since[0] ?? now)) / UNANSWERED);
    this.#nextAt = Math.max(now, this.#nextAt) + Math.max(NEXT_MS, apartMs);
    return this.#nextAt - now;
  }
}

/** When passes over compromised keys were last let through in one subscription. */
class Tries {
  #at: number | undefined;
  /** A pass that has listed against the bucket may regenerate as well: else no try would ever end a key. */
  #isRegenerateDue = false;

  /** How long a call has to wait that has to wait for `waitMs` by the bucket; notes the try when it is zero. */
  waitMs(call: KeysCall, now: number, waitMs: number): number {
    const ageMs = now - (this.#at ?? Number.NEGATIVE_INFINITY);
    // An age below zero is that of a clock which was set back: unknown, so long enough.
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

// A token bucket as Azure Resource Manager keeps one, seen from the caller: may a call be sent now, and if not, when.
// It must not send, wait or read a clock. It counts thousandths of tokens, so that refilling is exact in whole numbers.

export interface BucketLimits {
  /** Tokens of a full bucket. */
  readonly capacity: number;
  readonly refillPerSecond: number;
}

const THOUSANDTHS = 1_000;

export class TokenBucket {
  readonly #limits: BucketLimits;
  #level: number;
  #levelAt: number;
  #closedUntil = Number.NEGATIVE_INFINITY;
  /** Refused calls get turns one after another, so that they do not all come back at once. */
  #nextTurnAt = Number.NEGATIVE_INFINITY;

  constructor(limits: BucketLimits, now: number) {
    this.#limits = limits;
    this.#level = limits.capacity * THOUSANDTHS;
    this.#levelAt = now;
  }

  /**
   * Takes one token if `kept` others stay in the bucket. Returns 0 when it was taken, else after how many milliseconds
   * to come back. `turn` is how many tokens the caller will need then. It sets the distance to the next turn.
   */
  take(now: number, kept: number, turn: number): number {
    this.#refill(now);
    if (now < this.#closedUntil) return this.#turnAfter(this.#closedUntil, turn) - now;
    const missing = (kept + 1) * THOUSANDTHS - this.#level;
    if (missing > 0) return this.#turnAfter(now + Math.ceil(missing / this.#limits.refillPerSecond), turn) - now;
    this.#level -= THOUSANDTHS;
    return 0;
  }

  /** How many tokens may be taken now if `kept` others stay in the bucket; takes none. */
  room(now: number, kept: number): number {
    this.#refill(now);
    if (now < this.#closedUntil) return 0;
    return Math.max(0, Math.floor(this.#level / THOUSANDTHS) - kept);
  }

  /** The service counts `remaining` whole tokens. The lower count holds from now on: others may share the bucket. */
  learn(remaining: number, now: number): void {
    this.#refill(now);
    // The service rounds down. Without the added one, each answer would cost up to a whole token.
    this.#level = Math.min(this.#level, (remaining + 1) * THOUSANDTHS);
  }

  /** The service refused a call: the bucket is empty, and nothing is taken until `until`. */
  close(until: number, now: number): void {
    this.#refill(now);
    this.#level = 0;
    this.#closedUntil = Math.max(this.#closedUntil, until);
  }

  #refill(now: number): void {
    // A clock that was set back neither fills nor empties the bucket.
    const elapsedMs = Math.max(0, now - this.#levelAt);
    const full = this.#limits.capacity * THOUSANDTHS;
    this.#level = Math.min(full, this.#level + elapsedMs * this.#limits.refillPerSecond);
    this.#levelAt = Math.max(this.#levelAt, now);
  }

  #turnAfter(earliest: number, turn: number): number {
    const at = Math.max(earliest, this.#nextTurnAt);
    this.#nextTurnAt = at + Math.ceil((turn * THOUSANDTHS) / this.#limits.refillPerSecond);
    return at;
  }
}

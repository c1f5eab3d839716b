// Enumerates every sequence of answers to "which of n?" that a deterministic run asks for: run, count, carry, run again.
// It must not know what the answers mean.

/** One run's view: asks for a choice, answers 0 … count-1. */
export type Choose = (count: number) => number;

export class Odometer {
  readonly #digits: { value: number; readonly count: number }[] = [];
  #position = 0;
  /** Digits of the last sequence that this one begins with, the one that was turned included. */
  #repeated = 0;

  /** Use within one run, in a fixed order. */
  readonly choose: Choose = (count) => {
    const digit = this.#digits[this.#position];
    if (digit === undefined) this.#digits.push({ value: 0, count });
    else if (digit.count !== count) throw new Error('The run is not deterministic: it asked another question.');
    this.#position++;
    return digit?.value ?? 0;
  };

  /** The choices of this run so far. */
  taken(): number[] {
    return this.#digits.slice(0, this.#position).map((digit) => digit.value);
  }

  /** Number of choices made in this run so far. */
  get position(): number {
    return this.#position;
  }

  /** Whether this run is the first that begins with the choices made so far. */
  get isNew(): boolean {
    return this.#position >= this.#repeated;
  }

  /** Turns to the next sequence; false when all have been run. */
  next(): boolean {
    this.#digits.length = this.#position;
    this.#position = 0;
    for (let last = this.#digits.pop(); last !== undefined; last = this.#digits.pop()) {
      if (last.value + 1 < last.count) {
        this.#digits.push({ value: last.value + 1, count: last.count });
        this.#repeated = this.#digits.length;
        return true;
      }
    }
    return false;
  }
}

/** Answers a recorded sequence again, then zeros. */
export function replaying(choices: readonly number[]): Choose {
  let position = 0;
  return () => choices[position++] ?? 0;
}

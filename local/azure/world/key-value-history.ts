// What a configuration store held before: each write, lock and removal of a key-value. Lists of revisions and reads of
// the past are made from it. The simulator's world keeps none: it goes back in time.
import type { KeyValueState } from './key-value.ts';

/** The oldest revisions are dropped. Azure drops them by age, after 7 or 30 days. */
const REVISIONS_MAXIMUM = 10_000;

export interface Revision {
  /** Rises with each write to the store. */
  readonly number: number;
  readonly at: number;
  readonly entry: KeyValueState;
  readonly isRemoval: boolean;
}

export class KeyValueHistory {
  #revisions: Revision[] = [];
  #written = 0;

  note(entry: KeyValueState, at: number, isRemoval: boolean): void {
    this.#written += 1;
    this.#revisions.push({ number: this.#written, at, entry, isRemoval });
    if (this.#revisions.length > REVISIONS_MAXIMUM) this.#revisions.shift();
  }

  /** Without removals, oldest first. */
  get revisions(): readonly Revision[] {
    return this.#revisions.filter(({ isRemoval }) => !isRemoval);
  }

  /** The key-values at an instant, in no order. */
  at(instant: number): readonly KeyValueState[] {
    const newest = new Map<string, Revision>();
    for (const revision of this.#revisions) {
      const { key, label } = revision.entry;
      if (revision.at <= instant) newest.set(JSON.stringify([key, label]), revision);
    }
    return [...newest.values()].filter(({ isRemoval }) => !isRemoval).map(({ entry }) => entry);
  }
}

// Holds the key in use and the former key, which was in use before it. Each node of the gateway learns of a new key in
// its own time. Until then it still takes the former key.
// It must not read the source, or decide when a key is tried.
import type { ConsumedKey } from './key-source.ts';

/** Equal in value: the same key may be published again as another version. */
export function isSameKey(one: ConsumedKey, other: ConsumedKey): boolean {
  return one.key.fingerprint === other.key.fingerprint;
}

export class HeldKeys {
  readonly #keepFormerForMs: number;
  #inUse: ConsumedKey | undefined;
  #former: { readonly held: ConsumedKey; readonly supersededAt: number } | undefined;

  /** Measured on the monotonic clock: a clock that is set back must not keep a key longer. */
  constructor(keepFormerForMs: number) {
    this.#keepFormerForMs = keepFormerForMs;
  }

  get inUse(): ConsumedKey | undefined {
    return this.#inUse;
  }

  /** At most one, for a limited time, and never equal to the key in use. */
  get former(): ConsumedKey | undefined {
    if (this.#former === undefined) return undefined;
    const ageMs = performance.now() - this.#former.supersededAt;
    if (!(ageMs < this.#keepFormerForMs)) this.#former = undefined;
    return this.#former?.held;
  }

  /** Takes the source's key into use, and returns whether it is another. The key before becomes the former key. */
  take(read: ConsumedKey): boolean {
    const before = this.#inUse;
    this.#inUse = read;
    if (before === undefined) return true;
    if (isSameKey(before, read)) return false;
    this.#former = { held: before, supersededAt: performance.now() };
    return true;
  }

  /**
   * Drops the former key if it is among these. A key that was refused once and is not in use may be compromised: it
   * must not live on here.
   */
  dropFormer(refused: readonly ConsumedKey[]): void {
    const former = this.#former?.held;
    if (former !== undefined && refused.some((key) => isSameKey(key, former))) this.#former = undefined;
  }
}

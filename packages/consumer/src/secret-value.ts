// The only type of this library that carries a key.
// It refuses to print, serialise or compare: a key leaves it only through `reveal()`.
import { hash } from 'node:crypto';

const FINGERPRINT_HEX_DIGITS = 16;
const REDACTED = '[SecretValue]';

/** A key of an account. Opaque: its length and alphabet differ between kinds and ages of accounts. */
export class SecretValue {
  readonly #value: string;
  /** Names the key without revealing it: the first 64 bits of its SHA-256, in hex. The service shows the same. */
  readonly fingerprint: string;

  constructor(value: string) {
    if (value.length === 0) throw new TypeError('A key must not be empty.');
    this.#value = value;
    this.fingerprint = hash('sha256', value, 'hex').slice(0, FINGERPRINT_HEX_DIGITS);
  }

  /** The key itself. Only for the body or header of the one call that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  valueOf(): never {
    throw new TypeError('Compare fingerprints, not keys.');
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}

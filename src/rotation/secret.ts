// The only type that carries a key, and the only place that hashes one.
// It refuses to print, serialise or compare: a key leaves it only through `reveal()`, which adapters call to send it.
import { hash } from 'node:crypto';
import type { Fingerprint } from './model.ts';

const FINGERPRINT_HEX_DIGITS = 16;
const REDACTED = '[SecretValue]';

/** Names a key without revealing it: the first 64 bits of its SHA-256, in hex. */
export function fingerprintOf(value: string): Fingerprint {
  return hash('sha256', value, 'hex').slice(0, FINGERPRINT_HEX_DIGITS) as Fingerprint;
}

/** A key of an account. Opaque: its length and alphabet differ between kinds and ages of accounts. */
export class SecretValue {
  readonly #value: string;
  readonly fingerprint: Fingerprint;

  constructor(value: string) {
    if (value.length === 0) throw new TypeError('A key must not be empty.');
    this.#value = value;
    this.fingerprint = fingerprintOf(value);
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

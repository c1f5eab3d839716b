// Fingerprints of the keys of a simulation.
import type { Fingerprint } from '../../src/rotation/model.ts';
import { fingerprintOf } from '../../src/rotation/secret.ts';

const hashes = new Map<string, Fingerprint>();

/** Fingerprint of a key, remembered: a simulation asks millions of times. */
export function hashOf(value: string): Fingerprint {
  let found = hashes.get(value);
  if (found === undefined) {
    if (hashes.size > 500_000) hashes.clear();
    found = fingerprintOf(value);
    hashes.set(value, found);
  }
  return found;
}

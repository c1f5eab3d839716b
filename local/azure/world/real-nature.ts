// Time, keys and ids of a local Azure in real time: the clock of the machine and the system's random source.
// It must not remember its values: 128 random bits or more are never the same twice.
import { randomBytes, randomInt } from 'node:crypto';
import type { KeyShape, Nature } from './nature.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ALPHANUMERIC = `${LETTERS}0123456789`;

/** The provider signature of Azure AI, as in the last characters of an annotated key: `…AAAAACOG` and four more. */
const PROVIDER_SIGNATURE = 'AAAAACOG';

function pick(count: number, alphabet: string): string {
  return Array.from({ length: count }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

/** 84 characters in the shape of an annotated key. The checksum is random: its algorithm is not published. */
function annotatedKey(): string {
  const head = `${pick(52, ALPHANUMERIC)}JQQJ9`;
  const stamp = `${pick(1, '9DH')}${pick(1, ALPHANUMERIC)}${pick(1, 'ABCDEFGHIJKL')}`;
  return `${head}${stamp}${pick(12, ALPHANUMERIC)}${PROVIDER_SIGNATURE}${pick(4, ALPHANUMERIC)}`;
}

function newKey(shape: KeyShape): string {
  switch (shape) {
    case 'hex32':
      return randomBytes(16).toString('hex');
    case 'annotated84':
      return annotatedKey();
  }
}

export function createRealNature(): Nature {
  return {
    now: () => Date.now(),
    newKey,
    newVersion: () => randomBytes(16).toString('hex'),
    newETag: () => randomBytes(32).toString('base64url'),
    chooseNode: (count) => randomInt(count),
  };
}

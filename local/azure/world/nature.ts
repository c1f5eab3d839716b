// What the world takes from outside: time, chance and new values. The simulator gives its own.

export type KeyName = 'key1' | 'key2';
export type KeyShape = 'hex32' | 'annotated84';

/** What the world does not decide itself. */
export interface Nature {
  now(): number;
  newKey(shape: KeyShape): string;
  /** 32 hex digits, never twice. */
  newVersion(): string;
  /** 43 characters of base64url, never twice. */
  newETag(): string;
  /** Which of `count` gateway nodes a new connection meets, from 0. */
  chooseNode(count: number): number;
}

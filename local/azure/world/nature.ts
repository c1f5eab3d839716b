// The world's inputs from outside: time, chance and new values. The simulator supplies its own.

export type KeyName = 'key1' | 'key2';
export type KeyShape = 'hex32' | 'annotated84';

export interface Nature {
  now(): number;
  newKey(shape: KeyShape): string;
  /** 32 hex digits, never twice. */
  newVersion(): string;
  /** 43 characters of base64url, never twice. */
  newETag(): string;
  /** The gateway node that a new connection meets, from 0 to `count` - 1. */
  chooseNode(count: number): number;
}

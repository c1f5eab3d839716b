// A key does not leave its `SecretValue` by accident.
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, SecretValue } from '../../src/rotation/secret.ts';

const KEY = '0123456789abcdef0123456789abcdef';

function printed(print: (console: Console) => void): string {
  let output = '';
  const stdout = new Writable({
    write(chunk: Buffer, _, done) {
      output += chunk.toString();
      done();
    },
  });
  print(new Console(stdout));
  return output;
}

describe('SecretValue', () => {
  const secret = new SecretValue(KEY);
  const ways: readonly (readonly [string, () => string])[] = [
    ['joining', () => [secret].join('')],
    ['String()', () => String(secret)],
    ['a template', () => `key ${secret as unknown as string}`],
    ['format, in every way', () => format('%s %o %O %j', secret, secret, secret, secret)],
    ['a console', () => printed((console) => console.log('key', secret, { secret }))],
    ['a table on a console', () => printed((console) => console.table([{ secret }]))],
    ['spreading it', () => inspect({ ...(secret as object) })],
    ['JSON', () => JSON.stringify({ secret, list: [secret] })],
    ['inspect', () => inspect({ secret }, { depth: 9, showHidden: true })],
    ['inspect with its own view off', () => inspect(secret, { customInspect: false, showHidden: true })],
    ['copying its fields', () => JSON.stringify(Object.assign({}, secret))],
    [
      'its own keys',
      () =>
        Reflect.ownKeys(secret)
          .map((name) => String(Reflect.get(secret, name)))
          .join(),
    ],
    ['a structured clone', () => JSON.stringify(structuredClone(secret))],
    ['an error that carries it', () => inspect(new Error('failed', { cause: secret }))],
  ];
  it.each(ways)('does not show through %s', (_, show) => {
    expect(show()).not.toContain(KEY);
  });
  it('says what it is instead', () => {
    expect([String(secret), JSON.stringify(secret), inspect({ secret })]).toEqual([
      '[SecretValue]',
      '"[SecretValue]"',
      '{ secret: [SecretValue] }',
    ]);
  });
  it('refuses to be compared as a value', () => {
    const refusal = 'Compare fingerprints, not keys.';
    expect(() => (secret as unknown as number) < 1).toThrow(refusal);
    // eslint-disable-next-line eqeqeq -- that this comparison is refused is what is tested
    expect(() => (secret as unknown) == KEY).toThrow(refusal);
    expect(() => (secret as unknown as string) + KEY).toThrow(refusal);
    expect(() => (secret as unknown as number) * 1).toThrow(refusal);
  });
  it('reveals the key to the one who asks for it', () => {
    expect(secret.reveal()).toBe(KEY);
  });
  it('refuses an empty key', () => {
    expect(() => new SecretValue('')).toThrow('must not be empty');
  });
});

it('names a key by the first 64 bits of its SHA-256', () => {
  // `printf abc | sha256sum` begins so.
  expect(fingerprintOf('abc')).toBe('ba7816bf8f01cfea');
});

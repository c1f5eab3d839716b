// What one row may hold, at its edges, and the cheap bound that spares the in-memory ports most measuring.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { charactersAtMost, requireFitting, requireFittingRow } from '../../src/azure/table/limits.ts';

const rowOf = (rowKey: string, columns: Readonly<Record<string, unknown>> = {}) => ({
  partitionKey: 'rotation',
  rowKey,
  ...columns,
});
const wide = (columns: number) =>
  Object.fromEntries(Array.from({ length: columns }, (_, index) => [`c${index}`, 'r'.repeat(32_000)]));
const refused = (providerCode: string) =>
  expect.objectContaining({ code: 'Misconfigured', service: 'table', operation: 'write', providerCode }) as object;

describe('a row', () => {
  test.each(['a/b', 'a\\b', 'a#b', 'a?b', 'a\u0000b', 'a\u001fb', 'a\u007fb', 'a\u009fb', 'k'.repeat(513)])(
    'may not have the key %j',
    (rowKey) => {
      expect(() => {
        requireFittingRow('write', rowOf(rowKey));
      }).toThrow(refused('OutOfRangeInput'));
    },
  );

  test.each(["a|b~'", 'a b', 'ä\u{1f511}', 'k'.repeat(512)])('may have the key %j', (rowKey) => {
    requireFittingRow('write', rowOf(rowKey));
  });

  test('holds 1 MiB of UTF-16 and no more', () => {
    requireFittingRow('write', rowOf('k', wide(16)));
    expect(() => {
      requireFittingRow('write', rowOf('k', wide(17)));
    }).toThrow(refused('EntityTooLarge'));
  });

  test('may stand in a transaction once', () => {
    requireFitting('write', [
      ['create', rowOf('one')],
      ['create', rowOf('two')],
    ]);
    const twice = () => {
      requireFitting('write', [
        ['create', rowOf('one')],
        ['update', rowOf('one'), 'Merge'],
      ]);
    };
    expect(twice).toThrow(refused('InvalidDuplicateRow'));
  });
});

test('the cheap bound is never below what the value takes as JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string({ unit: 'binary' }), (value, text) => {
      const both = { value, text: `${text}\u0001\ud800` };
      expect(charactersAtMost(both)).toBeGreaterThanOrEqual(JSON.stringify(both).length);
    }),
  );
});

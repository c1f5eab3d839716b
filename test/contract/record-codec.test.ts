// The stored record: what was written is read back, and what cannot be understood is told, never thrown or guessed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord, decodeSummary, encodeRecord, encodeSummary } from '../../src/azure/table/rows/record-codec.ts';
import type { RotationRecord } from '../../src/rotation/model.ts';

const slot = fc.constantFrom('key1', 'key2');
const word = fc.string({ minLength: 1 });
const instant = fc.integer({ min: 0, max: 4_000_000_000_000 });
const count = fc.nat();
const publishedVersion = fc.record({ slot, version: word, fingerprint: word });
const sacrifice = fc.record({ slot, before: word, attemptAt: instant });
const place = fc.record({
  vaultUrl: word,
  secretName: word,
  referenceKey: word,
  flagName: word,
  label: fc.oneof(word, fc.constant(undefined)),
});
const former = fc.record(
  { place, accountId: fc.string({ minLength: 1 }), since: instant },
  { requiredKeys: ['place'] },
);
const base = { rotationId: count, published: publishedVersion, place, former, sacrifice };
const overlap = { superseded: publishedVersion, since: instant, rolledBack: fc.boolean(), versions: fc.array(word) };
const last = fc.record(
  { rotationId: count, outcome: fc.constantFrom('completed', 'rolledBack'), provenAt: instant },
  { requiredKeys: ['rotationId', 'outcome'] },
);

const anyRecord = fc.oneof(
  fc.record(
    {
      ...base,
      phase: fc.constant('idle'),
      rotatedAt: instant,
      standby: word,
      jitterMs: count,
      adoptedAt: instant,
      standbyApprovedAt: instant,
      last,
    },
    { requiredKeys: ['rotationId', 'published', 'phase', 'rotatedAt', 'jitterMs'] },
  ),
  fc.record(
    {
      ...base,
      phase: fc.constant('preparing'),
      reason: fc.constantFrom('RotationDue', 'RotationRequested', 'KeyCompromised'),
      requestId: word,
      before: word,
      attemptAt: instant,
      attempts: count,
    },
    { requiredKeys: ['rotationId', 'published', 'phase', 'reason', 'before', 'attemptAt', 'attempts'] },
  ),
  fc.record(
    { ...base, ...overlap, phase: fc.constant('propagating') },
    { requiredKeys: ['rotationId', 'published', 'superseded', 'since', 'rolledBack', 'versions', 'phase'] },
  ),
  fc.record(
    {
      ...base,
      ...overlap,
      phase: fc.constant('retiring'),
      enteredAt: instant,
      rejectedSince: instant,
      attemptAt: instant,
      attempts: count,
    },
    {
      requiredKeys: [
        'rotationId',
        'published',
        'superseded',
        'since',
        'rolledBack',
        'versions',
        'phase',
        'enteredAt',
        'attempts',
      ],
    },
  ),
) as fc.Arbitrary<unknown> as fc.Arbitrary<RotationRecord>;

const IDLE =
  '{"phase":"idle","rotationId":4,"published":{"slot":"key1","version":"v","fingerprint":"f"},"rotatedAt":5,"jitterMs":0}';

describe('the record codec', () => {
  test('reads the stored form of schema 1', () => {
    expect(decodeRecord(1, IDLE)).toEqual({
      state: 'present',
      record: {
        phase: 'idle',
        rotationId: 4,
        published: { slot: 'key1', version: 'v', fingerprint: 'f' },
        rotatedAt: 5,
        jitterMs: 0,
      },
    });
  });

  test('gives back every record that it has written', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(decodeRecord(1, encodeRecord(record))).toEqual({ state: 'present', record });
      }),
    );
  });

  test('reads a place without a label as one that says so: laid over an account it takes away another label', () => {
    const place = { vaultUrl: 'https://v.test', secretName: 's', referenceKey: 'r', flagName: 'f', label: undefined };
    const stored = encodeRecord({ ...(JSON.parse(IDLE) as RotationRecord), place, former: { place } });
    const read = decodeRecord(1, stored);
    const record = read.state === 'present' ? read.record : undefined;
    expect([record?.place, record?.former?.place]).toStrictEqual([place, place]);
  });

  test('keeps the intent to regenerate the published slot, and since when the superseded value is rejected', () => {
    const json =
      '{"phase":"retiring","rotationId":4,"published":{"slot":"key1","version":"v","fingerprint":"f"},' +
      '"superseded":{"slot":"key2","version":"u","fingerprint":"e"},"since":5,"rolledBack":false,"versions":["v"],' +
      '"enteredAt":6,"attempts":1,"rejectedSince":7,"sacrifice":{"slot":"key1","before":"f","attemptAt":8}}';
    expect(decodeRecord(1, json)).toMatchObject({
      state: 'present',
      record: { rejectedSince: 7, sacrifice: { slot: 'key1', before: 'f', attemptAt: 8 } },
    });
  });

  test('no record is absent', () => {
    expect(decodeRecord(1, undefined)).toEqual({ state: 'absent' });
    expect(decodeRecord(1, null)).toEqual({ state: 'absent' });
  });

  test.each([
    ['a newer schema', 2, IDLE, 'schema: this version understands 1, stored is 2.'],
    ['no schema', undefined, IDLE, 'schema: this version understands 1, stored is no number.'],
    ['no JSON', 1, '{"phase":', 'record: not JSON.'],
    ['an unknown phase', 1, IDLE.replace('idle', 'halted'), 'record.phase'],
    ['a missing field', 1, IDLE.replace('"rotatedAt":5,', ''), 'record.rotatedAt'],
    ['a wrong slot', 1, IDLE.replace('key1', 'primary'), 'record.published.slot'],
    [
      'a field of a newer version',
      1,
      IDLE.replace('"jitterMs":0', '"jitterMs":0,"novelty":1'),
      'unknown field novelty',
    ],
  ])('%s is unreadable, and the field is named', (_name, schema, json, detail) => {
    const read = decodeRecord(schema, json);
    expect(read.state).toBe('unreadable');
    expect(read.state === 'unreadable' ? read.detail : '').toContain(detail);
  });

  test('never throws, and never takes a mangled record for a whole one', () => {
    fc.assert(
      fc.property(anyRecord, fc.nat(), fc.string({ minLength: 1, maxLength: 3 }), (record, position, noise) => {
        const json = encodeRecord(record);
        const at = position % json.length;
        const mangled = [
          json.slice(0, at),
          json.slice(0, at) + noise + json.slice(at),
          json.slice(0, at) + json.slice(at + 1),
        ];
        for (const text of mangled) {
          const read = decodeRecord(1, text);
          // Noise inside a string or a number may make another whole record; anything else must be noticed.
          if (read.state === 'present') expect(JSON.parse(text)).toEqual(read.record);
          else expect(read.state).toBe('unreadable');
        }
      }),
    );
  });

  test('never throws whatever stands in the columns', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant(1), fc.anything()), fc.oneof(fc.json(), fc.anything()), (schema, json) => {
        expect(['absent', 'unreadable', 'present']).toContain(decodeRecord(schema, json).state);
      }),
    );
  });

  test('a summary comes back as it was, and a damaged one is none', () => {
    const summary = { at: 1, reason: 'NotDue', isBlocked: false, since: 1, failures: 0 };
    expect(decodeSummary(encodeSummary(summary))).toEqual(summary);
    expect(decodeSummary('{"at":1}')).toBeUndefined();
    expect(decodeSummary(undefined)).toBeUndefined();
  });
});

// What Azure Tables refuses, every implementation of `RecordsPort` refuses: nothing is written then.
import { describe, expect, test } from 'vitest';
import type { RequestId, SecretVersion } from '../../../src/rotation/model.ts';
import type { RecordWrite } from '../../../src/rotation/ports.ts';
import type { MakeHarness } from './harness.ts';
import { change, entity, line, NOW, RECORD, ROTATE } from './stored.ts';

const REFUSED = (providerCode: string) => ({ code: 'Misconfigured', service: 'table', providerCode });

/** Lines of the history that nobody is notified of, and lines that are an operation more. */
const quiet = (count: number) => Array.from({ length: count }, () => line(NOW, 'Published'));
const loud = (count: number) => Array.from({ length: count }, () => line(NOW, 'Blocked'));
const ids = (count: number) => Array.from({ length: count }, (_, index) => `request-${index}` as RequestId);

export function describeStoreLimitsContract(name: string, makeHarness: MakeHarness): void {
  describe(`limits of the store, ${name}`, () => {
    test.each([
      ['99 lines', { history: quiet(99) }],
      ['49 lines with a notification each, and one without', { history: [...loud(49), ...quiet(1)] }],
    ])('a transaction holds a hundred operations: %s', async (_, changes) => {
      const { ports, account } = await makeHarness();
      await ports.records.write(account, undefined, change(changes));
      expect((await ports.records.read(account)).entity.revision).toBe(1);
    });

    test('closings and marks count twice each', async () => {
      const { ports, account } = await makeHarness();
      const [one, two] = ids(2);
      if (one === undefined || two === undefined) throw new Error('Two ids were asked for.');
      for (const id of [one, two]) await ports.records.insertRequest(account, { ...ROTATE, id }, []);
      const changes = { closes: [{ id: one, outcome: 'KeyIsDead' }], marks: [{ id: two, replacedAt: NOW }] } as const;
      const tooMuch = change({ ...changes, history: quiet(96) });
      await expect(ports.records.write(account, undefined, tooMuch)).rejects.toMatchObject(REFUSED('InvalidInput'));
      await ports.records.write(account, undefined, change({ ...changes, history: quiet(95) }));
      expect((await ports.records.read(account)).entity.revision).toBe(1);
    });

    test.each([
      ['a Date', new Date(NOW)],
      ['a Map', new Map([['a', 1]])],
      ['no number', Number.NaN],
      ['no value', undefined],
      ['a big number', 1n],
    ])('what is not JSON is refused, or comes back as its JSON or not at all: %s', async (_, value) => {
      const { ports, account } = await makeHarness();
      const records = [
        { ...RECORD, since: value },
        { ...RECORD, published: { ...RECORD.published, fingerprint: value } },
        { ...RECORD, versions: [value] },
        { ...RECORD, former: value },
        { ...RECORD, sacrifice: value },
      ];
      for (const record of records as unknown as (typeof RECORD)[]) {
        const { etag } = await ports.records.read(account);
        const isWritten = await ports.records.write(account, etag, change({ entity: entity({ record }) })).then(
          () => true,
          () => false,
        );
        const stored = await ports.records.read(account);
        if (!isWritten || stored.record.state !== 'present') continue;
        expect(stored.record.record).toStrictEqual(JSON.parse(JSON.stringify(record)));
      }
    });

    const tooMany: readonly (readonly [string, Partial<RecordWrite>])[] = [
      ['100 lines', { history: quiet(100) }],
      ['50 lines with a notification each', { history: loud(50) }],
      ['50 closings', { closes: ids(50).map((id) => ({ id, outcome: 'KeyIsDead' })) }],
      ['50 marks', { marks: ids(50).map((id) => ({ id, replacedAt: NOW })) }],
    ];
    test.each(tooMany)('a transaction of more operations is refused: %s', async (_, changes) => {
      const { ports, account } = await makeHarness();
      const written = ports.records.write(account, undefined, change(changes));
      await expect(written).rejects.toMatchObject(REFUSED('InvalidInput'));
      expect((await ports.records.read(account)).etag).toBeUndefined();
    });

    test('a request or a pause with too many lines is refused', async () => {
      const { ports, account } = await makeHarness();
      const { records } = ports;
      const inserted = records.insertRequest(account, ROTATE, quiet(99));
      await expect(inserted).rejects.toMatchObject({ ...REFUSED('InvalidInput'), operation: 'insertRequest' });
      await records.write(account, undefined, change());
      const stored = await records.read(account);
      const pausing = { stored, at: NOW, history: quiet(99), isEntityKept: false };
      const paused = records.setPause(account, { by: 'b', reason: 'r', at: NOW }, pausing);
      await expect(paused).rejects.toMatchObject({ ...REFUSED('InvalidInput'), operation: 'setPause' });
      expect(await records.read(account)).toEqual(stored);
    });

    test('a text holds 32,768 characters and no more', async () => {
      const { ports, account } = await makeHarness();
      const { records } = ports;
      const telling = (length: number) => [line(NOW, 'Blocked', { reason: 'ä'.repeat(length) })];
      const etag = await records.write(account, undefined, change({ history: telling(32_768) }));
      const late = change({ entity: entity({ revision: 2 }), history: telling(32_769) });
      await expect(records.write(account, etag, late)).rejects.toMatchObject(REFUSED('PropertyValueTooLarge'));
      const request = { ...ROTATE, reason: 'r'.repeat(32_769) };
      const inserted = records.insertRequest(account, request, []);
      await expect(inserted).rejects.toMatchObject(REFUSED('PropertyValueTooLarge'));
      const acknowledged = records.acknowledge(account, { consumer: 'c'.repeat(32_769), version: 'v' as never, at: 0 });
      await expect(acknowledged).rejects.toMatchObject(REFUSED('PropertyValueTooLarge'));
      const pause = { by: 'b', reason: 'r'.repeat(32_769), at: NOW };
      const pausing = { stored: await records.read(account), at: NOW, history: [], isEntityKept: true };
      const paused = records.setPause(account, pause, pausing);
      await expect(paused).rejects.toMatchObject(REFUSED('PropertyValueTooLarge'));
      expect(await records.read(account)).toEqual(pausing.stored);
    });

    test('a record that is too long for a column is refused', async () => {
      const { ports, account } = await makeHarness();
      const versionsOf = (count: number) => Array.from({ length: count }, () => 'v'.repeat(32) as SecretVersion);
      const long = (count: number) =>
        change({ entity: entity({ record: { ...RECORD, versions: versionsOf(count) } as never }) });
      const etag = await ports.records.write(account, undefined, long(900));
      const written = ports.records.write(account, etag, long(950));
      await expect(written).rejects.toMatchObject(REFUSED('PropertyValueTooLarge'));
    });

    test('a transaction holds 4 MiB', async () => {
      const { ports, account } = await makeHarness();
      // A euro sign is one character of a text, and three bytes on the wire.
      const long = Array.from({ length: 50 }, () => line(NOW, 'Published', { reason: '€'.repeat(30_000) }));
      const written = ports.records.write(account, undefined, change({ history: long }));
      await expect(written).rejects.toMatchObject(REFUSED('RequestBodyTooLarge'));
      expect((await ports.records.read(account)).etag).toBeUndefined();
    });
  });
}

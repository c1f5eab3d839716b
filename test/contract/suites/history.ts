// Obligations of `RecordsPort` towards those who look back: the history of an account, and when the timer has run.
import { describe, expect, test } from 'vitest';
import type { Fingerprint, SecretVersion } from '../../../src/rotation/model.ts';
import type { HistoryEntry } from '../../../src/rotation/ports.ts';
import type { MakeHarness } from './harness.ts';
import { change, entity, line, NOW, ROTATE } from './stored.ts';

export function describeHistoryContract(name: string, makeHarness: MakeHarness): void {
  describe(`history, ${name}`, () => {
    test('history comes newest first, across writes and within one, up to the limit', async () => {
      const { ports, account } = await makeHarness();
      const started = line(NOW, 'RotationStarted', { reason: 'RotationDue', requestId: ROTATE.id, by: 'somebody' });
      const published = line(NOW + 1_000, 'Published', {
        slot: 'key2',
        fingerprint: 'bbbbbbbbbbbbbbbb' as Fingerprint,
        version: '22222222222222222222222222222222' as SecretVersion,
      });
      const completed = line(NOW + 1_000, 'RotationCompleted');
      const etag = await ports.records.write(account, undefined, change({ history: [started] }));
      const next = change({ entity: entity({ revision: 2 }), history: [published, completed] });
      await ports.records.write(account, etag, next);
      await ports.records.insertRequest(account, ROTATE, [line(NOW + 2_000, 'RequestClosed')]);
      const all = [line(NOW + 2_000, 'RequestClosed'), completed, published, started];
      expect(await ports.records.listHistory(account, 10)).toEqual({ entries: all });
      expect(await ports.records.listHistory(account, 4)).toEqual({ entries: all });
    });

    test('history comes in pages that lose and repeat nothing, also when lines are added meanwhile', async () => {
      const { ports, account } = await makeHarness();
      const lines = [0, 1, 2, 3, 4].map((index) => line(NOW + index, 'Blocked', { reason: `reason ${index}` }));
      const etag = await ports.records.write(account, undefined, change({ history: lines.slice(0, 2) }));
      const second = change({ entity: entity({ revision: 2 }), history: lines.slice(2, 4) });
      await ports.records.write(account, etag, second);
      const reasonsOf = (entries: readonly HistoryEntry[]) => entries.map(({ reason }) => reason);
      const first = await ports.records.listHistory(account, 2);
      expect(reasonsOf(first.entries)).toEqual(['reason 3', 'reason 2']);
      await ports.records.insertRequest(account, ROTATE, lines.slice(4));
      const next = await ports.records.listHistory(account, 2, first.next);
      expect(reasonsOf(next.entries)).toEqual(['reason 1', 'reason 0']);
      expect(next.next).toBeUndefined();
      const afresh = await ports.records.listHistory(account, 3);
      expect(reasonsOf(afresh.entries)).toEqual(['reason 4', 'reason 3', 'reason 2']);
    });

    test('a position that no page has given is no error', async () => {
      const { ports, account } = await makeHarness();
      await ports.records.write(account, undefined, change({ history: [line(NOW, 'Adopted')] }));
      await expect(ports.records.listHistory(account, 2, "0' or true or '")).resolves.toBeDefined();
    });

    test('what the timer notes is seen with what is due, at any time, and stands in nobody’s way', async () => {
      const { ports, account } = await makeHarness();
      const { accounts: accountIds } = await ports.records.listDue(NOW);
      await ports.records.noteTick({ ticks: [NOW + 1], enrolled: 'aaaa' });
      await ports.records.noteTick({ ticks: [NOW + 60_001, NOW + 1], enrolled: undefined });
      expect(await ports.records.listTicks()).toEqual([NOW + 60_001, NOW + 1]);
      const mark = { ticks: [NOW + 60_001, NOW + 1], enrolled: undefined, discovery: undefined };
      expect((await ports.records.listDue(0)).mark).toEqual(mark);
      await ports.records.noteTick({ ticks: [NOW], enrolled: 'bbbb' });
      expect((await ports.records.listDue(NOW)).mark).toEqual({ ticks: [NOW], enrolled: 'bbbb', discovery: undefined });
      expect((await ports.records.listDue(NOW)).accounts).toEqual(accountIds);
      expect((await ports.records.listStatus()).map((row) => row.accountId)).not.toContain(undefined);
      expect((await ports.records.read(account)).record).toEqual({ state: 'absent' });
    });
  });
}

// Obligations of `RecordsPort` about the pause: it holds at once, also against a pass that is under way.
import { describe, expect, test } from 'vitest';
import type { OperatorPorts, PauseChange } from '../../../src/operators/ports.ts';
import type { Account, AccountId } from '../../../src/rotation/model.ts';
import type { MakeHarness } from './harness.ts';
import { change, entity, line, NOW } from './stored.ts';

const PAUSE = { by: 'somebody', reason: 'maintenance', at: NOW };

async function changeOf(
  { records }: OperatorPorts,
  account: Account,
  changes: Partial<PauseChange> = {},
): Promise<PauseChange> {
  return { stored: await records.read(account), at: NOW, history: [], isEntityKept: false, ...changes };
}

export function describePauseContract(name: string, makeHarness: MakeHarness): void {
  describe(`pause, ${name}`, () => {
    test('a pause is set and ended; each can be repeated', async () => {
      const { ports, account } = await makeHarness();
      const { records } = ports;
      const none = await changeOf(ports, account);
      await records.setPause(account, undefined, none);
      await records.setPause(account, PAUSE, { ...none, history: [line(NOW, 'Paused', { by: 'somebody' })] });
      await records.setPause(account, PAUSE, none);
      const stored = await records.read(account);
      expect(stored.pause).toEqual(PAUSE);
      expect(stored.etag).toBeUndefined();
      await records.setPause(account, undefined, { ...none, history: [line(NOW + 1, 'Resumed')] });
      await records.setPause(account, undefined, none);
      expect((await records.read(account)).pause).toBeUndefined();
      const { entries } = await records.listHistory(account, 10);
      expect(entries.map((entry) => entry.kind)).toEqual(['Resumed', 'Paused']);
    });

    test('a pass that has read before the pause loses its next write', async () => {
      const { ports, account } = await makeHarness();
      const etag = await ports.records.write(account, undefined, change());
      await ports.records.setPause(account, PAUSE, await changeOf(ports, account));
      const intent = change({ entity: entity({ revision: 2 }), history: [line(NOW, 'RotationStarted')] });
      await expect(ports.records.write(account, etag, intent)).rejects.toMatchObject({ code: 'LostRace' });
      const stored = await ports.records.read(account);
      expect(stored.pause).toEqual(PAUSE);
      expect(stored.entity).toEqual(entity({ nextObservationAt: NOW }));
      expect(stored.etag).not.toBe(etag);
      await ports.records.write(account, stored.etag, intent);
    });

    test('a pause does not lose to a pass that has written since', async () => {
      const { ports, account } = await makeHarness();
      const etag = await ports.records.write(account, undefined, change());
      const pausing = await changeOf(ports, account);
      await ports.records.write(account, etag, change({ entity: entity({ revision: 2 }) }));
      await ports.records.setPause(account, PAUSE, pausing);
      const stored = await ports.records.read(account);
      expect(stored.pause).toEqual(PAUSE);
      expect(stored.entity).toEqual(entity({ revision: 2, nextObservationAt: NOW }));
    });

    test('after a resume the account is due at once', async () => {
      const { ports, account } = await makeHarness();
      const isDue = async (now: number) => (await ports.records.listDue(now)).accounts.includes(account.id);
      await ports.records.write(account, undefined, change());
      expect(await isDue(NOW + 5)).toBe(false);
      await ports.records.setPause(account, undefined, await changeOf(ports, account, { at: NOW + 5 }));
      expect(await isDue(NOW + 4)).toBe(false);
      expect(await isDue(NOW + 5)).toBe(true);
    });

    test('an entity that is to be kept keeps its ETag and its time', async () => {
      const { ports, account } = await makeHarness();
      const etag = await ports.records.write(account, undefined, change());
      await ports.records.setPause(account, PAUSE, await changeOf(ports, account, { isEntityKept: true }));
      const stored = await ports.records.read(account);
      expect(stored.pause).toEqual(PAUSE);
      expect(stored.etag).toBe(etag);
      expect(stored.entity).toEqual(entity());
    });

    test('an entity that is gone since it was read does not keep the pause from being set', async () => {
      const { ports, account } = await makeHarness();
      const another = { ...account, id: `${account.id}-another` as AccountId };
      await ports.records.write(another, undefined, change());
      const stored = await ports.records.read(another);
      const history = [line(NOW, 'Paused')];
      await ports.records.setPause(account, PAUSE, { stored, at: NOW, history, isEntityKept: false });
      const read = await ports.records.read(account);
      expect(read.pause).toEqual(PAUSE);
      expect(read.etag).toBeUndefined();
      expect(await ports.records.listHistory(account, 10)).toEqual({ entries: history });
    });
  });
}

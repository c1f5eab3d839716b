// Obligations of `FleetRecords` about rows that nothing works with any more: what is old goes, and nothing else.
import { describe, expect, test } from 'vitest';
import type { SecretVersion } from '../../../src/rotation/model.ts';
import type { MakeHarness } from './harness.ts';
import { COMPROMISED, change, entity, line, NOW, ROTATE } from './stored.ts';

const VERSION = '22222222222222222222222222222222' as SecretVersion;
const NOTHING_OLD = { historyBefore: 0, requestsBefore: 0 };
const LEFT = { at: NOW + 9, reason: 'NotConfigured', isBlocked: false, since: NOW, failures: 0 };
const PAUSE = { by: 'somebody', reason: 'maintenance', at: NOW };

export function describeRetentionContract(name: string, makeHarness: MakeHarness): void {
  describe(`retention, ${name}`, () => {
    test('lines of the history go by the instant of the event', async () => {
      const { ports, account } = await makeHarness();
      const { records } = ports;
      const history = [line(NOW - 1, 'Blocked'), line(NOW, 'Unblocked'), line(NOW + 1, 'Repaired')];
      await records.write(account, undefined, change({ history }));
      expect(await records.forgetOld(account.id, { ...NOTHING_OLD, historyBefore: NOW })).toBe(1);
      const kinds = async () => (await records.listHistory(account, 10)).entries.map(({ kind }) => kind);
      expect(await kinds()).toEqual(['Repaired', 'Unblocked']);
      expect(await records.forgetOld(account.id, { ...NOTHING_OLD, historyBefore: NOW })).toBe(0);
      expect(await records.forgetOld(account.id, { ...NOTHING_OLD, historyBefore: NOW + 2 })).toBe(2);
      expect(await kinds()).toEqual([]);
    });

    test('requests go by the instant at which they were closed; an open one stays', async () => {
      const { ports, account } = await makeHarness();
      const { records } = ports;
      await records.insertRequest(account, { ...COMPROMISED, at: NOW - 9 }, []);
      await records.insertRequest(account, { ...ROTATE, at: NOW - 9 }, []);
      const closes = [{ id: ROTATE.id, outcome: 'Completed' as never }];
      await records.write(account, undefined, change({ closes }));
      expect(await records.forgetOld(account.id, { ...NOTHING_OLD, requestsBefore: NOW })).toBe(0);
      expect(await records.forgetOld(account.id, { ...NOTHING_OLD, requestsBefore: NOW + 1 })).toBe(1);
      expect(await records.readRequest(account, ROTATE.id)).toBeUndefined();
      expect(await records.readRequest(account, COMPROMISED.id)).toMatchObject({ id: COMPROMISED.id });
      expect((await records.read(account)).requests).toHaveLength(1);
    });

    test('acknowledgements go if they are old and their consumers are not named, in any case', async () => {
      const { ports, account } = await makeHarness();
      const { records } = ports;
      for (const consumer of ['Web', 'former']) {
        await records.acknowledge(account, { consumer, version: VERSION, at: NOW });
      }
      const old = (before: number, except: readonly string[]) => ({
        ...NOTHING_OLD,
        acknowledgements: { before, except },
      });
      expect(await records.forgetOld(account.id, NOTHING_OLD)).toBe(0);
      expect(await records.forgetOld(account.id, old(NOW, []))).toBe(0);
      expect(await records.forgetOld(account.id, old(NOW + 1, ['web']))).toBe(1);
      const { acknowledgements } = await records.read(account);
      expect(acknowledgements.map(({ consumer }) => consumer)).toEqual(['Web']);
    });

    test('an account that left before the instant goes with all its rows, open requests and pause included', async () => {
      const { ports, account } = await makeHarness();
      const { records } = ports;
      const etag = await records.write(account, undefined, change({ history: [line(NOW, 'Left')] }));
      await records.insertRequest(account, ROTATE, [line(NOW, 'Requested')]);
      await records.acknowledge(account, { consumer: 'web', version: VERSION, at: NOW });
      const stored = await records.read(account);
      await records.setPause(account, PAUSE, { stored, at: NOW, history: [], isEntityKept: true });
      await records.write(account, etag, change({ entity: entity({ lastPass: LEFT, revision: 2 }) }));
      expect(await records.forgetAccount(account.id, NOW)).toBe(0);
      expect((await records.read(account)).etag).toBeDefined();
      expect(await records.forgetAccount(account.id, NOW + 1)).toBeGreaterThan(0);
      expect(await records.read(account)).toMatchObject({
        etag: undefined,
        record: { state: 'absent' },
        requests: [],
        acknowledgements: [],
        pause: undefined,
      });
      expect((await records.listHistory(account, 10)).entries).toEqual([]);
      expect(await records.readRequest(account, ROTATE.id)).toBeUndefined();
      expect((await records.listStatus()).some(({ accountId }) => accountId === account.id)).toBe(false);
      expect(await records.forgetAccount(account.id, NOW + 1)).toBe(0);
    });

    test('an account that has come back stays, whatever it was before', async () => {
      const { ports, account } = await makeHarness();
      const { records } = ports;
      const left = change({ entity: entity({ lastPass: LEFT }), history: [line(NOW, 'Left')] });
      const etag = await records.write(account, undefined, left);
      await records.write(account, etag, change({ entity: entity({ revision: 2 }) }));
      expect(await records.forgetAccount(account.id, NOW + 1)).toBe(0);
      expect((await records.read(account)).entity).toEqual(entity({ revision: 2 }));
      expect((await records.listHistory(account, 10)).entries).toHaveLength(1);
    });

    test('what is old of one account is no other’s', async () => {
      const { ports, account } = await makeHarness();
      const { records } = ports;
      const other = { ...account, id: `${account.id}-2` as typeof account.id };
      const left = change({ entity: entity({ lastPass: LEFT }), history: [line(NOW, 'Left')] });
      await records.write(account, undefined, left);
      await records.write(other, undefined, left);
      await records.forgetOld(account.id, { historyBefore: NOW + 1, requestsBefore: NOW + 1 });
      await records.forgetAccount(account.id, NOW + 1);
      expect((await records.read(other)).etag).toBeDefined();
      expect((await records.listHistory(other, 10)).entries).toHaveLength(1);
    });
  });
}

// Obligations of `RecordsPort`.
import { describe, expect, test } from 'vitest';
import type { AccountId, ETag, RequestId, RotationId, SecretVersion } from '../../../src/rotation/model.ts';
import type { MakeHarness } from './harness.ts';
import { COMPROMISED, change, entity, line, NOW, RECORD, ROTATE } from './stored.ts';

export function describeRecordsContract(name: string, makeHarness: MakeHarness): void {
  describe(`records, ${name}`, () => {
    test('an account of which nothing is stored reads as absent', async () => {
      const { ports, account } = await makeHarness();
      expect(await ports.records.read(account)).toEqual({
        etag: undefined,
        record: { state: 'absent' },
        entity: { lease: undefined, record: undefined, nextObservationAt: 0, lastPass: undefined, revision: 0 },
        requests: [],
        acknowledgements: [],
        pause: undefined,
      });
    });

    test('what was written is read back, with the ETag that the write answered', async () => {
      const { ports, account } = await makeHarness();
      const etag = await ports.records.write(account, undefined, change());
      const stored = await ports.records.read(account);
      expect(stored.etag).toBe(etag);
      expect(stored.record).toEqual({ state: 'present', record: RECORD });
      expect(stored.entity).toEqual(entity());
    });

    test('an entity without record, lease and summary is read back as such', async () => {
      const { ports, account } = await makeHarness();
      const bare = entity({ record: undefined, lease: undefined, lastPass: undefined });
      await ports.records.write(account, undefined, change({ entity: bare }));
      const stored = await ports.records.read(account);
      expect(stored.record).toEqual({ state: 'absent' });
      expect(stored.entity).toEqual(bare);
    });

    test('a write replaces the whole entity, so that a released lease is gone', async () => {
      const { ports, account } = await makeHarness();
      const etag = await ports.records.write(account, undefined, change());
      await ports.records.write(account, etag, change({ entity: entity({ lease: undefined, revision: 2 }) }));
      expect((await ports.records.read(account)).entity).toEqual(entity({ lease: undefined, revision: 2 }));
    });

    test('of two that insert one loses', async () => {
      const { ports, account } = await makeHarness();
      await ports.records.write(account, undefined, change());
      const second = change({ entity: entity({ revision: 9 }), history: [line(NOW, 'Adopted')] });
      await expect(ports.records.write(account, undefined, second)).rejects.toMatchObject({ code: 'LostRace' });
      expect((await ports.records.read(account)).entity.revision).toBe(1);
      expect(await ports.records.listHistory(account, 10)).toEqual({ entries: [] });
    });

    test('a stale ETag loses, together with its closings and history', async () => {
      const { ports, account } = await makeHarness();
      const stale = await ports.records.write(account, undefined, change());
      await ports.records.insertRequest(account, ROTATE, []);
      await ports.records.write(account, stale, change({ entity: entity({ revision: 2 }) }));
      const late = change({
        entity: entity({ revision: 2 }),
        closes: [{ id: ROTATE.id, outcome: 'RotationStarted' }],
        history: [line(NOW, 'RotationStarted')],
      });
      await expect(ports.records.write(account, stale, late)).rejects.toMatchObject({
        code: 'LostRace',
        service: 'table',
      });
      const stored = await ports.records.read(account);
      expect(stored.entity.revision).toBe(2);
      expect(stored.requests.filter((request) => request.closedAt === undefined)).toEqual([ROTATE]);
      expect(await ports.records.listHistory(account, 10)).toEqual({ entries: [] });
    });

    test('an ETag of an entity that does not exist loses', async () => {
      const { ports, account } = await makeHarness();
      const etag = `W/"datetime'2030-01-01T00%3A00%3A00.0000000Z'"` as ETag;
      await expect(ports.records.write(account, etag, change())).rejects.toMatchObject({ code: 'LostRace' });
    });

    test('closing a request and the write that it belongs to are one', async () => {
      const { ports, account } = await makeHarness();
      await ports.records.insertRequest(account, ROTATE, []);
      await ports.records.insertRequest(account, COMPROMISED, []);
      const etag = await ports.records.write(
        account,
        undefined,
        change({ closes: [{ id: ROTATE.id, outcome: 'RotationStarted', rotationId: 3 as RotationId }], at: NOW + 7 }),
      );
      const stored = await ports.records.read(account);
      expect(stored.etag).toBe(etag);
      expect(stored.requests.filter((request) => request.closedAt === undefined)).toEqual([COMPROMISED]);
      expect(await ports.records.readRequest(account, ROTATE.id)).toEqual({
        ...ROTATE,
        closedAt: NOW + 7,
        outcome: 'RotationStarted',
        rotationId: 3,
      });
    });

    test('closing a request that is not open loses', async () => {
      const { ports, account } = await makeHarness();
      const closing = change({ closes: [{ id: 'never-stored' as RequestId, outcome: 'KeyIsDead' }] });
      await expect(ports.records.write(account, undefined, closing)).rejects.toMatchObject({ code: 'LostRace' });
      expect((await ports.records.read(account)).etag).toBeUndefined();
    });

    test('a request is stored once, also after it was closed', async () => {
      const { ports, account } = await makeHarness();
      expect(await ports.records.insertRequest(account, COMPROMISED, [])).toBe(true);
      expect(await ports.records.insertRequest(account, { ...COMPROMISED, reason: 'again' }, [])).toBe(false);
      expect(await ports.records.readRequest(account, COMPROMISED.id)).toEqual(COMPROMISED);
      const closing = change({ closes: [{ id: COMPROMISED.id, outcome: 'KeyIsDead' }] });
      await ports.records.write(account, undefined, closing);
      expect(await ports.records.insertRequest(account, COMPROMISED, [])).toBe(false);
      const stored = await ports.records.read(account);
      expect(stored.requests.filter((request) => request.closedAt === undefined)).toEqual([]);
    });

    test('a request that was never stored is undefined', async () => {
      const { ports, account } = await makeHarness();
      expect(await ports.records.readRequest(account, 'nothing' as RequestId)).toBeUndefined();
    });

    test('a later acknowledgement of the same consumer replaces the former', async () => {
      const { ports, account } = await makeHarness();
      const first = { consumer: 'shop', version: '11111111111111111111111111111111' as SecretVersion, at: NOW };
      const second = { consumer: 'shop', version: '22222222222222222222222222222222' as SecretVersion, at: NOW + 1 };
      const other = { consumer: 'billing', version: '11111111111111111111111111111111' as SecretVersion, at: NOW };
      await ports.records.acknowledge(account, first);
      await ports.records.acknowledge(account, other);
      await ports.records.acknowledge(account, second);
      const { acknowledgements } = await ports.records.read(account);
      expect(acknowledgements).toHaveLength(2);
      expect(acknowledgements).toEqual(expect.arrayContaining([second, other]));
    });

    test('an account is due when its time has come or a request is open', async () => {
      const { ports, account } = await makeHarness();
      const due = async (now: number): Promise<number> =>
        (await ports.records.listDue(now)).accounts.filter((id) => id === account.id).length;
      expect(await due(NOW)).toBe(0);
      const etag = await ports.records.write(account, undefined, change());
      expect(await due(NOW + 3_599_999)).toBe(0);
      expect(await due(NOW + 3_600_000)).toBe(1);
      await ports.records.insertRequest(account, ROTATE, []);
      expect(await due(NOW)).toBe(1);
      const closing = change({ closes: [{ id: ROTATE.id, outcome: 'RotationStarted' }] });
      await ports.records.write(account, etag, closing);
      expect(await due(NOW)).toBe(0);
    });

    test('an account is due whose look is further ahead than a clock in order writes', async () => {
      const { ports, account } = await makeHarness();
      const isDue = async (now: number): Promise<boolean> =>
        (await ports.records.listDue(now)).accounts.includes(account.id);
      await ports.records.write(account, undefined, change({ entity: entity({ nextObservationAt: NOW }) }));
      const ahead = 25 * 3_600_000;
      expect(await isDue(NOW - ahead)).toBe(false);
      expect(await isDue(NOW - ahead - 1)).toBe(true);
    });

    test('an account is named once although time and requests both make it due', async () => {
      const { ports, account } = await makeHarness();
      await ports.records.write(account, undefined, change({ entity: entity({ nextObservationAt: NOW }) }));
      await ports.records.insertRequest(account, ROTATE, []);
      await ports.records.insertRequest(account, COMPROMISED, []);
      const { accounts: accountIds } = await ports.records.listDue(NOW);
      expect(accountIds.filter((id) => id === account.id)).toEqual([account.id]);
    });

    test.each([0, 1])(
      'an account with an open request comes first, for it may be about a leaked key (%i)',
      async (which) => {
        const { ports, account } = await makeHarness();
        const accounts = ['a', 'b'].map((suffix) => ({ ...account, id: `${account.id}-${suffix}` as AccountId }));
        for (const each of accounts) {
          await ports.records.write(each, undefined, change({ entity: entity({ nextObservationAt: NOW }) }));
        }
        const asking = accounts[which] ?? account;
        await ports.records.insertRequest(asking, COMPROMISED, []);
        const { accounts: accountIds } = await ports.records.listDue(NOW);
        const ours: readonly AccountId[] = accounts.map(({ id }) => id);
        expect(accountIds.filter((id) => ours.includes(id))[0]).toBe(asking.id);
      },
    );

    test('the status shows record, next look and last pass', async () => {
      const { ports, account } = await makeHarness();
      await ports.records.write(account, undefined, change());
      await ports.records.acknowledge(account, { consumer: 'shop', version: 'v' as SecretVersion, at: NOW });
      expect((await ports.records.listStatus()).filter((row) => row.accountId === account.id)).toEqual([
        {
          accountId: account.id,
          record: { state: 'present', record: RECORD },
          nextObservationAt: NOW + 3_600_000,
          lastPass: { at: NOW, reason: 'OverlapNotOver', isBlocked: false, since: NOW - 5, failures: 0 },
        },
      ]);
    });

    test('a record that cannot be understood is told, never thrown', async () => {
      const harness = await makeHarness();
      const { ports, account } = harness;
      await ports.records.write(account, undefined, change());
      await harness.corruptRecord();
      expect((await ports.records.read(account)).record.state).toBe('unreadable');
      const [row] = (await ports.records.listStatus()).filter((entry) => entry.accountId === account.id);
      expect(row?.record.state).toBe('unreadable');
    });
  });
}

// Obligations of `RecordsPort` about requests for leaked keys: what passes learn of them, and how they are found.
import { describe, expect, test } from 'vitest';
import type { OperatorPorts } from '../../../src/operators/ports.ts';
import type { Account, Fingerprint, Request, RequestId } from '../../../src/rotation/model.ts';
import type { MakeHarness } from './harness.ts';
import { COMPROMISED, change, entity, line, NOW, ROTATE } from './stored.ts';

const NAMED: Request = {
  id: 'request-3' as RequestId,
  kind: 'compromised',
  reason: 'leak',
  by: 'somebody@example.org',
  at: NOW,
  named: 'published',
  accepts: 'outage',
};

const DEAD = 'cccccccccccccccc' as Fingerprint;

async function dueOf({ records }: OperatorPorts, { id }: Account, now: number): Promise<readonly [boolean, boolean]> {
  const { accounts: accountIds, urgent: urgentIds } = await records.listDue(now);
  return [accountIds.includes(id), urgentIds.includes(id)];
}

export function describeRequestsContract(name: string, makeHarness: MakeHarness): void {
  describe(`requests, ${name}`, () => {
    test('what the operator accepts is kept, and what a pass learns is added, wherever the request is read', async () => {
      const { ports, account } = await makeHarness();
      await ports.records.insertRequest(account, NAMED, []);
      await ports.records.insertRequest(account, ROTATE, []);
      expect(await ports.records.readRequest(account, NAMED.id)).toEqual(NAMED);
      const named = change({ marks: [{ id: NAMED.id, fingerprint: DEAD }] });
      const etag = await ports.records.write(account, undefined, named);
      const replaced = change({
        entity: entity({ revision: 2 }),
        marks: [{ id: NAMED.id, replacedAt: NOW + 5 }],
      });
      await ports.records.write(account, etag, replaced);
      const marked = { ...NAMED, fingerprint: 'cccccccccccccccc', replacedAt: NOW + 5 };
      expect(await ports.records.readRequest(account, NAMED.id)).toEqual(marked);
      const { requests } = await ports.records.read(account);
      expect(requests.filter(({ closedAt }) => closedAt === undefined)).toHaveLength(2);
      expect(requests.find(({ id }) => id === NAMED.id)).toEqual(marked);
      expect(requests.find(({ id }) => id === ROTATE.id)).toEqual(ROTATE);
    });

    test('several marks of one request in one write are all kept', async () => {
      const { ports, account } = await makeHarness();
      await ports.records.insertRequest(account, NAMED, []);
      const marks = [
        { id: NAMED.id, fingerprint: DEAD },
        { id: NAMED.id, replacedAt: NOW + 5 },
      ];
      await ports.records.write(account, undefined, change({ marks }));
      const marked = { ...NAMED, fingerprint: 'cccccccccccccccc', replacedAt: NOW + 5 };
      expect(await ports.records.readRequest(account, NAMED.id)).toEqual(marked);
    });

    test('a write that closes a request that is not open loses, together with its record and history', async () => {
      const { ports, account } = await makeHarness();
      const etag = await ports.records.write(account, undefined, change());
      const closes = [{ id: ROTATE.id, outcome: 'Withdrawn' }] as const;
      const late = change({ entity: entity({ revision: 2 }), closes, history: [line(NOW, 'RequestWithdrawn')] });
      await expect(ports.records.write(account, etag, late)).rejects.toMatchObject({ code: 'LostRace' });
      expect(await ports.records.read(account)).toMatchObject({ etag, entity: { revision: 1 } });
      expect((await ports.records.listHistory(account, 10)).entries).toEqual([]);
    });

    test('a request about a leaked key makes its account urgent, another one does not', async () => {
      const { ports, account } = await makeHarness();
      expect(await dueOf(ports, account, NOW)).toEqual([false, false]);
      await ports.records.insertRequest(account, ROTATE, []);
      expect(await dueOf(ports, account, NOW)).toEqual([true, false]);
      await ports.records.insertRequest(account, COMPROMISED, []);
      // On any clock: the timer's may be behind the one that dated the request.
      expect(await dueOf(ports, account, NOW - 3_600_000)).toEqual([true, true]);
      await ports.records.insertRequest(account, NAMED, []);
      const { urgent: urgentIds } = await ports.records.listDue(NOW);
      expect(urgentIds.filter((id) => id === account.id)).toEqual([account.id]);
    });

    test('once its value is replaced a request stays open, and its account is neither due nor urgent', async () => {
      const { ports, account } = await makeHarness();
      await ports.records.insertRequest(account, COMPROMISED, []);
      const marks = [{ id: COMPROMISED.id, replacedAt: NOW + 5 }];
      const etag = await ports.records.write(account, undefined, change({ marks }));
      expect((await ports.records.read(account)).requests).toEqual([{ ...COMPROMISED, replacedAt: NOW + 5 }]);
      expect(await dueOf(ports, account, NOW + 3_599_999)).toEqual([false, false]);
      expect(await dueOf(ports, account, NOW + 3_600_000)).toEqual([true, false]);
      const closes = [{ id: COMPROMISED.id, outcome: 'KeyIsDead' }] as const;
      await ports.records.write(account, etag, change({ entity: entity({ revision: 2 }), closes, at: NOW + 9 }));
      const { requests } = await ports.records.read(account);
      expect(requests.filter(({ closedAt }) => closedAt === undefined)).toEqual([]);
      expect(await ports.records.readRequest(account, COMPROMISED.id)).toEqual({
        ...COMPROMISED,
        replacedAt: NOW + 5,
        closedAt: NOW + 9,
        outcome: 'KeyIsDead',
      });
    });

    test('a request is marked and closed in one write', async () => {
      const { ports, account } = await makeHarness();
      await ports.records.insertRequest(account, NAMED, []);
      const marks = [{ id: NAMED.id, fingerprint: DEAD, replacedAt: NOW + 5 }];
      const closes = [{ id: NAMED.id, outcome: 'KeyIsDead' }] as const;
      await ports.records.write(account, undefined, change({ marks, closes, at: NOW + 6 }));
      expect(await ports.records.readRequest(account, NAMED.id)).toEqual({
        ...NAMED,
        fingerprint: 'cccccccccccccccc',
        replacedAt: NOW + 5,
        closedAt: NOW + 6,
        outcome: 'KeyIsDead',
      });
      expect(await dueOf(ports, account, NOW + 6)).toEqual([false, false]);
    });

    test('marking a request that is not open loses, and nothing is written', async () => {
      const { ports, account } = await makeHarness();
      await ports.records.insertRequest(account, NAMED, []);
      const closes = [{ id: NAMED.id, outcome: 'KeyIsDead' }] as const;
      const etag = await ports.records.write(account, undefined, change({ closes }));
      for (const id of [NAMED.id, 'never-stored' as RequestId]) {
        const late = change({ entity: entity({ revision: 2 }), marks: [{ id, replacedAt: NOW + 5 }] });
        await expect(ports.records.write(account, etag, late)).rejects.toMatchObject({ code: 'LostRace' });
      }
      expect((await ports.records.read(account)).entity.revision).toBe(1);
      expect((await ports.records.readRequest(account, NAMED.id))?.replacedAt).toBeUndefined();
    });

    test('requests about leaked keys are listed, closed or not, the newest first, from an instant on', async () => {
      const { ports, account } = await makeHarness();
      const at = (offset: number): Request => ({ ...NAMED, id: `leak-${offset}` as RequestId, at: NOW + offset });
      for (const offset of [3, 1, 2, 0]) await ports.records.insertRequest(account, at(offset), []);
      await ports.records.insertRequest(account, { ...ROTATE, at: NOW + 9 }, []);
      const another = { ...account, id: `${account.id}-another` as typeof account.id };
      await ports.records.insertRequest(another, at(7), []);
      const closes = [{ id: 'leak-2' as RequestId, outcome: 'KeyIsDead' }] as const;
      await ports.records.write(account, undefined, change({ closes, at: NOW + 8 }));
      expect(await ports.records.listEmergencies(account, NOW + 1)).toEqual([
        at(3),
        { ...at(2), closedAt: NOW + 8, outcome: 'KeyIsDead' },
        at(1),
      ]);
      expect(await ports.records.listEmergencies(account, NOW + 4)).toEqual([]);
      expect(await ports.records.listEmergencies(account, Number.NEGATIVE_INFINITY)).toHaveLength(4);
    });

    test('at most twenty requests about leaked keys are listed', async () => {
      const { ports, account } = await makeHarness();
      for (let index = 0; index < 22; index++) {
        await ports.records.insertRequest(account, { ...NAMED, id: `leak-${index}` as RequestId, at: NOW + index }, []);
      }
      const found = await ports.records.listEmergencies(account, NOW);
      expect(found).toHaveLength(20);
      expect(found.at(0)?.id).toBe('leak-21');
      expect(found.at(-1)?.id).toBe('leak-2');
    });

    test('all requests are listed, closed or not, the newest first, in pages that lose nothing', async () => {
      const { ports, account } = await makeHarness();
      const { records } = ports;
      const of = (name: string, offset: number): Request => ({ ...ROTATE, id: name as RequestId, at: NOW + offset });
      const stored = [of('b', 1), of('old', 0), of('0', 3), of('a', 1), of('a|b', 2)];
      for (const request of stored) await records.insertRequest(account, request, []);
      const another = { ...account, id: `${account.id}-another` as typeof account.id };
      await records.insertRequest(another, of('elsewhere', 9), []);
      const closes = [{ id: 'a' as RequestId, outcome: 'Withdrawn' }] as const;
      await records.write(account, undefined, change({ closes, at: NOW + 8 }));
      const names: string[] = [];
      let after: string | undefined;
      const sizes: number[] = [];
      do {
        const page =
          after === undefined ? await records.listRequests(account, 2) : await records.listRequests(account, 2, after);
        names.push(...page.requests.map(({ id }) => id));
        sizes.push(page.requests.length);
        after = page.next;
      } while (after !== undefined);
      expect(names).toEqual(['0', 'a|b', 'a', 'b', 'old']);
      expect(sizes).toEqual([2, 2, 1]);
      const { requests, next } = await records.listRequests(account, 5);
      expect(next).toBeUndefined();
      expect(requests[2]).toEqual({ ...of('a', 1), closedAt: NOW + 8, outcome: 'Withdrawn' });
      expect((await records.listRequests(account, 5, 'an invented position')).requests.length).toBeLessThanOrEqual(5);
    });

    test.each(['0', 'a|b', 'req|x', 'a/b\\c#d?e', "it's", '~0041', 'ä\u0001\u{1f511}', 'n'.repeat(2_000)])(
      'a request and a consumer may be named %j',
      async (odd) => {
        const { ports, account } = await makeHarness();
        const { records } = ports;
        const request = { ...COMPROMISED, id: odd as RequestId };
        const acknowledgement = { consumer: odd, version: '1' as never, at: NOW };
        await records.write(account, undefined, change());
        expect(await records.insertRequest(account, request, [])).toBe(true);
        await records.acknowledge(account, acknowledgement);
        expect(await records.insertRequest(account, request, [])).toBe(false);
        const stored = await records.read(account);
        expect(stored.record.state).toBe('present');
        expect(stored.requests).toEqual([request]);
        expect(stored.acknowledgements).toEqual([acknowledgement]);
        const rows = (await records.listStatus()).filter(({ accountId }) => accountId === account.id);
        expect(rows.map(({ record }) => record.state)).toEqual(['present']);
        const closes = [{ id: request.id, outcome: 'KeyIsDead' }] as const;
        await records.write(account, stored.etag, change({ entity: entity({ revision: 2 }), closes }));
        expect((await records.readRequest(account, request.id))?.outcome).toBe('KeyIsDead');
      },
    );
  });
}

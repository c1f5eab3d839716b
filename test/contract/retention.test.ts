// What the contract of retention cannot ask for over the wire: an account that comes back in the middle of its removal,
// more rows than one call takes, and the rows of the search for accounts and of the searches of vaults.
import { describe, expect, it } from 'vitest';
import { MemoryTable } from '../../local/azure/memory/memory-table.ts';
import { createCheckStore } from '../../src/azure/table/checks.ts';
import { createDiscoveryStore } from '../../src/azure/table/discovery.ts';
import { createTableNotifications } from '../../src/azure/table/notifications.ts';
import { createTableRecords } from '../../src/azure/table/records.ts';
import { PARTITION } from '../../src/azure/table/rows/keys.ts';
import type { DiscoveredAccount } from '../../src/config/accounts/discovered-account.ts';
import type { AccountId } from '../../src/rotation/model.ts';
import type { HistoryEntry } from '../../src/rotation/ports.ts';
import { buildAccount } from '../support/account.ts';
import { change, entity, line, NOW, ROTATE } from './suites/stored.ts';

const ACCOUNT = buildAccount('language');
const DEADLINE = { abortSignal: new AbortController().signal };
const LEFT = { at: NOW, reason: 'NotConfigured', isBlocked: false, since: NOW - 1, failures: 0 };
const PAUSE = { by: 'somebody', reason: 'maintenance', at: NOW };

/** A table that lets `others` happen between a read of the removal and what follows. */
class SharedTable extends MemoryTable {
  others: (() => Promise<unknown>) | undefined;

  override async query(...[operation, ...rest]: Parameters<MemoryTable['query']>) {
    const rows = await super.query(operation, ...rest);
    const others = operation === 'forgetAccount' ? this.others : undefined;
    if (others === undefined) return rows;
    this.others = undefined;
    await others();
    return rows;
  }
}

describe('an account that comes back while it is removed', () => {
  const leave = async () => {
    const table = new SharedTable();
    const records = createTableRecords({ table, isNotifying: false });
    const history = [line(NOW - 9, 'Adopted')];
    const etag = await records.write(ACCOUNT, undefined, change({ entity: entity({ lastPass: LEFT }), history }));
    await records.insertRequest(ACCOUNT, ROTATE, [line(NOW, 'Requested')]);
    const stored = await records.read(ACCOUNT);
    await records.setPause(ACCOUNT, PAUSE, { stored, at: NOW, history: [], isEntityKept: true });
    return { table, records, etag };
  };

  it('keeps its record, pause, requests and history', async () => {
    const { table, records, etag } = await leave();
    const back = entity({ revision: 2 });
    table.others = () => records.write(ACCOUNT, etag, change({ entity: back }));
    expect(await records.forgetAccount(ACCOUNT.id, NOW)).toBe(0);
    expect(await records.read(ACCOUNT)).toMatchObject({ entity: back, pause: PAUSE, requests: [{ id: ROTATE.id }] });
    expect((await records.listHistory(ACCOUNT, 10)).entries).toHaveLength(2);
  });

  it('loses the write of a pass that has read it before', async () => {
    const { records, etag } = await leave();
    expect(await records.forgetAccount(ACCOUNT.id, NOW)).toBeGreaterThan(0);
    await expect(records.write(ACCOUNT, etag, change())).rejects.toMatchObject({ code: 'LostRace' });
  });

  it('is found again by the next round if the removal was interrupted', async () => {
    const { table, records } = await leave();
    table.others = () => Promise.reject(new Error('The process has ended.'));
    await expect(records.forgetAccount(ACCOUNT.id, NOW)).rejects.toThrow();
    expect(await records.listStatus()).toHaveLength(1);
    expect(await records.forgetAccount(ACCOUNT.id, NOW)).toBeGreaterThan(0);
    expect(table.rows.size).toBe(0);
  });

  it('goes in several calls if it has more rows than one call takes, its entity last', async () => {
    const { table, records } = await leave();
    for (let index = 0; index < 2_500; index++) {
      const row = { partitionKey: PARTITION, rowKey: keyOfLine(table, index) };
      await table.upsert('fill', row, DEADLINE);
    }
    const left: number[] = [];
    for (let calls = 0; calls < 3; calls++) {
      await records.forgetAccount(ACCOUNT.id, NOW);
      left.push((await records.listStatus()).length);
    }
    expect(left).toEqual([1, 1, 0]);
    expect(table.rows.size).toBe(0);
  });
});

function keyOfLine(table: MemoryTable, index: number): string {
  const [former = ''] = [...table.rows.keys()].filter((key) => key.startsWith('h|'));
  return `${former}${index}`;
}

it('old dead notifications go, also if a thousand young ones of other accounts come before them', async () => {
  const table = new MemoryTable();
  const outbox = createTableNotifications({ table });
  const bury = async (queue: string, at: number) => {
    const rowKey = `x|${queue}|${at}|0000000001|000`;
    await table.upsert('fill', { partitionKey: PARTITION, rowKey, at: BigInt(at) }, DEADLINE);
  };
  for (let index = 0; index < 1_001; index++) await bury('0'.repeat(32), NOW + index);
  await bury('f'.repeat(32), NOW - 1);
  expect(await outbox.forgetDead(NOW)).toBe(1);
  expect(table.rows.size).toBe(1_001);
});

it('an account that the search for accounts does not know any more has no row', async () => {
  const store = createDiscoveryStore({ table: new MemoryTable() });
  const known = ['a', 'b'].map(
    (name): DiscoveredAccount => ({
      id: `/${name}` as AccountId,
      resourceId: `/${name}`,
      state: 'forgotten',
      reason: 'AccountGone',
      since: NOW,
    }),
  );
  await store.write({ accounts: [], failures: [] }, { accounts: known, failures: [] });
  const revision = await store.readRevision();
  const next = { accounts: known.slice(1), failures: [] };
  expect(await store.write({ accounts: known, failures: [] }, next)).toBe(1);
  expect(await store.read()).toEqual(next);
  expect(await store.readRevision()).not.toBe(revision);
});

it('notes of searches of vaults go by when they began; then the vault may be searched at once', async () => {
  const checks = createCheckStore({ table: new MemoryTable() });
  await checks.beginSearch('https://one.test', NOW, 60_000);
  await checks.beginSearch('https://two.test', NOW + 1, 60_000);
  expect(await checks.forgetSearches(NOW + 1)).toBe(1);
  expect(await checks.beginSearch('https://two.test', NOW + 2, 60_000)).toBe(NOW + 60_001);
  expect(await checks.beginSearch('https://one.test', NOW + 2, 60_000)).toBeUndefined();
});

it('lines of the history beyond a thousand go with the next call', async () => {
  const records = createTableRecords({ table: new MemoryTable(), isNotifying: false });
  const lines = (from: number): HistoryEntry[] =>
    Array.from({ length: 50 }, (_, index) => line(from + index, 'Blocked'));
  for (let start = 0; start < 1_050; start += 50) await records.insertRequest(ACCOUNT, requestOf(start), lines(start));
  const old = { historyBefore: NOW, requestsBefore: 0 };
  expect([await records.forgetOld(ACCOUNT.id, old), await records.forgetOld(ACCOUNT.id, old)]).toEqual([1_000, 50]);
});

function requestOf(index: number): typeof ROTATE {
  return { ...ROTATE, id: `request-${index}` as typeof ROTATE.id };
}

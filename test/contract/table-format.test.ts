// What stands in the table after our writes, what damage there costs, and how many requests each call is.
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeActions } from '../../src/azure/table/actions.ts';
import { operationsOfWrite } from '../../src/azure/table/limits.ts';
import { NOTIFIED } from '../../src/notify/names.ts';
import type { Account, AccountId, Fingerprint, RequestId, RotationId } from '../../src/rotation/model.ts';
import type { HistoryEntry, RecordWrite } from '../../src/rotation/ports.ts';
import { startWire, type Wire } from './wire.ts';

const NOW = Date.UTC(2030, 5, 1);

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.close());

async function operationsOf(act: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const stop = wire.azure.onRequest(({ service, operation }) => {
    if (service === 'table') seen.push(operation);
  });
  await act();
  stop();
  return seen;
}

const client = () =>
  TableClient.fromConnectionString(wire.azure.endpoints.storageConnectionString ?? '', 'KeyRotation', {
    allowInsecureConnection: true,
  });

/** Merges `columns` into all rows of the account that match. */
async function damage(account: Account, filter: string, columns: Readonly<Record<string, unknown>>): Promise<void> {
  const queryOptions = { filter: `accountId eq '${account.id}' and ${filter}` };
  for await (const { partitionKey = '', rowKey = '' } of client().listEntities({ queryOptions })) {
    await client().updateEntity({ partitionKey, rowKey, ...columns }, 'Merge');
  }
}

const change = (revision: number, changes: Partial<RecordWrite> = {}): RecordWrite => ({
  entity: { lease: undefined, record: undefined, nextObservationAt: NOW, lastPass: undefined, revision },
  closes: [],
  history: [],
  at: NOW,
  ...changes,
});
const line = (kind: HistoryEntry['kind'], at: number): HistoryEntry => ({ kind, at, rotationId: 1 as RotationId });
const LEAK = {
  id: 'leak' as RequestId,
  kind: 'compromised',
  reason: 'r',
  by: 'b',
  at: NOW,
  fingerprint: 'aaaaaaaaaaaaaaaa' as Fingerprint,
  accepts: 'outage',
} as const;

/** Stored, with an entity whose configuration is that of the account. */
async function configured(): Promise<Account> {
  const account = wire.newAccount();
  const { entity } = change(1);
  await wire.ports.records.write(account, undefined, change(1, { entity: { ...entity, configured: account } }));
  return account;
}

describe('the table', () => {
  test('is read by one query and written by one transaction', async () => {
    const account = wire.newAccount();
    const { records } = wire.ports;
    const etag = await records.write(account, undefined, change(1));
    expect(await operationsOf(() => records.read(account))).toEqual(['queryEntities']);
    expect(await operationsOf(() => records.write(account, etag, change(2)))).toEqual(['transaction']);
    expect(await operationsOf(() => records.listDue(NOW))).toEqual(['queryEntities']);
    expect(await operationsOf(() => records.listEmergencies(account, NOW))).toEqual(['queryEntities']);
  });

  test('a pause is one transaction, with the record and without', async () => {
    const account = wire.newAccount();
    const { records } = wire.ports;
    for (const revision of [0, 1]) {
      const stored = await records.read(account);
      expect(stored.entity.revision).toBe(revision);
      const pausing = { stored, at: NOW, history: [line('Paused', NOW)], isEntityKept: false };
      const pause = { by: 'b', reason: 'r', at: NOW };
      expect(await operationsOf(() => records.setPause(account, pause, pausing))).toEqual(['transaction']);
      if (revision === 0) await records.write(account, undefined, change(1));
    }
  });

  test('a configured account is found by one query for its alias, and by one read for its id', async () => {
    const account = await configured();
    const { records } = wire.ports;
    const { alias, id } = account;
    expect(await operationsOf(() => records.findConfigured({ alias }))).toEqual(['queryEntities']);
    const missing = `${id}-missing` as AccountId;
    const reads = await operationsOf(() => records.findConfigured({ ids: [id, id, missing] }));
    expect(reads).toEqual(['getEntity', 'getEntity']);
  });

  test('a damaged configuration costs itself alone', async () => {
    const account = await configured();
    await damage(account, 'revision ge 0', { configured: '{"alias":' });
    const { records } = wire.ports;
    const { record, entity } = await records.read(account);
    expect([record.state, entity.revision, entity.configured]).toEqual(['absent', 1, undefined]);
    expect(await records.findConfigured({ ids: [account.id] })).toEqual([]);
    expect(await records.findConfigured({ alias: account.alias })).toEqual([]);
  });

  test('what Azure refuses is not sent', async () => {
    const account = wire.newAccount();
    const { records } = wire.ports;
    const refused = async (changes: Partial<RecordWrite>, providerCode: string): Promise<void> => {
      const written = records.write(account, undefined, change(1, changes));
      await expect(written).rejects.toMatchObject({ code: 'Misconfigured', providerCode });
    };
    const long = (count: number, reason: string) =>
      Array.from({ length: count }, () => ({ ...line('Published', NOW), reason }));
    const sent = await operationsOf(async () => {
      await refused({ history: long(100, 'r') }, 'InvalidInput');
      await refused({ history: long(1, 'r'.repeat(32_769)) }, 'PropertyValueTooLarge');
      await refused({ history: long(50, '€'.repeat(30_000)) }, 'RequestBodyTooLarge');
      const acknowledged = records.acknowledge(account, { consumer: 'c'.repeat(32_769), version: 'v' as never, at: 0 });
      await expect(acknowledged).rejects.toMatchObject({ providerCode: 'PropertyValueTooLarge' });
    });
    expect(sent).toEqual([]);
  });

  test('gets a notification row for what people are told of, in the order of time', async () => {
    const account = wire.newAccount();
    const history = [line('RotationStarted', NOW), line('Published', NOW + 1), line('RotationCompleted', NOW + 2)];
    await wire.ports.records.write(account, undefined, change(1, { history }));
    const kinds: unknown[] = [];
    const filter = `RowKey ge 'o|' and RowKey lt 'o}' and accountId eq '${account.id}'`;
    for await (const row of client().listEntities({ queryOptions: { filter } })) kinds.push(row['kind']);
    expect(kinds).toEqual(['RotationStarted', 'RotationCompleted']);
  });

  test('an account with a damaged request is unreadable: a leaked key must not be overlooked', async () => {
    const account = wire.newAccount();
    await wire.ports.records.write(account, undefined, change(1));
    await wire.ports.records.insertRequest(account, LEAK, []);
    await damage(account, "kind eq 'compromised'", { kind: 'unheardOf' });
    const { record } = await wire.ports.records.read(account);
    expect(record.state).toBe('unreadable');
    expect(record.state === 'unreadable' ? record.detail : '').toContain('row req|leak.kind');
    await expect(wire.ports.records.readRequest(account, LEAK.id)).rejects.toMatchObject({ code: 'RecordUnreadable' });
  });

  test('a request is readable whatever stands in the columns that only hasten it', async () => {
    const account = wire.newAccount();
    await wire.ports.records.insertRequest(account, LEAK, []);
    await damage(account, "kind eq 'compromised'", { accepts: 'unheardOf', replacedAt: 'soon' });
    expect((await wire.ports.records.read(account)).requests).toEqual([{ ...LEAK, accepts: undefined }]);
    expect(await wire.ports.records.readRequest(account, LEAK.id)).toEqual({ ...LEAK, accepts: undefined });
  });

  test('a damaged request is left out of those about leaked keys', async () => {
    const account = wire.newAccount();
    const second = { ...LEAK, id: 'leak-2' as RequestId };
    for (const request of [LEAK, second]) await wire.ports.records.insertRequest(account, request, []);
    await damage(account, "id eq 'leak'", { reason: 7 });
    expect(await wire.ports.records.listEmergencies(account, NOW)).toEqual([second]);
  });
});

test('as many operations are counted as are sent', () => {
  const id = (name: string) => name as RequestId;
  const changes: Partial<RecordWrite> = {
    closes: [
      { id: id('closed'), outcome: 'KeyIsDead' },
      { id: id('both'), outcome: 'KeyIsDead' },
    ],
    marks: [
      { id: id('both'), replacedAt: NOW },
      { id: id('marked'), replacedAt: NOW },
    ],
    history: [line('Published', NOW), line('Blocked', NOW)],
  };
  const write = change(1, changes);
  expect(writeActions(wire.newAccount(), undefined, write, NOTIFIED)).toHaveLength(10);
  expect(operationsOfWrite(write, NOTIFIED)).toBe(10);
  expect(operationsOfWrite(write, new Set())).toBe(9);
});

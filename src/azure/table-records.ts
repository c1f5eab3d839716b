// Records, requests, acknowledgements, pauses, history and notifications of all accounts in one Azure table.
// It must not decide or interpret: each write is one transaction over the rows of one account, each read one query.
import { randomUUID } from 'node:crypto';
import type { TransactionAction } from '@azure/data-tables';
import { NOTIFIED } from '../notify/names.ts';
import { RotationError } from '../rotation/errors.ts';
import type { Account, AccountId, ETag } from '../rotation/model.ts';
import type { DueRead, HistoryEntry, RecordsPort, RecordWrite, StatusRow } from '../rotation/ports.ts';
import { type Deadline, deadlineIn, deadlineOf, FLEET_DEADLINE_MS } from './client-options.ts';
import { createTable, type Table, type TableConnection } from './table-client.ts';
import {
  entityKey,
  hashOf,
  historyAfter,
  historyKey,
  historyPosition,
  isEntityKey,
  notificationKey,
  openRequestKey,
  PARTITION,
  requestKey,
  rowsUnder,
  TICKS_KEY,
  type WriteName,
} from './table-keys.ts';
import {
  acknowledgementRowOf,
  closingRowOf,
  entityRowOf,
  historyRowOf,
  openRequestRowOf,
  pauseRowOf,
  type Row,
  readAccountRows,
  readEntityRow,
  readHistoryRow,
  readRequestRow,
  readTicksRow,
  requestRowOf,
  ticksRowOf,
} from './table-rows.ts';

export interface TableRecordsDependencies {
  readonly connection: TableConnection;
  readonly tableName: string;
  /** Whether the lines that people are told of get a row in the outbox; without a receiver nobody would ever take it. */
  readonly isNotifying: boolean;
  /** For the calls that serve the whole fleet; `FLEET_DEADLINE_MS` when absent. */
  readonly fleetDeadlineMs?: number;
}

type Kinds = typeof NOTIFIED;

const NOBODY: Kinds = new Set();

export function createTableRecords(dependencies: TableRecordsDependencies): RecordsPort {
  const table = createTable(dependencies.connection, dependencies.tableName);
  const fleetDeadlineMs = dependencies.fleetDeadlineMs ?? FLEET_DEADLINE_MS;
  return {
    ...accountCalls(table, dependencies.isNotifying ? NOTIFIED : NOBODY),
    ...fleetTicks(table, fleetDeadlineMs),
    async listDue(now) {
      const filter = `${rowsUnder('a|')} and nextObservationAt le ${Math.floor(now)}L`;
      return dueRead(await table.query('listDue', filter, deadlineIn(fleetDeadlineMs), { select: DUE_COLUMNS }));
    },
    listStatus: () =>
      table.gather('listStatus', rowsUnder('a|'), deadlineIn(fleetDeadlineMs), {
        select: STATUS_COLUMNS,
        keep: statusRead,
      }),
  };
}

const STATUS_COLUMNS = [
  'partitionKey',
  'rowKey',
  'accountId',
  'schema',
  'record',
  'nextObservationAt',
  'lastPass',
  'revision',
];

function statusRead(row: Row): StatusRow | undefined {
  if (!isEntityKey(row.rowKey)) return undefined;
  const { record, entity } = readEntityRow(row);
  const { nextObservationAt, lastPass } = entity;
  return { accountId: row['accountId'] as AccountId, record, nextObservationAt, lastPass };
}

/** `kind` only requests have, `ticks` and `enrolled` only the timer's row, `discovery` only that of the discovery. */
const DUE_COLUMNS = ['accountId', 'kind', 'ticks', 'enrolled', 'discovery'];

function dueRead(rows: readonly Row[]): DueRead {
  const has = (column: string) => (row: Row) => typeof row[column] === 'string';
  const ofAccounts = rows.filter(has('accountId'));
  const ordered = [...ofAccounts.filter(has('kind')), ...ofAccounts];
  const discovery = rows.find(has('discovery'))?.['discovery'] as string | undefined;
  return {
    accountIds: [...new Set(ordered.map((row) => row['accountId'] as AccountId))],
    mark: { ...readTicksRow(rows.find(has('ticks'))), discovery },
  };
}

function fleetTicks(table: Table, deadlineMs: number): Pick<RecordsPort, 'noteTick' | 'listTicks'> {
  return {
    noteTick: (note) => table.upsert('noteTick', ticksRowOf(note), deadlineIn(deadlineMs)),
    async listTicks() {
      return readTicksRow(await table.find('listTicks', TICKS_KEY, deadlineIn(deadlineMs))).ticks;
    },
  };
}

function accountCalls(
  table: Table,
  notified: Kinds,
): Omit<RecordsPort, 'listDue' | 'listStatus' | 'noteTick' | 'listTicks'> {
  const historyActions = historyActionsFor(notified);
  return {
    async read(account) {
      const rows = await table.query('read', rowsUnder(`a|${hashOf(account.id)}|`), deadlineOf(account));
      return readAccountRows(account, rows);
    },
    async write(account, expected, change) {
      const actions = [entityAction(account, expected, change), ...closingActions(account, change)];
      actions.push(...historyActions(account, change.history, { revision: change.entity.revision }));
      const deadline = deadlineOf(account);
      const etag = await table.transact('write', actions, deadline);
      return etag ?? (await readETag(table, account, deadline));
    },
    async insertRequest(account, request, history) {
      const actions: TransactionAction[] = [
        ['create', requestRowOf(account, request)],
        ['create', openRequestRowOf(account, request)],
        ...historyActions(account, history, { unique: request.id }),
      ];
      try {
        await table.transact('insertRequest', actions, deadlineOf(account));
        return true;
      } catch (error) {
        if (error instanceof RotationError && error.providerCode === 'EntityAlreadyExists') return false;
        throw error;
      }
    },
    async readRequest(account, id) {
      const row = await table.find('readRequest', requestKey(account, id), deadlineOf(account));
      if (row === undefined) return undefined;
      return readRequestRow(row) ?? unreadableRequest();
    },
    acknowledge: (account, acknowledgement) =>
      table.upsert('acknowledge', acknowledgementRowOf(account, acknowledgement), deadlineOf(account)),
    async setPause(account, pause, history) {
      const actions: TransactionAction[] = [
        ['upsert', pauseRowOf(account, pause), 'Replace'],
        ...historyActions(account, history, { unique: randomUUID() }),
      ];
      await table.transact('setPause', actions, deadlineOf(account));
    },
    async listHistory(account, limit, after) {
      // One more than asked tells whether there is another page.
      const filter = historyAfter(account, after);
      const rows = await table.query('listHistory', filter, deadlineOf(account), { limit: limit + 1 });
      const shown = rows.slice(0, limit);
      // A damaged line is left out: history is for people, and nothing is decided on it.
      const entries = shown.map(readHistoryRow).filter((entry): entry is HistoryEntry => entry !== undefined);
      const last = shown.at(-1);
      return rows.length > limit && last !== undefined
        ? { entries, next: historyPosition(account, last.rowKey) }
        : { entries };
    },
  };
}

function entityAction(account: Account, expected: ETag | undefined, change: RecordWrite): TransactionAction {
  const row = entityRowOf(account, change.entity);
  return expected === undefined ? ['create', row] : ['update', row, 'Replace', { etag: expected }];
}

function closingActions(account: Account, { closes, at }: RecordWrite): TransactionAction[] {
  return closes.flatMap((closing): TransactionAction[] => [
    ['delete', { partitionKey: PARTITION, rowKey: openRequestKey(account, closing.id) }],
    ['update', closingRowOf(account, closing, at), 'Merge'],
  ]);
}

type HistoryActions = (account: Account, history: readonly HistoryEntry[], write: WriteName) => TransactionAction[];

/** A line and, where people are told of it, its notification: in the same transaction as the change. */
function historyActionsFor(notified: Kinds): HistoryActions {
  return (account, history, write) =>
    history.flatMap((entry, index): TransactionAction[] => {
      const line = historyRowOf(account, historyKey(account, entry.at, write, index), entry);
      if (!notified.has(entry.kind)) return [['create', line]];
      const notification = historyRowOf(account, notificationKey(account, entry.at, write, index), entry);
      return [
        ['create', line],
        ['create', notification],
      ];
    });
}

/** For services whose answer to a transaction lacks the ETag. */
async function readETag(table: Table, account: Account, deadline: Deadline): Promise<ETag> {
  const row = await table.find('write', entityKey(account), deadline);
  if (row?.['etag'] !== undefined) return row['etag'] as ETag;
  throw new RotationError({
    code: 'Unavailable',
    service: 'table',
    operation: 'write',
    message: 'The answer lacks the ETag; the next pass reads again.',
  });
}

function unreadableRequest(): never {
  throw new RotationError({
    code: 'RecordUnreadable',
    service: 'table',
    operation: 'readRequest',
    message: 'The stored request cannot be understood by this version; look at its row in the table.',
  });
}

// Records, requests, acknowledgements, pauses, history and notifications of all accounts in one Azure table.
// It must not decide or interpret: each write is one transaction over the rows of one account, each read one query.

import { randomUUID } from 'node:crypto';
import { allEnded } from '../../base/lanes.ts';
import { isCampaignMark, markedCampaign } from '../../fleet/campaign/rules/model.ts';
import type { DueRead, FleetRecords } from '../../fleet/ports.ts';
import { NOTIFIED } from '../../notify/names.ts';
import type { PauseChange, RequestRecords } from '../../operators/ports.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { Account, AccountId, ETag, Pause, StoredRequest } from '../../rotation/model.ts';
import {
  type HistoryEntry,
  LOOK_BEYOND_MS,
  NAMESAKES_MAXIMUM,
  type Namesake,
  type RecordsPort,
  type StatusRow,
  type StoredEntity,
} from '../../rotation/ports.ts';
import type { KeptDetails, KnownDetails } from '../arm/account-details.ts';
import { type Deadline, deadlineIn, deadlineOf, FLEET_DEADLINE_MS } from '../client/client-options.ts';
import { insertRequestActions, type Notified, pauseActions, writeActions } from './actions.ts';
import type { Table } from './client.ts';
import { findConfigured } from './configured.ts';
import { operationsOfWrite, requireOperations } from './limits.ts';
import { retention } from './retention.ts';
import type { Row } from './rows/columns.ts';
import {
  entityKey,
  entityKeyOf,
  hashOf,
  historyAfter,
  historyPosition,
  isEntityKey,
  namePrefix,
  requestKey,
  rowPrefix,
  rowsUnder,
  TICKS_KEY,
} from './rows/keys.ts';
import { NEVER_DUE, newestEmergencies, readRequestRow, requestPage } from './rows/request-rows.ts';
import {
  acknowledgementRowOf,
  readAccountRows,
  readEntityRow,
  readHistoryRow,
  readTicksRow,
  ticksRowOf,
} from './rows/rows.ts';

export interface TableRecordsDependencies {
  readonly table: Table;
  /** Whether the lines that are notified get a row in the outbox. Without a receiver the row would never be taken. */
  readonly isNotifying: boolean;
  /** Kind and region of accounts, as far as this process has read them: each write of a record notes them. */
  readonly details?: KeptDetails;
  /** For the calls that serve the whole fleet; `FLEET_DEADLINE_MS` when absent. */
  readonly fleetDeadlineMs?: number;
}

const NONE: Notified = new Set();

/** All ports on the rows of accounts. */
export type TableRecords = RecordsPort & FleetRecords & RequestRecords;

export function createTableRecords(dependencies: TableRecordsDependencies): TableRecords {
  const { table } = dependencies;
  const fleetDeadlineMs = dependencies.fleetDeadlineMs ?? FLEET_DEADLINE_MS;
  return {
    ...accountCalls(table, dependencies.isNotifying ? NOTIFIED : NONE, dependencies.details),
    ...fleetTicks(table, fleetDeadlineMs),
    ...retention(table),
    findConfigured: (by) => findConfigured(table, by, deadlineIn(fleetDeadlineMs)),
    async listDue(now) {
      const at = Math.floor(now);
      // As `isLookDue`: looks that have come, and looks that only a clock which was ahead can have written.
      const beyond = `nextObservationAt gt ${at + LOOK_BEYOND_MS}L and nextObservationAt lt ${NEVER_DUE}L`;
      const filter = `${rowsUnder('a|')} and (nextObservationAt le ${at}L or (${beyond}))`;
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
  'notes',
];

function statusRead(row: Row): StatusRow | undefined {
  if (!isEntityKey(row.rowKey)) return undefined;
  const { record, entity } = readEntityRow(row);
  const { nextObservationAt, lastPass, notes } = entity;
  return { accountId: row['accountId'] as AccountId, record, nextObservationAt, lastPass, notes };
}

/**
 * Only rows of holders have `isOfHolders`, only requests `kind`, only the timer's row `ticks` and `enrolled`, only the
 * discovery's row `discovery`.
 */
const DUE_COLUMNS = ['accountId', 'isOfHolders', 'kind', 'ticks', 'enrolled', 'isFrozen', 'sweep', 'discovery'];

function dueRead(rows: readonly Row[]): DueRead {
  const has = (column: string) => (row: Row) => typeof row[column] === 'string';
  // A campaign's row names its mark in the same column, so that one query finds both.
  const [ofCampaigns, others] = split(rows.filter(has('accountId')), (row) => isCampaignMark(dueIdOf(row)));
  const [ofHolders, ofAccounts] = split(others, (row) => row['isOfHolders'] === true);
  const ordered = [...ofAccounts.filter(has('kind')), ...ofAccounts];
  const discovery = rows.find(has('discovery'))?.['discovery'] as string | undefined;
  const urgent = ofAccounts.filter((row) => row['kind'] === 'compromised');
  return {
    accounts: idsOf(ordered),
    ofHolders: idsOf(ofHolders),
    urgent: idsOf(urgent),
    campaigns: ofCampaigns.map((row) => markedCampaign(dueIdOf(row))),
    mark: { ...readTicksRow(rows.find(has('ticks'))), discovery },
  };
}

function dueIdOf(row: Row): string {
  return row['accountId'] as string;
}

/** The items for which `isMeant` holds, and the others. */
function split<T>(items: readonly T[], isMeant: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isMeant), items.filter((item) => !isMeant(item))];
}

function idsOf(rows: readonly Row[]): readonly AccountId[] {
  return [...new Set(rows.map((row) => row['accountId'] as AccountId))];
}

function fleetTicks(table: Table, deadlineMs: number): Pick<FleetRecords, 'noteTick' | 'listTicks'> {
  return {
    noteTick: (note) => table.upsert('noteTick', ticksRowOf(note), deadlineIn(deadlineMs)),
    async listTicks() {
      return readTicksRow(await table.find('listTicks', TICKS_KEY, deadlineIn(deadlineMs))).ticks;
    },
  };
}

function accountCalls(
  table: Table,
  notified: Notified,
  details: KeptDetails | undefined,
): RecordsPort & Pick<FleetRecords, 'insertRequest'> & RequestRecords {
  return {
    async read(account) {
      const rows = await table.query('read', rowsUnder(rowPrefix('a', hashOf(account.id))), deadlineOf(account));
      return readAccountRows(account, rows);
    },
    readNamesakes: (account) => readNamesakes(table, account),
    async write(account, expected, change) {
      requireOperations('write', operationsOfWrite(change, notified));
      const deadline = deadlineOf(account);
      const entity = withDetails(change.entity, details?.get(account.id));
      const actions = writeActions(account, expected, { ...change, entity }, notified);
      const etag = await table.transact('write', actions, deadline);
      return etag ?? (await readETag(table, account, deadline));
    },
    async insertRequest(account, request, history) {
      const actions = insertRequestActions(account, request, history, notified);
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
    async listRequests(account, limit, after) {
      const rows = await table.query(
        'listRequests',
        rowsUnder(rowPrefix('r', hashOf(account.id))),
        deadlineOf(account),
      );
      // A damaged row is left out, as in the history.
      return requestPage(
        rows.map(readRequestRow).filter((request) => request !== undefined),
        limit,
        after,
      );
    },
    listEmergencies: (account, since) => listEmergencies(table, account, since),
    setPause: (account, pause, change) => setPause(table, account, pause, change, notified),
    async listHistory(account, limit, after) {
      // One more row than asked shows whether there is another page.
      const filter = historyAfter(account, after);
      const rows = await table.query('listHistory', filter, deadlineOf(account), { limit: limit + 1 });
      const shown = rows.slice(0, limit);
      // A damaged line is left out: history is for people, and no decision depends on it.
      const entries = shown.map(readHistoryRow).filter((entry): entry is HistoryEntry => entry !== undefined);
      const last = shown.at(-1);
      return rows.length > limit && last !== undefined
        ? { entries, next: historyPosition(account, last.rowKey) }
        : { entries };
    },
  };
}

function withDetails(entity: StoredEntity, known: KnownDetails | undefined): StoredEntity {
  if (known === undefined) return entity;
  const { kind, location } = known.details;
  // An answer without a region is kept as an empty one.
  return { ...entity, notes: { ...entity.notes, kind, ...(location === '' ? {} : { location }) } };
}

/** A damaged row is left out: it must not stop the service from storing the next request about a leaked key. */
async function listEmergencies(table: Table, account: Account, since: number): Promise<readonly StoredRequest[]> {
  const requests = rowsUnder(rowPrefix('r', hashOf(account.id)));
  const filter = `${requests} and kind eq 'compromised' and at ge ${Math.max(0, Math.floor(since))}L`;
  const rows = await table.query('listEmergencies', filter, deadlineOf(account));
  return newestEmergencies(rows.map(readRequestRow).filter((request) => request !== undefined));
}

async function setPause(
  table: Table,
  account: Account,
  pause: Pause | undefined,
  change: PauseChange,
  notified: Notified,
): Promise<void> {
  const deadline = deadlineOf(account);
  const unique = randomUUID();
  const transact = (isEntityKept: boolean): Promise<unknown> => {
    const actions = pauseActions(account, pause, { ...change, isEntityKept }, { notified, unique });
    return table.transact('setPause', actions, deadline);
  };
  try {
    await transact(change.isEntityKept);
  } catch (error) {
    // The entity was removed since it was read. Nothing of the transaction has happened.
    if (!(error instanceof RotationError) || error.code !== 'NotFound') throw error;
    await transact(true);
  }
}

/** A row is damaged or outlives its record: it is left out. */
async function readNamesakes(table: Table, account: Account): Promise<readonly Namesake[]> {
  const deadline = deadlineOf(account);
  const limits = { select: ['accountId'], limit: NAMESAKES_MAXIMUM + 1 };
  const rows = await table.query('readNamesakes', rowsUnder(namePrefix(account)), deadline, limits);
  const ids = idsOf(rows).filter((id) => id !== account.id);
  const found = await allEnded(
    ids.slice(0, NAMESAKES_MAXIMUM).map(async (accountId): Promise<Namesake | undefined> => {
      const { record } = readEntityRow(await table.find('readNamesakes', entityKeyOf(accountId), deadline));
      return record.state === 'present' ? { accountId, record: record.record } : undefined;
    }),
  );
  return found.filter((namesake) => namesake !== undefined);
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

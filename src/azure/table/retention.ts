// Removes what is old of an account, or the whole account. The sweep decides what is old.
// It must not remove a row that has changed since it was read, if anything depends on that row.
import { type FleetRecords, hasLeft, type OldRows } from '../../fleet/ports.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { AccountId, ETag } from '../../rotation/model.ts';
import { deadlineIn, FLEET_DEADLINE_MS } from '../client/client-options.ts';
import type { Table } from './client.ts';
import { ROWS_OF_A_TRANSACTION } from './limits.ts';
import { removalOf, removeRows } from './removal.ts';
import type { Row } from './rows/columns.ts';
import { checkKey, entityKeyOf, hashOf, historyBefore, nameKey, PARTITION, rowPrefix, rowsUnder } from './rows/keys.ts';
import { readEntityRow } from './rows/rows.ts';

/** Rows of one kind that one call removes. */
const ROWS_AT_MOST = 1_000;

const deadline = () => deadlineIn(FLEET_DEADLINE_MS);

export function retention(table: Table): Pick<FleetRecords, 'forgetOld' | 'forgetAccount'> {
  const keysOf = async (operation: string, filter: string): Promise<readonly string[]> => {
    const rows = await table.query(operation, filter, deadline(), { select: ['rowKey'], limit: ROWS_AT_MOST });
    return rows.map(({ rowKey }) => rowKey);
  };
  const remove = async (operation: string, filter: string): Promise<number> =>
    removeRows(table, operation, await keysOf(operation, filter), deadline);
  const requestsOf = (id: AccountId) => rowsUnder(rowPrefix('r', hashOf(id)));
  return {
    async forgetOld(id, { historyBefore: before, requestsBefore, acknowledgements }) {
      const lines = await remove('forgetHistory', historyBefore(id, before));
      const requests = await remove(
        'forgetRequests',
        `${requestsOf(id)} and closedAt lt ${Math.floor(requestsBefore)}L`,
      );
      const marks = acknowledgements === undefined ? 0 : await forgetAcknowledgements(table, id, acknowledgements);
      return lines + requests + marks;
    },
    async forgetAccount(id, before) {
      const rows = await table.query('forgetAccount', rowsUnder(rowPrefix('a', hashOf(id))), deadline());
      const entity = rows.find(({ rowKey }) => rowKey === entityKeyOf(id));
      if (entity === undefined || !hasLeft(readEntityRow(entity).entity, before)) return 0;
      const others = rows.filter((row) => row !== entity).slice(0, ROWS_OF_A_TRANSACTION - 1);
      // Those that are stored later belong to an account that has come back.
      const closed = await keysOf('forgetAccount', requestsOf(id));
      return ifUnchanged(async () => {
        // The pause goes only if the account has not come back. From here on, a pass that has read it loses its write.
        const etag = await touch(table, entity, others);
        const lines = await remove('forgetAccount', rowsUnder(rowPrefix('h', hashOf(id))));
        const requests = await removeRows(table, 'forgetAccount', closed, deadline);
        const checks = await remove('forgetAccount', oneRow(checkKey({ id })));
        const names = await remove('forgetAccount', oneRow(nameKey({ id })));
        const count = others.length + lines + requests + checks + names;
        const isRest = lines === ROWS_AT_MOST || requests === ROWS_AT_MOST || rows.length > others.length + 1;
        if (isRest || etag === undefined) return count;
        await table.remove('forgetAccount', entity.rowKey, etag, deadline());
        return count + 1;
      });
    },
  };
}

/**
 * Removes `others` and the record, if the entity has not changed. An account that comes back before the rest is gone is
 * adopted: without its pause, its record must not go on.
 */
async function touch(table: Table, entity: Row, others: readonly Row[]): Promise<ETag | undefined> {
  const { rowKey, etag: known, ...columns } = entity;
  const etag = known as ETag;
  const kept = Object.entries(columns).filter(([name]) => !['record', 'phase', 'timestamp'].includes(name));
  const revision = Number(entity['revision']) + 1;
  const marked = { ...Object.fromEntries(kept), partitionKey: PARTITION, rowKey, revision };
  const written = await table.transact(
    'forgetAccount',
    [['update', marked, 'Replace', { etag }], ...others.map((row) => removalOf(row.rowKey))],
    deadline(),
  );
  if (written !== undefined) return written;
  // The answer lacks the ETag. A write since then would have raised the revision again.
  const found = await table.find('forgetAccount', rowKey, deadline());
  return found?.['revision'] === marked.revision ? (found['etag'] as ETag) : undefined;
}

function oneRow(key: string): string {
  return `PartitionKey eq '${PARTITION}' and RowKey eq '${key}'`;
}

/** One by one: a consumer that comes back may acknowledge meanwhile. */
async function forgetAcknowledgements(
  table: Table,
  id: AccountId,
  { before, except }: NonNullable<OldRows['acknowledgements']>,
): Promise<number> {
  const filter = `${rowsUnder(rowPrefix('a', hashOf(id), 'ack'))} and at lt ${Math.floor(before)}L`;
  const named = new Set(except.map((name) => name.toLowerCase()));
  const rows = await table.query('forgetAcknowledgements', filter, deadline(), { limit: ROWS_AT_MOST });
  const old = rows.filter((row) => !named.has(String(row['consumer']).toLowerCase()));
  let count = 0;
  for (const row of old) {
    count += await ifUnchanged(async () => {
      await table.remove('forgetAcknowledgements', row.rowKey, row['etag'] as ETag, deadline());
      return 1;
    });
  }
  return count;
}

/** 0 if another process was first. */
async function ifUnchanged(act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof RotationError && (error.code === 'LostRace' || error.code === 'NotFound')) return 0;
    throw error;
  }
}

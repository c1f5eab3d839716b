// The outbox: notifications in the table of the records, `o|…` while they wait, `x|…` when they were given up.
// It must not decide when one is due or dead. A row that is already gone is no error: another run has handled it.

import { DEAD_COUNTED, type OutboxPort, type Pending } from '../../notify/ports.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { AccountId } from '../../rotation/model.ts';
import { deadlineIn, FLEET_DEADLINE_MS } from '../client/client-options.ts';
import type { Table } from './client.ts';
import { removeRows } from './removal.ts';
import type { Row } from './rows/columns.ts';
import { deadNotificationKey, notificationAt, notificationQueue, PARTITION, rowsUnder } from './rows/keys.ts';
import { deadNotificationRowOf, postponedRowOf, readNotificationRow } from './rows/rows.ts';

export function createTableNotifications({ table }: { readonly table: Table }): OutboxPort {
  const deadline = () => deadlineIn(FLEET_DEADLINE_MS);
  return {
    async list(limit, after) {
      const all = rowsUnder('o|');
      const filter = after === undefined ? all : `${all} and RowKey gt '${after}'`;
      return (await table.query('listNotifications', filter, deadline(), { limit })).map(pendingOf);
    },
    remove: ({ key }) =>
      unlessGone(async () => {
        const row = { partitionKey: PARTITION, rowKey: key };
        await table.transact('removeNotification', [['delete', row]], deadline());
      }),
    postpone: ({ key }, attempts, nextAttemptAt) =>
      unlessGone(async () => {
        const row = postponedRowOf(key, attempts, nextAttemptAt);
        await table.transact('postponeNotification', [['update', row, 'Merge']], deadline());
      }),
    async bury({ key }, failure) {
      const row = await table.find('buryNotification', key, deadline());
      if (row === undefined) return;
      const dead = deadNotificationRowOf(row, deadNotificationKey(key), failure);
      const live = { partitionKey: PARTITION, rowKey: key };
      await unlessGone(async () => {
        await table.transact(
          'buryNotification',
          [
            ['upsert', dead, 'Replace'],
            ['delete', live],
          ],
          deadline(),
        );
      });
    },
    async countDead() {
      const options = { select: ['rowKey'], limit: DEAD_COUNTED };
      return (await table.query('countDeadNotifications', rowsUnder('x|'), deadline(), options)).length;
    },
    async forgetDead(before) {
      // All of them: the rows are in the order of their queues, so that old ones may come after a thousand others.
      const old = await table.gather('listDeadNotifications', rowsUnder('x|'), deadline(), {
        select: ['rowKey'],
        keep: ({ rowKey }) => ((notificationAt(rowKey) ?? before) < before ? rowKey : undefined),
      });
      return removeRows(table, 'forgetNotifications', old.slice(0, DEAD_COUNTED), deadline);
    },
  };
}

function pendingOf(row: Row): Pending {
  const { entry, attempts, nextAttemptAt } = readNotificationRow(row);
  const accountId = row['accountId'];
  const line =
    entry === undefined || typeof accountId !== 'string' ? undefined : { accountId: accountId as AccountId, entry };
  return { key: row.rowKey, queue: notificationQueue(row.rowKey), line, attempts, nextAttemptAt };
}

async function unlessGone(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (error instanceof RotationError && error.code === 'NotFound') return;
    throw error;
  }
}

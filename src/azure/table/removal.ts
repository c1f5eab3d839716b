// Removes rows, a hundred in one transaction. It must not choose them.
import type { TransactionAction } from '@azure/data-tables';
import { RotationError } from '../../rotation/errors.ts';
import type { Deadline } from '../client/client-options.ts';
import type { Table } from './client.ts';
import { ROWS_OF_A_TRANSACTION } from './limits.ts';
import { PARTITION } from './rows/keys.ts';

export function removalOf(rowKey: string): TransactionAction {
  return ['delete', { partitionKey: PARTITION, rowKey }];
}

/**
 * Returns how many rows are gone. If another process has removed one of them, the whole transaction is refused, and
 * its other rows stay until the next call.
 */
export async function removeRows(
  table: Table,
  operation: string,
  keys: readonly string[],
  deadline: () => Deadline,
): Promise<number> {
  let removed = 0;
  for (let start = 0; start < keys.length; start += ROWS_OF_A_TRANSACTION) {
    const portion = keys.slice(start, start + ROWS_OF_A_TRANSACTION);
    try {
      await table.transact(operation, portion.map(removalOf), deadline());
      removed += portion.length;
    } catch (error) {
      if (!(error instanceof RotationError) || error.code !== 'NotFound') throw error;
    }
  }
  return removed;
}

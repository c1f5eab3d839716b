// Accounts as they were configured when their entities were last written: for an emergency while App Configuration does
// not answer. It must not decide whether a pass may act on them.
import { allEnded } from '../../base/lanes.ts';
import type { ConfiguredQuery } from '../../fleet/ports.ts';
import type { Account, AccountId } from '../../rotation/model.ts';
import type { Deadline } from '../client/client-options.ts';
import type { Table } from './client.ts';
import type { Row } from './rows/columns.ts';
import { accountOf, decodeConfigured } from './rows/configured-codec.ts';
import { entityKeyOf, isEntityKey, rowsUnder } from './rows/keys.ts';

const COLUMNS = ['partitionKey', 'rowKey', 'accountId', 'configured'];
/** A read by key costs the table nothing. A filter that names many keys makes it look at every row. */
const READS_AT_ONCE = 10;

/** `deadline` bounds all reads together. */
export async function findConfigured(
  table: Table,
  by: ConfiguredQuery,
  deadline: Deadline,
): Promise<readonly Account[]> {
  const rows = 'alias' in by ? await rowsOfAlias(table, by.alias, deadline) : await rowsOf(table, by.ids, deadline);
  return rows.map(configuredAccount).filter((account) => account !== undefined);
}

function rowsOfAlias(table: Table, alias: string, deadline: Deadline): Promise<Row[]> {
  const quoted = alias.toLowerCase().replaceAll("'", "''");
  const filter = `${rowsUnder('a|')} and aliasLower eq '${quoted}'`;
  return table.query('findConfigured', filter, deadline, { select: COLUMNS });
}

async function rowsOf(table: Table, ids: readonly AccountId[], deadline: Deadline): Promise<Row[]> {
  const distinct = [...new Set(ids)];
  const found: Row[] = [];
  for (let start = 0; start < distinct.length; start += READS_AT_ONCE) {
    const reads = distinct
      .slice(start, start + READS_AT_ONCE)
      .map((id) => table.find('findConfigured', entityKeyOf(id), deadline, COLUMNS));
    found.push(...(await allEnded(reads)).filter((row) => row !== undefined));
  }
  return found;
}

function configuredAccount(row: Row): Account | undefined {
  const { accountId } = row;
  const configured = decodeConfigured(row['configured']);
  if (!isEntityKey(row.rowKey) || typeof accountId !== 'string' || configured === undefined) return undefined;
  return accountOf(accountId as AccountId, configured);
}

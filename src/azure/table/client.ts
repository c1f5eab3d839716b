// The table behind the records: reaches it, creates it when it is missing, and classifies its refusals.
// It must not know what the rows mean.

import { type ListTableEntitiesOptions, RestError, TableClient, type TransactionAction } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import type { ETag } from '../../rotation/model.ts';
import type { SecretValue } from '../../rotation/secret.ts';
import { classifyError, providerCodeOf, statusOf } from '../client/classify-error.ts';
import { clientOptions, type Deadline } from '../client/client-options.ts';
import { requireFitting, requireFittingRow } from './limits.ts';
import type { Row } from './rows/columns.ts';
import { PARTITION } from './rows/keys.ts';

export type TableConnection =
  | { readonly connectionString: SecretValue }
  | { readonly endpoint: string; readonly credential: TokenCredential };

export interface Table {
  /** All rows that match; pages are followed until `limit` rows or the deadline. */
  query(operation: string, filter: string, deadline: Deadline, options?: QueryOptions): Promise<Row[]>;
  /** `keep` of each matching row, page by page: memory should not hold all rows of a fleet at once. */
  gather<T>(operation: string, filter: string, deadline: Deadline, gathering: Gathering<T>): Promise<T[]>;
  find(operation: string, rowKey: string, deadline: Deadline, select?: readonly string[]): Promise<Row | undefined>;
  /** Throws `Misconfigured` for a row that Azure would refuse, before it is sent. */
  upsert(operation: string, row: Row, deadline: Deadline): Promise<void>;
  /**
   * All or nothing. Returns the ETag of the first row, if the service gave one. Throws `Misconfigured` for a
   * transaction that Azure would refuse, before it is sent.
   */
  transact(operation: string, actions: TransactionAction[], deadline: Deadline): Promise<ETag | undefined>;

  /** Throws `LostRace` if the row has changed since it had this ETag. */
  remove(operation: string, rowKey: string, etag: ETag, deadline: Deadline): Promise<void>;
}

export interface QueryOptions {
  readonly select?: readonly string[];
  readonly limit?: number;
}

export interface Gathering<T> {
  readonly select: readonly string[];
  /** Undefined leaves the row out. */
  readonly keep: (row: Row) => T | undefined;
}

/** The service's maximum. */
const ROWS_PER_PAGE = 1_000;

export function createTable(connection: TableConnection, tableName: string): Table {
  const client = createTableClient(connection, tableName);
  const run = <T>(operation: string, deadline: Deadline, call: () => Promise<T>): Promise<T> =>
    withTable(client, operation, deadline, call);
  return {
    query: (operation, filter, deadline, options) =>
      run(operation, deadline, () => query(client, filter, deadline, options ?? {})),
    gather: (operation, filter, deadline, gathering) =>
      run(operation, deadline, () => gather(client, filter, deadline, gathering)),
    find: (operation, rowKey, deadline, select) =>
      run(operation, deadline, async () => {
        const options = select === undefined ? deadline : { ...deadline, queryOptions: { select: [...select] } };
        try {
          const row: object = await client.getEntity(PARTITION, rowKey, options);
          return row as Row;
        } catch (error) {
          if (statusOf(error) === 404 && providerCodeOf(error) === 'ResourceNotFound') return undefined;
          throw error;
        }
      }),
    upsert: (operation, row, deadline) =>
      run(operation, deadline, async () => {
        requireFittingRow(operation, row);
        await client.upsertEntity(row, 'Replace', deadline);
      }),
    transact: (operation, actions, deadline) =>
      run(operation, deadline, async () => {
        requireFitting(operation, actions);
        const { subResponses } = await client.submitTransaction(actions, deadline);
        return subResponses[0]?.etag as ETag | undefined;
      }),
    remove: (operation, rowKey, etag, deadline) =>
      run(operation, deadline, async () => {
        await client.deleteEntity(PARTITION, rowKey, { ...deadline, etag });
      }),
  };
}

/** The SDK's client alone: it does not create the table. */
export function createTableClient(connection: TableConnection, tableName: string): TableClient {
  if ('credential' in connection) {
    return new TableClient(connection.endpoint, tableName, connection.credential, clientOptions());
  }
  const connectionString = connection.connectionString.reveal();
  return TableClient.fromConnectionString(connectionString, tableName, {
    ...clientOptions(),
    allowInsecureConnection: isPlainLoopback(connectionString),
  });
}

/** Plain http is only for storage on this machine. */
function isPlainLoopback(connectionString: string): boolean {
  const endpoint = /TableEndpoint=(http:\/\/[^;]+)/i.exec(connectionString)?.[1];
  if (endpoint === undefined) return /UseDevelopmentStorage=true/i.test(connectionString);
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint).hostname);
}

/** Creates the table, once, when a call finds it missing. That call had no effect, so it may be sent again. */
async function withTable<T>(
  client: TableClient,
  operation: string,
  deadline: Deadline,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (statusOf(error) !== 404 || providerCodeOf(error) !== 'TableNotFound') throw refusal(operation, error);
  }
  try {
    await client.createTable(deadline);
    return await call();
  } catch (error) {
    throw refusal(operation, error);
  }
}

async function query(client: TableClient, filter: string, deadline: Deadline, options: QueryOptions): Promise<Row[]> {
  const { limit } = options;
  const rows: Row[] = [];
  for await (const page of pagesOf(client, filter, deadline, options)) {
    rows.push(...page);
    if (limit !== undefined && rows.length >= limit) return rows.slice(0, limit);
  }
  return rows;
}

async function gather<T>(client: TableClient, filter: string, deadline: Deadline, of: Gathering<T>): Promise<T[]> {
  const kept: T[] = [];
  for await (const page of pagesOf(client, filter, deadline, of)) {
    for (const row of page) {
      const value = of.keep(row);
      if (value !== undefined) kept.push(value);
    }
  }
  return kept;
}

async function* pagesOf(
  client: TableClient,
  filter: string,
  deadline: Deadline,
  { select, limit }: QueryOptions,
): AsyncGenerator<readonly Row[]> {
  const queryOptions: ListTableEntitiesOptions['queryOptions'] = {
    filter,
    ...(select === undefined ? {} : { select: [...select] }),
  };
  const pages = client
    .listEntities({ queryOptions, ...deadline })
    .byPage({ maxPageSize: Math.min(limit ?? ROWS_PER_PAGE, ROWS_PER_PAGE) });
  for await (const page of pages) yield page as object[] as Row[];
}

/**
 * The core's error for a refusal of the service. In a transaction the condition fails in two ways: the row has changed
 * (412), or it is gone (404). Both mean that another writer was first.
 */
export function refusal(operation: string, error: unknown): Error {
  if (operation === 'write' && statusOf(error) === 404 && providerCodeOf(error) !== 'TableNotFound') {
    const gone = new RestError('The row is gone.', { statusCode: 412, code: 'UpdateConditionNotSatisfied' });
    return classifyError('table', operation, gone);
  }
  return classifyError('table', operation, error);
}

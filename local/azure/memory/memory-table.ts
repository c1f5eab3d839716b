// The table without a network: the adapters on it run unchanged, with their rows, keys and JSON. It takes the columns,
// filters and transactions that Azure takes, and refuses the others, with the refusals of the service.
// It must not know what a row means.
import { RestError, type TransactionAction } from '@azure/data-tables';
import { type QueryOptions, refusal, type Table } from '../../../src/azure/table/client.ts';
import { requireFitting, requireFittingRow } from '../../../src/azure/table/limits.ts';
import type { Row } from '../../../src/azure/table/rows/columns.ts';
import { PARTITION } from '../../../src/azure/table/rows/keys.ts';
import type { ETag } from '../../../src/rotation/model.ts';

const INT32_MAXIMUM = 2_147_483_647;

type Value = string | number | bigint | boolean;
type Filter = (row: Row) => boolean;

export class MemoryTable implements Table {
  /** By row key. */
  readonly rows = new Map<string, Row>();
  #writes = 0;

  query(operation: string, filter: string, _: unknown, options: QueryOptions = {}): Promise<Row[]> {
    return answered(operation, () => this.#matching(filter, options));
  }

  gather: Table['gather'] = async (operation, filter, deadline, { select, keep }) =>
    (await this.query(operation, filter, deadline, { select })).map(keep).filter((value) => value !== undefined);

  find: Table['find'] = (operation, rowKey, _, select) =>
    answered(operation, () => {
      const row = this.rows.get(rowKey);
      return row === undefined ? undefined : shown(row, select);
    });

  upsert: Table['upsert'] = (operation, row) =>
    answered(operation, () => {
      requireFittingRow(operation, row);
      this.#apply(['upsert', row, 'Replace']);
    });

  transact: Table['transact'] = (operation, actions) =>
    answered(operation, () => {
      requireFitting(operation, actions);
      const former = actions.map(([, { rowKey = '' }]) => [rowKey, this.rows.get(rowKey)] as const);
      try {
        return actions.map((action) => this.#apply(action))[0];
      } catch (error) {
        for (const [key, row] of former) this.#put(key, row);
        throw error;
      }
    });

  remove: Table['remove'] = (operation, rowKey, etag) =>
    answered(operation, () => {
      const former = this.rows.get(rowKey);
      if (former === undefined) throw refused(404, 'ResourceNotFound');
      if (former['etag'] !== etag) throw refused(412, 'UpdateConditionNotSatisfied');
      this.rows.delete(rowKey);
    });

  #matching(filter: string, { select, limit }: QueryOptions): Row[] {
    const holds = readFilter(filter);
    return [...this.rows.values()]
      .filter((row) => holds(row))
      .sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1))
      .slice(0, limit)
      .map((row) => shown(row, select));
  }

  #put(key: string, row: Row | undefined): void {
    if (row === undefined) this.rows.delete(key);
    else this.rows.set(key, row);
  }

  /** Throws the service's refusal. Returns the ETag of the row that it has written. */
  #apply(action: TransactionAction): ETag | undefined {
    const [kind, given, ...rest] = action as readonly [
      TransactionAction[0],
      Row,
      ...(string | { readonly etag?: string })[],
    ];
    const { partitionKey, rowKey } = given;
    if (partitionKey !== PARTITION) throw refused(400, 'CommandsInBatchActOnDifferentPartitions');
    const former = this.rows.get(rowKey);
    if (kind === 'create' && former !== undefined) throw refused(409, 'EntityAlreadyExists');
    if ((kind === 'update' || kind === 'delete') && former === undefined) throw refused(404, 'ResourceNotFound');
    const { etag = '*' } = rest.find((part) => typeof part === 'object') ?? {};
    if (etag !== '*' && etag !== former?.['etag']) throw refused(412, 'UpdateConditionNotSatisfied');
    if (kind === 'delete') {
      this.rows.delete(rowKey);
      return undefined;
    }
    const kept = rest.includes('Replace') || kind === 'create' ? {} : former;
    const written = `W/"${++this.#writes}"` as ETag;
    this.rows.set(rowKey, { ...kept, ...columnsOf(given), partitionKey, rowKey, etag: written });
    return written;
  }
}

/** Runs `act` as the service would; its refusals become the core's errors, as over the wire. */
async function answered<T>(operation: string, act: () => T): Promise<T> {
  try {
    return await Promise.resolve(act());
  } catch (error) {
    throw refusal(operation, error);
  }
}

function refused(statusCode: number, code: string): RestError {
  return new RestError(code, { statusCode, code });
}

/** What the service keeps of a row: columns without a value are left out, and only a few types exist. */
function columnsOf(row: Readonly<Record<string, unknown>>): Record<string, Value> {
  const columns: Record<string, Value> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value !== undefined && value !== null) columns[name] = columnOf(value);
  }
  return columns;
}

function columnOf(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  // A whole number without a type is an Int32.
  const isNumber = typeof value === 'number' && Number.isFinite(value);
  if (isNumber && (!Number.isInteger(value) || Math.abs(value) <= INT32_MAXIMUM)) return value;
  throw refused(400, 'InvalidInput');
}

/** The row itself stays out of the caller's reach. */
function shown(row: Row, select: readonly string[] | undefined): Row {
  if (select === undefined) return { ...row };
  const named = Object.entries(row).filter(([name]) => name === 'etag' || select.includes(name));
  return Object.fromEntries(named) as unknown as Row;
}

const CLAUSE = /^(\w+) (eq|ne|gt|ge|lt|le) (?:'((?:[^']|'')*)'|(\d+)L|(\d+)|(true|false))/;

/** Comparisons joined by `and` and `or`, in brackets or not: what the adapters send. Anything else is refused. */
function readFilter(filter: string): Filter {
  let rest = filter;
  const take = (text: string): boolean => {
    const isNext = rest.startsWith(text);
    if (isNext) rest = rest.slice(text.length);
    return isNext;
  };
  const clause = (): Filter => {
    const [found, name = '', operator = '', text, long, int, truth] = CLAUSE.exec(rest) ?? [];
    if (found === undefined) throw refused(400, 'InvalidInput');
    rest = rest.slice(found.length);
    const literal = long ?? int;
    const value = text?.replaceAll("''", "'") ?? (literal === undefined ? truth === 'true' : Number(literal));
    return (row) => compares(row[columnNamed(name)], operator, value);
  };
  const part = (): Filter => {
    if (!take('(')) return clause();
    const inner = either();
    if (!take(')')) throw refused(400, 'InvalidInput');
    return inner;
  };
  const all = (): Filter => {
    const parts = [part()];
    while (take(' and ')) parts.push(part());
    return (row) => parts.every((holds) => holds(row));
  };
  const either = (): Filter => {
    const parts = [all()];
    while (take(' or ')) parts.push(all());
    return (row) => parts.some((holds) => holds(row));
  };
  const read = either();
  if (rest !== '') throw refused(400, 'InvalidInput');
  return read;
}

function columnNamed(name: string): string {
  return name === 'RowKey' || name === 'PartitionKey' ? `${name.charAt(0).toLowerCase()}${name.slice(1)}` : name;
}

/** A column that is absent, or of another type, fits no condition. */
function compares(column: unknown, operator: string, value: string | number | boolean): boolean {
  const held = typeof column === 'bigint' ? Number(column) : column;
  if (typeof held !== typeof value) return false;
  const order = held === value ? 0 : (held as typeof value) < value ? -1 : 1;
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'lt':
      return order < 0;
    default:
      return order <= 0;
  }
}

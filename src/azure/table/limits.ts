// The limits of Azure Tables, checked before anything is sent. The in-memory ports refuse with the same functions. The
// emulator differs: it takes rows of more than 1 MiB, and cuts the connection of a transaction of more than 4 MiB.
// It must not know what a row means.
import type { TransactionAction } from '@azure/data-tables';
import { RotationError } from '../../rotation/errors.ts';
import type { HistoryEntry, RecordWrite } from '../../rotation/ports.ts';
import type { Row } from './rows/columns.ts';
import { hasNameRow } from './rows/name-row.ts';
import { requestChangesOf } from './rows/request-rows.ts';

// https://learn.microsoft.com/azure/storage/tables/scalability-targets and
// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
export const ROWS_OF_A_TRANSACTION = 100;
const TRANSACTION_BYTES_MAXIMUM = 4 * 1_024 * 1_024;
const ENTITY_BYTES_MAXIMUM = 1_024 * 1_024;
/** 64 KiB, because text is stored as UTF-16. */
export const TEXT_MAXIMUM = 32_768;
/** 1 KiB of UTF-16. */
const KEY_MAXIMUM = 512;

/** Method, address and headers of one operation within the body of a transaction, and the types of its columns. */
const OPERATION_OVERHEAD_BYTES = 1_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the service refuses exactly these.
const REFUSED_IN_KEYS = /[/\\#?\u0000-\u001f\u007f-\u009f]/;

type Kinds = ReadonlySet<HistoryEntry['kind']>;

/** How many operations a write of the record is. `notified`: the kinds of lines that also get a row in the outbox. */
export function operationsOfWrite(change: RecordWrite, notified: Kinds): number {
  const { length } = change.closes.length + (change.marks?.length ?? 0) === 0 ? [] : requestChangesOf(change);
  const own = hasNameRow(change) ? 2 : 1;
  return own + 2 * length + operationsOfHistory(change.history, notified);
}

export function operationsOfHistory(history: readonly HistoryEntry[], notified: Kinds): number {
  return history.length + history.filter(({ kind }) => notified.has(kind)).length;
}

/** Throws `Misconfigured` if the service would refuse so many operations. */
export function requireOperations(operation: string, count: number): void {
  if (count <= ROWS_OF_A_TRANSACTION) return;
  const holds = `a transaction holds at most ${ROWS_OF_A_TRANSACTION} operations, and this one has ${count}`;
  throw refused(operation, { status: 400, providerCode: 'InvalidInput', holds });
}

/** Throws `Misconfigured` if the service would refuse the transaction. */
export function requireFitting(operation: string, actions: readonly TransactionAction[]): void {
  requireOperations(operation, actions.length);
  const rows = actions.map(([, row]): Row => ({ ...row }));
  requireDistinct(
    operation,
    rows.map(({ rowKey }) => rowKey),
  );
  for (const row of rows) requireFittingRow(operation, row);
  const bytes = rows.reduce((sum, row) => sum + OPERATION_OVERHEAD_BYTES + bytesOnTheWire(row), 0);
  if (bytes <= TRANSACTION_BYTES_MAXIMUM) return;
  const holds = `a transaction holds at most 4 MiB, and this one has ${bytes} bytes`;
  throw refused(operation, { status: 413, providerCode: 'RequestBodyTooLarge', holds });
}

/** A transaction may name a row only once. */
function requireDistinct(operation: string, names: readonly string[]): void {
  if (new Set(names).size === names.length) return;
  const holds = 'a transaction names each row once, and this one names a row twice';
  throw refused(operation, { status: 400, providerCode: 'InvalidDuplicateRow', holds });
}

export function requireFittingRow(operation: string, row: Row): void {
  if (row.rowKey.length > KEY_MAXIMUM || REFUSED_IN_KEYS.test(row.rowKey)) {
    const holds = 'a row key holds at most 1 KiB, without / \\ # ? and control characters';
    throw refused(operation, { status: 400, providerCode: 'OutOfRangeInput', holds });
  }
  let characters = 0;
  for (const [name, value] of Object.entries(row)) {
    characters += name.length + (typeof value === 'string' ? value.length : OTHER_CHARACTERS);
    if (typeof value !== 'string' || value.length <= TEXT_MAXIMUM) continue;
    const holds = `a column holds at most 64 KiB, and ${name} has ${value.length} characters`;
    throw refused(operation, { status: 400, providerCode: 'PropertyValueTooLarge', holds });
  }
  if (2 * characters <= ENTITY_BYTES_MAXIMUM) return;
  throw refused(operation, { status: 400, providerCode: 'EntityTooLarge', holds: 'a row holds at most 1 MiB' });
}

/** At most this many for a number, an instant or a boolean. */
const OTHER_CHARACTERS = 8;

function bytesOnTheWire(row: Row): number {
  const json = JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return Buffer.byteLength(json);
}

/**
 * An upper bound on the characters of `value` as JSON. Cheaper than writing the JSON: a simulation asks this for
 * millions of writes, and only measures if the bound exceeds `TEXT_MAXIMUM`.
 */
export function charactersAtMost(value: unknown): number {
  // An escaped character becomes six.
  if (typeof value === 'string') return 6 * value.length + 2;
  if (typeof value !== 'object' || value === null) return 26;
  const fields = value as Readonly<Record<string, unknown>>;
  let sum = 2;
  for (const name of Object.keys(fields)) sum += 6 * name.length + 4 + charactersAtMost(fields[name]);
  return sum;
}

interface Refusal {
  readonly status: number;
  readonly providerCode: string;
  /** Half a sentence: the limit of the table, and the value that breaks it. */
  readonly holds: string;
}

function refused(operation: string, { status, providerCode, holds }: Refusal): RotationError {
  return new RotationError({
    code: 'Misconfigured',
    service: 'table',
    operation,
    message: `table ${operation} (${status} ${providerCode}): ${holds}; nothing was sent.`,
    providerCode,
    status,
  });
}

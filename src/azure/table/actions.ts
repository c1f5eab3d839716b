// The transactions over the rows of one account, as lists of operations. The adapter sends them, and the in-memory
// ports measure them, so both refuse the same. It must not call the table.
import type { TransactionAction } from '@azure/data-tables';
import type { PauseChange } from '../../operators/ports.ts';
import type { Account, ETag, Pause, Request } from '../../rotation/model.ts';
import type { HistoryEntry, RecordWrite } from '../../rotation/ports.ts';
import { historyKey, notificationKey, openRequestKey, PARTITION, type WriteName } from './rows/keys.ts';
import { hasNameRow, nameRowOf } from './rows/name-row.ts';
import {
  changedRequestRowOf,
  markedOpenRowOf,
  openRequestRowOf,
  type RequestChange,
  requestChangesOf,
  requestRowOf,
} from './rows/request-rows.ts';
import { dueEntityRowOf, entityRowOf, historyRowOf, pauseRowOf } from './rows/rows.ts';

/** The kinds of lines that also get a row in the outbox. */
export type Notified = ReadonlySet<HistoryEntry['kind']>;

export function writeActions(
  account: Account,
  expected: ETag | undefined,
  change: RecordWrite,
  notified: Notified,
): TransactionAction[] {
  const { entity, history, at } = change;
  return [
    entityAction(account, expected, change),
    ...(hasNameRow(change) ? [['upsert', nameRowOf(account), 'Replace'] satisfies TransactionAction] : []),
    ...requestChangesOf(change).flatMap((of) => requestActions(account, of, at)),
    ...historyActions(account, history, { revision: entity.revision }, notified),
  ];
}

function entityAction(account: Account, expected: ETag | undefined, change: RecordWrite): TransactionAction {
  const row = entityRowOf(account, change.entity);
  return expected === undefined ? ['create', row] : ['update', row, 'Replace', { etag: expected }];
}

/** A closed request has no open row any more: its marks go into the row that stays. */
function requestActions(account: Account, change: RequestChange, at: number): TransactionAction[] {
  const rowKey = openRequestKey(account, change.id);
  const open: TransactionAction =
    change.closing === undefined
      ? ['update', markedOpenRowOf(account, change), 'Merge']
      : ['delete', { partitionKey: PARTITION, rowKey }];
  return [open, ['update', changedRequestRowOf(account, change, at), 'Merge']];
}

export function insertRequestActions(
  account: Account,
  request: Request,
  history: readonly HistoryEntry[],
  notified: Notified,
): TransactionAction[] {
  return [
    ['create', requestRowOf(account, request)],
    ['create', openRequestRowOf(account, request)],
    ...historyActions(account, history, { unique: request.id }, notified),
  ];
}

/** `unique` distinguishes the history of this pause from that of another pause in the same millisecond. */
export function pauseActions(
  account: Account,
  pause: Pause | undefined,
  { stored, at, history, isEntityKept }: PauseChange,
  { notified, unique }: { readonly notified: Notified; readonly unique: string },
): TransactionAction[] {
  const isTouched = stored.etag !== undefined && !isEntityKept;
  return [
    ['upsert', pauseRowOf(account, pause), 'Replace'],
    // With any ETag: a pause does not lose to a pass, but the pass loses to the pause.
    ...(isTouched ? [['update', dueEntityRowOf(account, at), 'Merge', { etag: '*' }] satisfies TransactionAction] : []),
    ...historyActions(account, history, { unique }, notified),
  ];
}

/** A line and, if its kind is notified, its notification: in the same transaction as the change. */
function historyActions(
  account: Account,
  history: readonly HistoryEntry[],
  write: WriteName,
  notified: Notified,
): TransactionAction[] {
  return history.flatMap((entry, index): TransactionAction[] => {
    const line = historyRowOf(account, historyKey(account, entry.at, write, index), entry);
    if (!notified.has(entry.kind)) return [['create', line]];
    const notification = historyRowOf(account, notificationKey(account, entry.at, write, index), entry);
    return [
      ['create', line],
      ['create', notification],
    ];
  });
}

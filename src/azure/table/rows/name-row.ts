// The row by which an account is found under its ARM name, also under another id. It must not call the table.
import type { Account } from '../../../rotation/model.ts';
import type { RecordWrite } from '../../../rotation/ports.ts';
import { type Row, row } from './columns.ts';
import { nameKey } from './keys.ts';

export function nameRowOf(account: Account): Row {
  return row(nameKey(account), { accountId: account.id });
}

/** Written with the adoption, and with each completed rotation: records of earlier versions get their row, too. */
export function hasNameRow({ history }: RecordWrite): boolean {
  return history.some(({ kind }) => kind === 'Adopted' || kind === 'RotationCompleted');
}

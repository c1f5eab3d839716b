// The result of the last search for accounts, in the table of the records: one row per account, and one for
// subscriptions that could not be searched. A mark among the accounts' rows changes whenever any of them changes.
// It must not interpret them. The mark is written last, so rows read after it are at least as new.

import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { TransactionAction } from '@azure/data-tables';
import * as z from 'zod';
import { defined } from '../../base/defined.ts';
import {
  DISCOVERY_REASONS,
  type Discovered,
  type DiscoveredAccount,
  type DiscoveryFailure,
} from '../../config/accounts/discovered-account.ts';
import type { DiscoveryStore } from '../../fleet/discovery/ports.ts';
import type { AccountId } from '../../rotation/model.ts';
import { type Deadline, deadlineIn, FLEET_DEADLINE_MS } from '../client/client-options.ts';
import type { Table } from './client.ts';
import { ROWS_OF_A_TRANSACTION } from './limits.ts';
import { removeRows } from './removal.ts';
import { type Row } from './rows/columns.ts';
import { DISCOVERY_KEY, discoveredKey, FAILURES_KEY, NAMES_KEY, PARTITION, rowsUnder } from './rows/keys.ts';

const text = z.string().min(1);
const absent = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);
const accountRow = z.object({
  id: text.transform((id) => id as AccountId),
  resourceId: text,
  policy: absent(z.string()),
  kind: absent(z.string()),
  location: absent(z.string()),
  owner: absent(z.string()),
  createdAt: absent(text),
  state: z.enum(['enrolled', 'leaving', 'skipped', 'left', 'forgotten']),
  reason: absent(z.enum(DISCOVERY_REASONS)),
  since: z.union([z.bigint(), z.number()]).transform(Number),
  missingSince: absent(z.union([z.bigint(), z.number()]).transform(Number)),
});
const failuresColumn = z
  .string()
  .transform((json): unknown => JSON.parse(json))
  .pipe(z.array(z.object({ subscriptionId: text, code: text, message: text })));
/** At most 240 names of at most 64 characters, by the id: less than the 32,768 characters of a column. */
const namesColumn = z
  .string()
  .transform((json): unknown => JSON.parse(json))
  .pipe(z.record(z.string(), z.string()));
const NAME_MAXIMUM = 64;
/** With messages of at most 300 characters these fit into one column, and those of 240 subscriptions into one row. */
const FAILURES_PER_COLUMN = 50;
const MESSAGE_MAXIMUM = 300;

export function createDiscoveryStore({ table }: { readonly table: Table }): DiscoveryStore {
  const deadline = (): Deadline => deadlineIn(FLEET_DEADLINE_MS);
  const readRevision = async (): Promise<string | undefined> => {
    const row = await table.find('readDiscovery', DISCOVERY_KEY, deadline());
    return typeof row?.['discovery'] === 'string' ? row['discovery'] : undefined;
  };
  return {
    readRevision,
    async read() {
      const rows = await table.query('readDiscovery', rowsUnder('d|'), deadline());
      const names = namesColumn.safeParse(rows.find(({ rowKey }) => rowKey === NAMES_KEY)?.['names']).data;
      return {
        ...(names === undefined ? {} : { subscriptionNames: names }),
        accounts: rows.flatMap((row): DiscoveredAccount[] => {
          const read = accountRow.safeParse(row);
          return read.success ? [defined(read.data)] : [];
        }),
        failures: rows.flatMap(readFailures),
      };
    },
    async write(former, next) {
      const known = new Set(former.accounts.map(textOf));
      const changed = next.accounts.filter((account) => !known.has(textOf(account)));
      await writeRows(table, changed.map(rowOf), deadline);
      const kept = new Set(next.accounts.map(({ id }) => id));
      const gone = former.accounts.filter(({ id }) => !kept.has(id)).map(({ id }) => discoveredKey(id));
      await removeRows(table, 'writeDiscovery', gone, deadline);
      if (!isDeepStrictEqual(failureColumns(former.failures), failureColumns(next.failures))) {
        await table.upsert('writeDiscovery', fleetRow(FAILURES_KEY, failureColumns(next.failures)), deadline());
      }
      const names = textOfNames(next);
      if (textOfNames(former) !== names) {
        await table.upsert('writeDiscovery', fleetRow(NAMES_KEY, { names }), deadline());
      }
      const revision = revisionOf(next);
      if ((await readRevision()) !== revision) {
        const mark = fleetRow(DISCOVERY_KEY, { discovery: revision, nextObservationAt: 0n });
        await table.upsert('writeDiscovery', mark, deadline());
      }
      return changed.length + gone.length;
    },
  };
}

function failureColumns(failures: readonly DiscoveryFailure[]): Readonly<Record<string, string>> {
  const columns: Record<string, string> = { failures0: '[]' };
  for (let start = 0; start < failures.length; start += FAILURES_PER_COLUMN) {
    const portion = failures.slice(start, start + FAILURES_PER_COLUMN);
    const shortened = portion.map((failure) => ({ ...failure, message: failure.message.slice(0, MESSAGE_MAXIMUM) }));
    columns[`failures${start / FAILURES_PER_COLUMN}`] = JSON.stringify(shortened);
  }
  return columns;
}

function readFailures(row: Row): readonly DiscoveryFailure[] {
  const columns = Object.entries(row).filter(([name]) => /^failures\d+$/.test(name));
  return columns.flatMap(([, column]) => failuresColumn.safeParse(column).data ?? []);
}

function textOf(account: DiscoveredAccount): string {
  const { id, resourceId, policy, createdAt, state, reason, since, missingSince, kind, location, owner } = account;
  const facts = [kind, location, owner];
  const shown = facts.every((fact) => fact === undefined) ? [] : facts;
  return JSON.stringify([id, resourceId, policy, createdAt, state, reason, since, missingSince, ...shown]);
}

/** In the order of the ids, so that equal names are an equal text. */
function textOfNames({ subscriptionNames = {} }: Discovered): string {
  const named = Object.entries(subscriptionNames).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(named.map(([id, name]) => [id, name.slice(0, NAME_MAXIMUM)])));
}

function revisionOf(discovered: Discovered): string {
  const { accounts, failures } = discovered;
  const names = textOfNames(discovered);
  const texts = [...accounts.map(textOf).sort(), JSON.stringify(failures), ...(names === '{}' ? [] : [names])];
  return hash('sha256', texts.join('\n'), 'hex').slice(0, 32);
}

async function writeRows(table: Table, rows: readonly Row[], deadline: () => Deadline): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_OF_A_TRANSACTION) {
    const actions = rows
      .slice(start, start + ROWS_OF_A_TRANSACTION)
      .map((row): TransactionAction => ['upsert', row, 'Replace']);
    await table.transact('writeDiscovery', actions, deadline());
  }
}

function rowOf(account: DiscoveredAccount): Row {
  const { since, missingSince } = account;
  const columns = { ...account, since: BigInt(Math.round(since)) };
  const missing = missingSince === undefined ? {} : { missingSince: BigInt(Math.round(missingSince)) };
  return fleetRow(discoveredKey(account.id), { ...columns, ...missing });
}

function fleetRow(rowKey: string, columns: Readonly<Record<string, unknown>>): Row {
  return { partitionKey: PARTITION, rowKey, ...defined(columns) };
}

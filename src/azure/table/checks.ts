// The last connectivity check of each account, and the last search of each vault, in rows of their own in the table of
// the records. They are for people: no pass reads them. It must not interpret a check, and never holds a key: only fingerprints and sentences.

import type { TransactionAction } from '@azure/data-tables';
import * as z from 'zod';
import type { CheckStore, StoredCheck } from '../../operators/check/ports.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { Account } from '../../rotation/model.ts';
import { type Deadline, deadlineIn, deadlineOf, FLEET_DEADLINE_MS } from '../client/client-options.ts';
import type { Table } from './client.ts';
import { removeRows } from './removal.ts';
import { instant } from './rows/columns.ts';
import { checkKey, PARTITION, rowsUnder, SEARCHES_PREFIX, searchKey } from './rows/keys.ts';

/** From the most severe to the least. */
const SEVERITY = [
  'fail',
  'warning',
  'unknown',
  'pass',
] as const satisfies readonly StoredCheck['findings'][number]['result'][];

const text = z.string();
const checkRow = z.object({
  /** When the check began, milliseconds since the epoch. It read the keys later. */
  at: z.number(),
  by: text,
  reason: text.exactOptional(),
  isVaultSearched: z.boolean(),
  isHealthy: z.boolean(),
  isReadyForKeyless: z.union([z.boolean(), z.literal('unknown')]).default('unknown'),
  endpoint: text.exactOptional(),
  location: text.exactOptional(),
  /** Fingerprints of both slots, if they could be read. */
  keys: z.object({ key1: text, key2: text }).exactOptional(),
  findings: z.array(
    z.object({
      check: text,
      result: z.enum(SEVERITY),
      detail: text,
      remedy: text.exactOptional(),
      latencyMs: z.number().exactOptional(),
    }),
  ),
});

/** A column holds at most 32,768 characters. */
const COLUMN_MAXIMUM = 32_000;
const SENTENCE_MAXIMUM = 1_000;
/** Vaults whose notes one call removes. */
const SEARCHES_FORGOTTEN = 1_000;

export function createCheckStore({ table }: { readonly table: Table }): CheckStore {
  const rowOf = (account: Account) => ({
    partitionKey: PARTITION,
    rowKey: checkKey(account),
    accountId: account.id,
  });
  return {
    keep: (account, check) =>
      table.upsert('keepCheck', { ...rowOf(account), check: bounded(check) }, deadlineOf(account)),
    async beginSearch(vaultUrl, now, everyMs) {
      const deadline = deadlineIn(FLEET_DEADLINE_MS);
      const rowKey = searchKey(vaultUrl);
      const former = await table.find('beginSearch', rowKey, deadline);
      const { data: begunAt } = instant.safeParse(former?.['begunAt']);
      // A later instant is of a clock that was ahead, or ours was set back: it must not hold up searches for long.
      if (begunAt !== undefined && begunAt <= now && now < begunAt + everyMs) return begunAt + everyMs;
      const row = { partitionKey: PARTITION, rowKey, begunAt: BigInt(Math.round(now)) };
      const action: TransactionAction =
        former === undefined ? ['create', row] : ['update', row, 'Replace', { etag: String(former['etag']) }];
      try {
        await table.transact('beginSearch', [action], deadline);
        return undefined;
      } catch (error) {
        // Another search has begun at the same time.
        if (error instanceof RotationError && error.code === 'LostRace') return now + everyMs;
        throw error;
      }
    },
    async forgetSearches(before) {
      const begun = `${rowsUnder(SEARCHES_PREFIX)} and begunAt lt ${Math.floor(before)}L`;
      const deadline = (): Deadline => deadlineIn(FLEET_DEADLINE_MS);
      const options = { select: ['rowKey'], limit: SEARCHES_FORGOTTEN };
      const rows = await table.query('listSearches', begun, deadline(), options);
      const keys = rows.map(({ rowKey }) => rowKey);
      return removeRows(table, 'forgetSearches', keys, deadline);
    },
    forget: (account) => table.upsert('forgetCheck', rowOf(account), deadlineOf(account)),
    async last(account) {
      const row = await table.find('lastCheck', checkKey(account), deadlineOf(account));
      return row === undefined ? undefined : read(row['check']);
    },
  };
}

function read(column: unknown): StoredCheck | undefined {
  try {
    return checkRow.parse(JSON.parse(String(column)));
  } catch {
    return undefined;
  }
}

/** JSON of the known fields that fits into a column. Cuts long sentences, and drops the least severe findings first. */
function bounded(given: StoredCheck): string {
  const check = checkRow.parse(given);
  const findings = check.findings
    .map(({ detail, remedy, ...rest }) => ({
      ...rest,
      detail: cut(detail),
      ...(remedy === undefined ? {} : { remedy: cut(remedy) }),
    }))
    .sort((a, b) => SEVERITY.indexOf(a.result) - SEVERITY.indexOf(b.result));
  let json = JSON.stringify({ ...check, findings });
  while (json.length > COLUMN_MAXIMUM && findings.pop() !== undefined) json = JSON.stringify({ ...check, findings });
  return json;
}

function cut(sentence: string): string {
  return sentence.length <= SENTENCE_MAXIMUM ? sentence : `${sentence.slice(0, SENTENCE_MAXIMUM - 1)}…`;
}

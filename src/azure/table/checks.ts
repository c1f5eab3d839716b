// The last connectivity check of each account, in a row of its own in the table of the records: shown to whoever looks,
// read by no pass. It must not interpret a check, and never holds a key: fingerprints and sentences alone.

import * as z from 'zod';
import type { CheckStore, StoredCheck } from '../../operators/check/ports.ts';
import type { Account } from '../../rotation/model.ts';
import { deadlineOf } from '../client/client-options.ts';
import { createTable, type TableConnection } from './client.ts';
import { checkKey, PARTITION } from './rows/keys.ts';

export interface CheckStoreDependencies {
  readonly connection: TableConnection;
  readonly tableName: string;
}

const text = z.string();
const checkRow = z.object({
  /** When it began, milliseconds since the epoch: what it says of a key, it has read later. */
  at: z.number(),
  by: text,
  reason: text.exactOptional(),
  isVaultSearched: z.boolean(),
  isHealthy: z.boolean(),
  isReadyForKeyless: z.boolean().exactOptional(),
  /** Fingerprints of both slots, where they could be read. */
  keys: z.object({ key1: text, key2: text }).exactOptional(),
  findings: z.array(
    z.object({
      check: text,
      result: z.enum(['pass', 'warning', 'fail']),
      detail: text,
      remedy: text.exactOptional(),
      latencyMs: z.number().exactOptional(),
    }),
  ),
});

/** A column holds at most 32,768 characters. */
const COLUMN_MAXIMUM = 32_000;
const SENTENCE_MAXIMUM = 1_000;
const SEVERITY: readonly StoredCheck['findings'][number]['result'][] = ['fail', 'warning', 'pass'];

export function createCheckStore({ connection, tableName }: CheckStoreDependencies): CheckStore {
  const table = createTable(connection, tableName);
  const rowOf = (account: Account) => ({
    partitionKey: PARTITION,
    rowKey: checkKey(account),
    accountId: account.id,
  });
  return {
    keep: (account, check) =>
      table.upsert('keepCheck', { ...rowOf(account), check: bounded(check) }, deadlineOf(account)),
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

/** As text that fits, of the known fields alone: long sentences are cut, and should there be too many findings, those go first that fail least. */
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

// The rows of the table and their content: plain columns, checked when they are read.
// It must not call the table. A row that cannot be understood makes its account unreadable: a request for a leaked key
// must never be overlooked because its row is damaged.

import * as z from 'zod';
import { defined } from '../../../base/defined.ts';
import type { TickNote } from '../../../fleet/ports.ts';
import type { Account, AccountId, Acknowledgement, Pause, StoredRequest } from '../../../rotation/model.ts';
import type { HistoryEntry, StoredAccount, StoredEntity } from '../../../rotation/ports.ts';
import { absent, instant, int64, type Row, row, text } from './columns.ts';
import { decodeConfigured, encodeConfigured } from './configured-codec.ts';
import { acknowledgementKey, entityKey, PARTITION, pauseKey, TICKS_KEY } from './keys.ts';
import { decodeNotes, encodeNotes } from './notes-codec.ts';
import {
  decodeRecord,
  decodeSummary,
  describeIssue,
  encodeRecord,
  encodeSummary,
  SCHEMA,
  unreadable,
} from './record-codec.ts';
import { requestRow } from './request-rows.ts';

const entityRow = z.object({
  revision: z.number(),
  nextObservationAt: instant,
  leaseOwner: absent(text),
  leaseExpiresAt: absent(instant),
});
const acknowledgementRow = z.object({ consumer: text, version: text, at: instant });
const pauseRow = z.discriminatedUnion('isPaused', [
  z.object({ isPaused: z.literal(false) }),
  z.object({ isPaused: z.literal(true), by: z.string(), reason: z.string(), at: instant }),
]);
const historyRow = z.object({
  kind: text,
  at: instant,
  rotationId: z.number(),
  reason: absent(z.string()),
  slot: absent(z.enum(['key1', 'key2'])),
  fingerprint: absent(text),
  version: absent(text),
  requestId: absent(text),
  by: absent(z.string()),
});

// ---- Writing

export function entityRowOf(account: Account, entity: StoredEntity): Row {
  const { record, lease, lastPass, nextObservationAt, revision, configured, notes } = entity;
  return row(entityKey(account), {
    schema: SCHEMA,
    accountId: account.id,
    alias: account.alias,
    aliasLower: account.alias.toLowerCase(),
    configured: configured === undefined ? undefined : encodeConfigured(configured),
    notes: notes === undefined ? undefined : encodeNotes(notes),
    phase: record?.phase,
    record: record === undefined ? undefined : encodeRecord(record),
    leaseOwner: lease?.owner,
    leaseExpiresAt: int64(lease?.expiresAt),
    nextObservationAt: int64(nextObservationAt),
    lastPass: lastPass === undefined ? undefined : encodeSummary(lastPass),
    revision,
  });
}

export function acknowledgementRowOf(account: Account, acknowledgement: Acknowledgement): Row {
  const columns = { ...acknowledgement, accountId: account.id, at: int64(acknowledgement.at) };
  return row(acknowledgementKey(account, acknowledgement.consumer), columns);
}

/** The row stays when the pause ends, so that beginning and end are the same unconditional write. */
export function pauseRowOf(account: Account, pause: Pause | undefined): Row {
  const columns = { isPaused: pause !== undefined, ...pause, accountId: account.id, at: int64(pause?.at) };
  return row(pauseKey(account), columns);
}

/** To be merged into the row of the entity. The merge changes its ETag. */
export function dueEntityRowOf(account: Account, at: number): Row {
  return row(entityKey(account), { nextObservationAt: int64(at) });
}

export function historyRowOf(account: Account, rowKey: string, entry: HistoryEntry): Row {
  return row(rowKey, { ...entry, accountId: account.id, at: int64(entry.at) });
}

/** To be merged into the row of a notification. */
export function postponedRowOf(rowKey: string, attempts: number, nextAttemptAt: number): Row {
  return row(rowKey, { attempts, nextAttemptAt: int64(nextAttemptAt) });
}

const OF_THE_SERVICE: ReadonlySet<string> = new Set(['etag', 'timestamp', 'odata.metadata']);

/** All columns of the row under its new key, without those that the service adds to each row. */
export function deadNotificationRowOf(entry: Row, rowKey: string, failure: string): Row {
  const held = Object.entries(entry).filter(([name]) => !OF_THE_SERVICE.has(name));
  return { ...Object.fromEntries(held), partitionKey: PARTITION, rowKey, failure };
}

/** Always due, so that the query for due rows finds it, too. */
export function ticksRowOf({ ticks, enrolled, isFrozen, sweep }: TickNote): Row {
  const swept = sweep === undefined ? undefined : JSON.stringify(sweep);
  return row(TICKS_KEY, { ticks: JSON.stringify(ticks), enrolled, isFrozen, sweep: swept, nextObservationAt: 0n });
}

// ---- Reading

const sweep = z.strictObject({
  begunAt: z.number(),
  after: text.transform((id) => id as AccountId).optional(),
});
const ticksRow = z.object({
  ticks: z.string().transform((text) => z.array(z.number()).parse(JSON.parse(text))),
  enrolled: absent(text),
  isFrozen: absent(z.literal(true)),
  sweep: absent(z.string().transform((text): unknown => JSON.parse(text))).pipe(sweep.optional()),
});

/** No ticks when the row is missing or damaged: the next tick writes it again. */
export function readTicksRow(entry: Row | undefined): TickNote {
  try {
    return ticksRow.parse(entry);
  } catch {
    return { ticks: [], enrolled: undefined };
  }
}

/** The account, from all rows under `a|H|`. */
export function readAccountRows(account: Account, rows: readonly Row[]): StoredAccount {
  const stored = {
    entity: undefined as Row | undefined,
    requests: [] as StoredRequest[],
    acknowledgements: [] as Acknowledgement[],
    pause: undefined as Pause | undefined,
  };
  let damage: string | undefined;
  for (const entry of rows) {
    const name = entry.rowKey.slice(entityKey(account).length - 1);
    if (name === '0') stored.entity = entry;
    else if (name === 'pause') damage ??= keep(pauseRow, entry, name, (read) => (stored.pause = pauseOf(read)));
    else if (name.startsWith('req|')) {
      damage ??= keep(requestRow, entry, name, (read) =>
        stored.requests.push(defined(read) as unknown as StoredRequest),
      );
    } else if (name.startsWith('ack|')) {
      damage ??= keep(acknowledgementRow, entry, name, (read) => stored.acknowledgements.push(read as Acknowledgement));
    }
  }
  const { requests, acknowledgements, pause } = stored;
  const read = readEntityRow(stored.entity);
  const record = damage === undefined ? read.record : unreadable(damage);
  return { ...read, record, requests, acknowledgements, pause };
}

/** The entity alone; also for the status of the fleet. */
export function readEntityRow(entry: Row | undefined): Pick<StoredAccount, 'etag' | 'record' | 'entity'> {
  if (entry === undefined) return { etag: undefined, record: { state: 'absent' }, entity: NO_ENTITY };
  const etag = entry['etag'] as StoredAccount['etag'];
  const result = entityRow.safeParse(entry);
  if (!result.success) {
    return { etag, record: unreadable(`entity${describeIssue(result.error)}`), entity: NO_ENTITY };
  }
  const { leaseOwner, leaseExpiresAt, nextObservationAt, revision } = result.data;
  const record = decodeRecord(entry['schema'], entry['record']);
  const isLeased = leaseOwner !== undefined && leaseExpiresAt !== undefined;
  const entity: StoredEntity = {
    lease: isLeased ? ({ owner: leaseOwner, expiresAt: leaseExpiresAt } as StoredEntity['lease']) : undefined,
    record: record.state === 'present' ? record.record : undefined,
    nextObservationAt,
    lastPass: decodeSummary(entry['lastPass']),
    revision,
    configured: decodeConfigured(entry['configured']),
    notes: decodeNotes(entry['notes']),
  };
  return { etag, record, entity };
}

/** Undefined when the row is damaged. */
export function readHistoryRow(entry: Row): HistoryEntry | undefined {
  const result = historyRow.safeParse(entry);
  return result.success ? (defined(result.data) as unknown as HistoryEntry) : undefined;
}

const attemptsRow = z.object({ attempts: absent(z.number()), nextAttemptAt: absent(instant) });

/** A notification and how often it was tried; without an entry when the row is damaged. */
export function readNotificationRow(entry: Row): {
  readonly entry: HistoryEntry | undefined;
  readonly attempts: number;
  readonly nextAttemptAt: number;
} {
  const { data } = attemptsRow.safeParse(entry);
  return { entry: readHistoryRow(entry), attempts: data?.attempts ?? 0, nextAttemptAt: data?.nextAttemptAt ?? 0 };
}

const NO_ENTITY: StoredEntity = {
  lease: undefined,
  record: undefined,
  nextObservationAt: 0,
  lastPass: undefined,
  revision: 0,
};

function pauseOf(read: z.infer<typeof pauseRow>): Pause | undefined {
  return read.isPaused ? { by: read.by, reason: read.reason, at: read.at } : undefined;
}

/** Hands a valid row to `take`; returns the damage of any other. */
function keep<T>(schema: z.ZodType<T>, entry: Row, name: string, take: (read: T) => void): string | undefined {
  const result = schema.safeParse(entry);
  if (!result.success) return `row ${name}${describeIssue(result.error)}`;
  take(result.data);
  return undefined;
}

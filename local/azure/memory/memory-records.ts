// The record store without a network: one row set per account, compare-and-swap by ETag, one transaction per write.
// It must not interpret its contents, nor accept a write that Azure refuses.

import { accountOf } from '../../../src/azure/table/rows/configured-codec.ts';
import { hasNameRow } from '../../../src/azure/table/rows/name-row.ts';
import {
  newestEmergencies,
  type RequestChange,
  requestChangesOf,
  requestPage,
} from '../../../src/azure/table/rows/request-rows.ts';
import {
  type ConfiguredQuery,
  type DueRead,
  type FleetRecords,
  hasLeft,
  type OldRows,
  type TickNote,
} from '../../../src/fleet/ports.ts';
import type { HistoryPage, PauseChange, RequestPage, RequestRecords } from '../../../src/operators/ports.ts';
import { RotationError } from '../../../src/rotation/errors.ts';
import type {
  Account,
  AccountId,
  Acknowledgement,
  ETag,
  Pause,
  RecordRead,
  Request,
  RequestId,
  StoredRequest,
} from '../../../src/rotation/model.ts';
import {
  type HistoryEntry,
  isLookDue,
  NAMESAKES_MAXIMUM,
  type Namesake,
  type RecordsPort,
  type RecordWrite,
  type StatusRow,
  type StoredAccount,
  type StoredEntity,
} from '../../../src/rotation/ports.ts';
import { isPending } from '../../../src/rotation/urgency.ts';
import { requireAcknowledgementFits, requirePauseFits, requireRequestFits, requireWriteFits } from './memory-limits.ts';
import { storedEntity } from './stored-entity.ts';

export interface MemoryRows {
  etag: ETag | undefined;
  entity: StoredEntity;
  /** Whether a write has let the account be found by its ARM name. */
  isNamed: boolean;
  /** In lower case, as of the last write. */
  alias: string | undefined;
  /** Set when the stored record cannot be understood. */
  unreadable: string | undefined;
  requests: StoredRequest[];
  acknowledgements: Acknowledgement[];
  pause: Pause | undefined;
  /** Oldest first. */
  history: HistoryEntry[];
}

const NO_ENTITY: StoredEntity = {
  lease: undefined,
  record: undefined,
  nextObservationAt: 0,
  lastPass: undefined,
  revision: 0,
};

export class MemoryRecords implements RecordsPort, FleetRecords, RequestRecords {
  readonly rows = new Map<AccountId, MemoryRows>();
  readonly #newETag: () => string;
  #note: TickNote = { ticks: [], enrolled: undefined };

  constructor(newETag: () => string) {
    this.#newETag = newETag;
  }

  rowsOf(id: AccountId): MemoryRows {
    let rows = this.rows.get(id);
    if (rows === undefined) {
      rows = {
        etag: undefined,
        entity: NO_ENTITY,
        isNamed: false,
        alias: undefined,
        unreadable: undefined,
        requests: [],
        acknowledgements: [],
        pause: undefined,
        history: [],
      };
      this.rows.set(id, rows);
    }
    return rows;
  }

  /** Test knob: makes the stored record unreadable for this version. */
  corrupt(id: AccountId, detail: string): void {
    this.rowsOf(id).unreadable = detail;
  }

  read(account: Account): Promise<StoredAccount> {
    const rows = this.rowsOf(account.id);
    return Promise.resolve({
      etag: rows.etag,
      record: recordOf(rows),
      entity: rows.entity,
      requests: [...rows.requests],
      acknowledgements: [...rows.acknowledgements],
      pause: rows.pause,
    });
  }

  readNamesakes({ id, name }: Account): Promise<readonly Namesake[]> {
    const isNamesake = (other: AccountId): boolean => other !== id && other.endsWith(`/${name.toLowerCase()}`);
    const found = [...this.rows].flatMap(([accountId, rows]): Namesake[] => {
      const read = recordOf(rows);
      return rows.isNamed && isNamesake(accountId) && read.state === 'present'
        ? [{ accountId, record: read.record }]
        : [];
    });
    return Promise.resolve(found.slice(0, NAMESAKES_MAXIMUM));
  }

  write(account: Account, expected: ETag | undefined, change: RecordWrite): Promise<ETag> {
    const rows = this.rowsOf(account.id);
    const isOpen = (id: RequestId): boolean =>
      rows.requests.some((request) => request.id === id && request.closedAt === undefined);
    return call(() => {
      requireWriteFits(account, expected, change);
      const changes = requestChangesOf(change);
      if (rows.etag !== expected || !changes.every(({ id }) => isOpen(id))) throw lostRace();
      const entity = storedEntity(change.entity);
      const etag = this.#newETag() as ETag;
      rows.etag = etag;
      rows.unreadable = undefined;
      rows.entity = entity;
      rows.alias = account.alias.toLowerCase();
      rows.isNamed ||= hasNameRow(change);
      if (changes.length > 0) rows.requests = rows.requests.map((request) => changed(request, changes, change.at));
      rows.history.push(...change.history);
      return etag;
    });
  }

  insertRequest(account: Account, request: Request, history: readonly HistoryEntry[]): Promise<boolean> {
    const rows = this.rowsOf(account.id);
    return call(() => {
      requireRequestFits(account, request, history);
      if (rows.requests.some((entry) => entry.id === request.id)) return false;
      rows.requests.push(request);
      rows.history.push(...history);
      return true;
    });
  }

  readRequest(account: Account, id: RequestId): Promise<StoredRequest | undefined> {
    return Promise.resolve(this.rowsOf(account.id).requests.find((entry) => entry.id === id));
  }

  listRequests(account: Account, limit: number, after?: string): Promise<RequestPage> {
    return Promise.resolve(requestPage(this.rowsOf(account.id).requests, limit, after));
  }

  listEmergencies(account: Account, since: number): Promise<readonly StoredRequest[]> {
    const { requests } = this.rowsOf(account.id);
    return Promise.resolve(newestEmergencies(requests.filter(({ kind, at }) => kind === 'compromised' && at >= since)));
  }

  acknowledge(account: Account, acknowledgement: Acknowledgement): Promise<void> {
    const rows = this.rowsOf(account.id);
    return call(() => {
      requireAcknowledgementFits(account, acknowledgement);
      rows.acknowledgements = rows.acknowledgements.filter((entry) => entry.consumer !== acknowledgement.consumer);
      rows.acknowledgements.push(acknowledgement);
    });
  }

  setPause(account: Account, pause: Pause | undefined, change: PauseChange): Promise<void> {
    const rows = this.rowsOf(account.id);
    return call(() => {
      requirePauseFits(account, pause, change);
      rows.pause = pause;
      rows.history.push(...change.history);
      if (rows.etag === undefined || change.stored.etag === undefined || change.isEntityKept) return;
      rows.etag = this.#newETag() as ETag;
      rows.entity = { ...rows.entity, nextObservationAt: change.at };
    });
  }

  findConfigured(by: ConfiguredQuery): Promise<readonly Account[]> {
    const isWanted = (id: AccountId, { alias }: MemoryRows): boolean =>
      'alias' in by ? alias === by.alias.toLowerCase() : by.ids.includes(id);
    const found = [...this.rows].filter(([id, rows]) => rows.etag !== undefined && isWanted(id, rows));
    const accounts = found.map(([id, { entity }]) =>
      entity.configured === undefined ? undefined : accountOf(id, entity.configured),
    );
    return Promise.resolve(accounts.filter((account) => account !== undefined));
  }

  listDue(now: number): Promise<DueRead> {
    const hasDue = (rows: MemoryRows, kind?: Request['kind']): boolean =>
      rows.requests.some((request) => isPending(request) && (kind === undefined || request.kind === kind));
    const due = [...this.rows].filter(
      ([, rows]) => (rows.etag !== undefined && isLookDue(rows.entity.nextObservationAt, now)) || hasDue(rows),
    );
    const accounts = new Set([...due.filter(([, rows]) => hasDue(rows)), ...due].map(([id]) => id));
    const urgent = due.filter(([, rows]) => hasDue(rows, 'compromised')).map(([id]) => id);
    const mark = { ...this.#note, discovery: undefined };
    return Promise.resolve({ accounts: [...accounts], urgent, campaigns: [], mark });
  }

  listStatus(): Promise<readonly StatusRow[]> {
    const stored = [...this.rows].filter(([, rows]) => rows.etag !== undefined);
    return Promise.resolve(
      stored.map(([accountId, rows]) => {
        const { nextObservationAt, lastPass, notes } = rows.entity;
        return { accountId, record: recordOf(rows), nextObservationAt, lastPass, notes };
      }),
    );
  }

  /** `after` is the position of the page's last line, counted from the oldest. */
  listHistory(account: Account, limit: number, after?: string): Promise<HistoryPage> {
    const { history } = this.rowsOf(account.id);
    const end = Number(after ?? history.length);
    const start = Math.max(0, end - limit);
    const entries = history.slice(start, end).toReversed();
    return Promise.resolve(start > 0 ? { entries, next: String(start) } : { entries });
  }

  noteTick(note: TickNote): Promise<void> {
    this.#note = note;
    return Promise.resolve();
  }

  listTicks(): Promise<readonly number[]> {
    return Promise.resolve(this.#note.ticks);
  }

  forgetOld(id: AccountId, { historyBefore, requestsBefore, acknowledgements }: OldRows): Promise<number> {
    const rows = this.rowsOf(id);
    const count = ({ history, requests, acknowledgements }: MemoryRows): number =>
      history.length + requests.length + acknowledgements.length;
    const before = count(rows);
    const named = new Set(acknowledgements?.except.map((name) => name.toLowerCase()));
    const until = acknowledgements?.before ?? Number.NEGATIVE_INFINITY;
    rows.history = rows.history.filter(({ at }) => at >= historyBefore);
    rows.requests = rows.requests.filter(({ closedAt }) => closedAt === undefined || closedAt >= requestsBefore);
    rows.acknowledgements = rows.acknowledgements.filter(
      ({ consumer, at }) => at >= until || named.has(consumer.toLowerCase()),
    );
    return Promise.resolve(before - count(rows));
  }

  forgetAccount(id: AccountId, before: number): Promise<number> {
    const rows = this.rows.get(id);
    if (rows?.etag === undefined || !hasLeft(rows.entity, before)) return Promise.resolve(0);
    this.rows.delete(id);
    return Promise.resolve(1 + rows.history.length + rows.requests.length + rows.acknowledgements.length);
  }
}

/** Runs `act` at once; an exception becomes a rejection. */
function call<T>(act: () => T): Promise<T> {
  try {
    return Promise.resolve(act());
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

function changed(request: StoredRequest, changes: readonly RequestChange[], at: number): StoredRequest {
  const change = changes.find(({ id }) => id === request.id);
  if (change === undefined) return request;
  const { mark, closing } = change;
  return { ...request, ...mark, ...(closing === undefined ? {} : { ...closing, closedAt: at }) };
}

function recordOf(rows: MemoryRows): RecordRead {
  if (rows.unreadable !== undefined) return { state: 'unreadable', detail: rows.unreadable };
  const { record } = rows.entity;
  return record === undefined ? { state: 'absent' } : { state: 'present', record };
}

function lostRace(): RotationError {
  return new RotationError({
    code: 'LostRace',
    service: 'table',
    operation: 'write',
    message: 'The record was changed by another pass.',
  });
}

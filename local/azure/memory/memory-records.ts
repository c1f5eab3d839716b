// The record store without a network: one row set per account, compare-and-swap by ETag, one transaction per write.
// It must not interpret what it stores.

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
import type {
  DueRead,
  HistoryEntry,
  HistoryPage,
  RecordsPort,
  RecordWrite,
  StatusRow,
  StoredAccount,
  StoredEntity,
  TickNote,
} from '../../../src/rotation/ports.ts';

export interface MemoryRows {
  etag: ETag | undefined;
  entity: StoredEntity;
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

export class MemoryRecords implements RecordsPort {
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

  /** Test knob: the stored record becomes something that this version cannot understand. */
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

  write(account: Account, expected: ETag | undefined, change: RecordWrite): Promise<ETag> {
    const rows = this.rowsOf(account.id);
    const isOpen = (id: RequestId): boolean =>
      rows.requests.some((request) => request.id === id && request.closedAt === undefined);
    if (rows.etag !== expected || !change.closes.every(({ id }) => isOpen(id))) return Promise.reject(lostRace());
    const etag = this.#newETag() as ETag;
    rows.etag = etag;
    rows.entity = change.entity;
    rows.requests = rows.requests.map((request) => {
      const closing = change.closes.find((entry) => entry.id === request.id);
      return closing === undefined ? request : { ...request, ...closing, closedAt: change.at };
    });
    rows.history.push(...change.history);
    return Promise.resolve(etag);
  }

  insertRequest(account: Account, request: Request, history: readonly HistoryEntry[]): Promise<boolean> {
    const rows = this.rowsOf(account.id);
    if (rows.requests.some((entry) => entry.id === request.id)) return Promise.resolve(false);
    rows.requests.push(request);
    rows.history.push(...history);
    return Promise.resolve(true);
  }

  readRequest(account: Account, id: RequestId): Promise<StoredRequest | undefined> {
    return Promise.resolve(this.rowsOf(account.id).requests.find((entry) => entry.id === id));
  }

  acknowledge(account: Account, acknowledgement: Acknowledgement): Promise<void> {
    const rows = this.rowsOf(account.id);
    rows.acknowledgements = rows.acknowledgements.filter((entry) => entry.consumer !== acknowledgement.consumer);
    rows.acknowledgements.push(acknowledgement);
    return Promise.resolve();
  }

  setPause(account: Account, pause: Pause | undefined, history: readonly HistoryEntry[]): Promise<void> {
    const rows = this.rowsOf(account.id);
    rows.pause = pause;
    rows.history.push(...history);
    return Promise.resolve();
  }

  listDue(now: number): Promise<DueRead> {
    const due = [...this.rows].filter(
      ([, rows]) =>
        (rows.etag !== undefined && rows.entity.nextObservationAt <= now) ||
        rows.requests.some((request) => request.closedAt === undefined),
    );
    const isRequested = ([, rows]: [AccountId, MemoryRows]): boolean =>
      rows.requests.some((request) => request.closedAt === undefined);
    const accountIds = new Set([...due.filter(isRequested), ...due].map(([id]) => id));
    return Promise.resolve({ accountIds: [...accountIds], mark: { ...this.#note, discovery: undefined } });
  }

  listStatus(): Promise<readonly StatusRow[]> {
    const stored = [...this.rows].filter(([, rows]) => rows.etag !== undefined);
    return Promise.resolve(
      stored.map(([accountId, rows]) => ({
        accountId,
        record: recordOf(rows),
        nextObservationAt: rows.entity.nextObservationAt,
        lastPass: rows.entity.lastPass,
      })),
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

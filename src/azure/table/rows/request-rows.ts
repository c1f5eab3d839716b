// The two rows of a request: one for good, and one only while the request is open.
// It must not call the table. The changes of a write are gathered per request, because a transaction that names a row
// twice is refused.

import * as z from 'zod';
import { BOUNDS } from '../../../base/bounds.ts';
import { defined } from '../../../base/defined.ts';
import type { RequestPage } from '../../../operators/ports.ts';
import type {
  Account,
  Request,
  RequestClosing,
  RequestId,
  RequestMark,
  StoredRequest,
} from '../../../rotation/model.ts';
import type { RecordWrite } from '../../../rotation/ports.ts';
import { REQUEST_KINDS, RISKS } from '../../../rotation/reasons.ts';
import { absent, type Column, instant, int64, type Row, row, text } from './columns.ts';
import { openRequestKey, requestKey } from './keys.ts';

/** Sorts after every instant: in the year 2286. */
export const NEVER_DUE = 9_999_999_999_999;

export const requestRow = z.object({
  id: text,
  kind: z.enum(REQUEST_KINDS),
  reason: z.string(),
  by: z.string(),
  at: instant,
  named: absent(z.enum(['key1', 'key2', 'published'])),
  fingerprint: absent(text),
  overlapMs: absent(instant),
  // If damaged, both read as absent: the request then waits for more proof, and is not lost.
  accepts: absent(z.enum(RISKS)).catch(undefined),
  replacedAt: absent(instant).catch(undefined),
  closedAt: absent(instant),
  outcome: absent(text),
  rotationId: absent(z.number()),
});

/** The changes of one write to one request. */
export interface RequestChange {
  readonly id: RequestId;
  readonly mark: Omit<RequestMark, 'id'>;
  readonly closing: RequestClosing | undefined;
}

/** One entry for each request, whether it is marked, closed or both. */
export function requestChangesOf({ closes, marks = [] }: Pick<RecordWrite, 'closes' | 'marks'>): RequestChange[] {
  const changes = new Map<RequestId, RequestChange>();
  for (const { id, ...mark } of marks) {
    const former = changes.get(id)?.mark;
    changes.set(id, { id, mark: { ...former, ...defined(mark) }, closing: undefined });
  }
  for (const closing of closes) {
    changes.set(closing.id, { id: closing.id, mark: changes.get(closing.id)?.mark ?? {}, closing });
  }
  return [...changes.values()];
}

export function requestRowOf(account: Account, request: Request): Row {
  return row(requestKey(account, request.id), requestColumns(account, request));
}

/** The query for due rows finds this row while the request is open and its value is not replaced. */
export function openRequestRowOf(account: Account, request: Request): Row {
  // Due at once on any clock: the clock of the operator's instance may be ahead of the timer's.
  const dueAt = request.replacedAt === undefined ? 0 : NEVER_DUE;
  const columns = { ...requestColumns(account, request), nextObservationAt: int64(dueAt) };
  return row(openRequestKey(account, request.id), columns);
}

function requestColumns(account: Account, request: Request): Record<string, Column> {
  const { at, overlapMs, replacedAt } = request;
  return {
    ...request,
    accountId: account.id,
    at: int64(at),
    overlapMs: int64(overlapMs),
    replacedAt: int64(replacedAt),
  };
}

/** To be merged into the row that stays. */
export function changedRequestRowOf(account: Account, { id, mark, closing }: RequestChange, at: number): Row {
  const closedAt = closing === undefined ? undefined : at;
  const { outcome, rotationId } = closing ?? {};
  return row(requestKey(account, id), { ...markColumns(mark), closedAt: int64(closedAt), outcome, rotationId });
}

/** To be merged into the row of the open request. After the value is replaced, the account's own pace is enough. */
export function markedOpenRowOf(account: Account, { id, mark }: RequestChange): Row {
  const nextObservationAt = mark.replacedAt === undefined ? undefined : int64(NEVER_DUE);
  return row(openRequestKey(account, id), { ...markColumns(mark), nextObservationAt });
}

function markColumns({ fingerprint, replacedAt }: Omit<RequestMark, 'id'>): Record<string, Column> {
  return { fingerprint, replacedAt: int64(replacedAt) };
}

/** Undefined when the row is damaged. */
export function readRequestRow(entry: Row): StoredRequest | undefined {
  const result = requestRow.safeParse(entry);
  return result.success ? (defined(result.data) as unknown as StoredRequest) : undefined;
}

const LATEST = 9_999_999_999_999;

/** Sorts the newest first; requests of one instant by their id. */
function positionOf({ id, at }: StoredRequest): string {
  return `${String(LATEST - at).padStart(13, '0')}|${id}`;
}

/** One page of an account's requests, the newest first. */
export function requestPage(all: readonly StoredRequest[], limit: number, after: string | undefined): RequestPage {
  const rest = all
    .map((request) => ({ request, position: positionOf(request) }))
    .filter(({ position }) => after === undefined || position > after)
    .sort((a, b) => (a.position < b.position ? -1 : 1));
  const page = rest.slice(0, limit);
  const requests = page.map(({ request }) => request);
  const last = page.at(-1);
  return rest.length > limit && last !== undefined ? { requests, next: last.position } : { requests };
}

/** The newest first, at most twenty. */
export function newestEmergencies(requests: readonly StoredRequest[]): readonly StoredRequest[] {
  return requests.toSorted((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1)).slice(0, BOUNDS.emergenciesCompared);
}

// An operator withdraws the newest open request, between two passes: the shipped rule says whether that is refused. A race
// within a pass is in `test/functions/withdraw-within-a-pass.test.ts`.
import { withdrawalRefusal } from '../../src/rotation/decide/request-end.ts';
import type { RecordRead, StoredRequest } from '../../src/rotation/model.ts';
import type { Universe } from './universe.ts';

export function withdrawable(universe: Universe): StoredRequest | undefined {
  const { rows, account, now, newest } = universe;
  const request = rows.requests.findLast(({ closedAt }) => closedAt === undefined);
  if (request === undefined || rows.unreadable !== undefined) return undefined;
  const { record } = rows.entity;
  const read: RecordRead = record === undefined ? { state: 'absent' } : { state: 'present', record };
  // As the service asks Key Vault whether the roll back has been published.
  const isPublished = newest !== undefined && record !== undefined && newest.version !== record.published.version;
  if (request.kind === 'rollBack' && isPublished) return undefined;
  const refused = withdrawalRefusal({ record: read, entity: rows.entity }, request, account.policy, now);
  return refused === undefined ? request : undefined;
}

/** One write of the entity on its ETag: every write that was decided on the former state fails. */
export function withdrawNewest(universe: Universe): void {
  const { rows, now, world } = universe;
  const request = withdrawable(universe);
  if (request === undefined) return;
  rows.etag = world.nature.newETag() as typeof rows.etag;
  rows.entity = { ...rows.entity, nextObservationAt: now, revision: rows.entity.revision + 1 };
  rows.requests = rows.requests.map((entry) =>
    entry.id === request.id ? { ...entry, closedAt: now, outcome: 'Withdrawn' } : entry,
  );
}

// Makes one write of an account's entity: record, lease, when to look again, how the last pass ended, history.
// It must not call a port: `execute.ts` and `reconcile.ts` pass these writes to the store.

import { hash } from 'node:crypto';
import type { WaitStep } from '../decide/step.ts';
import type { RotationError } from '../errors.ts';
import type { HistoryDraft } from '../history.ts';
import type { Account, AccountId, OwnerId, RequestClosing, RequestMark, RotationId, RotationRecord } from '../model.ts';
import {
  type Configured,
  type HistoryEntry,
  type Lease,
  LOOK_WITHIN_MS,
  type PassSummary,
  type RecordWrite,
  type StatusRow,
  type StoredAccount,
  type StoredEntity,
} from '../ports.ts';
import type { BlockedReason } from '../reasons.ts';
import { urgencyOf } from '../urgency.ts';
import { recordOf, workingPlace } from '../working-place.ts';
import { notesAfter } from './notes.ts';

export interface Change {
  readonly record?: RotationRecord;
  readonly lease: Lease | undefined;
  readonly nextObservationAt: number;
  readonly lastPass?: PassSummary;
  readonly closes?: readonly RequestClosing[];
  readonly marks?: readonly RequestMark[];
  readonly history?: readonly HistoryDraft[];
}

export function leaseOf(account: Account, owner: OwnerId, now: number): Lease {
  return { owner, expiresAt: now + account.policy.leaseMs };
}

/** The write that applies `change` to the stored account. */
export function recordWrite(account: Account, stored: StoredAccount, change: Change, now: number): RecordWrite {
  const record = change.record ?? stored.entity.record;
  const rotationId = record?.rotationId ?? (0 as RotationId);
  const history: HistoryEntry[] = (change.history ?? []).map((draft) => ({ ...draft, at: now, rotationId }));
  const notes = notesAfter(stored.entity.notes, history);
  const entity: StoredEntity = {
    lease: change.lease,
    record,
    nextObservationAt: Math.min(change.nextObservationAt, now + LOOK_WITHIN_MS),
    lastPass: change.lastPass ?? stored.entity.lastPass,
    revision: stored.entity.revision + 1,
    configured:
      account.policy.isInvalid === true || account.policy.leaves !== undefined
        ? stored.entity.configured
        : configuredOf(account),
    ...(notes === undefined ? {} : { notes }),
  };
  const marks = change.marks === undefined ? {} : { marks: change.marks };
  return { entity, closes: change.closes ?? [], ...marks, history, at: now };
}

const configurations = new WeakMap<Account, Configured>();

/** The part of the account's configuration that is stored; the same object for the same account object. */
function configuredOf(account: Account): Configured {
  const known = configurations.get(account);
  if (known !== undefined) return known;
  const { alias, vaultUrl, secretName, referenceKey, flagName, label, policyName, policy } = account;
  const made = { alias, vaultUrl, secretName, referenceKey, flagName, label, policyName, policy };
  configurations.set(account, made);
  return made;
}

/**
 * The account with its last valid policy, if the configured policy is not valid. Freeze and mode are the present ones:
 * they only hold back.
 */
export function withLastPolicy(account: Account, { entity }: StoredAccount): Account {
  const { isInvalid, isFrozen, isObserveOnly } = account.policy;
  if (isInvalid !== true || entity.configured === undefined) return account;
  const { policy } = entity.configured;
  // A mode that was set only in the policy is not known now: an account that was only observed stays so.
  const isObserved = isObserveOnly || policy.isObserveOnly;
  return { ...account, policy: { ...policy, isInvalid, isFrozen, isObserveOnly: isObserved } };
}

/** The account at the place where a pass works; the same object if that is the configured one. */
export function withPlace(account: Account, stored: StoredAccount): Account {
  const place = workingPlace(recordOf(stored), account, urgencyOf(stored) === 'compromised');
  return place === account ? account : { ...account, ...place };
}

/** The end of a pass that waits; `since` is kept while the reason stays the same. */
export function summaryOf(former: PassSummary | undefined, wait: WaitStep, now: number): PassSummary {
  const kept = [former, former?.interrupted].find((entry) => entry?.reason === wait.reason);
  const since = kept?.since ?? now;
  const detail = wait.detail === undefined ? {} : { detail: wait.detail };
  return { at: now, reason: wait.reason, isBlocked: wait.isBlocked, since, ...detail, failures: 0 };
}

export function failureSummary(former: PassSummary | undefined, error: RotationError, now: number): PassSummary {
  const since = former?.reason === error.code ? former.since : now;
  const interrupted = blockOf(former);
  return {
    at: now,
    reason: error.code,
    isBlocked: false,
    since,
    detail: error.message,
    // A call held back by our own limits is no failure: the delay must not double for it.
    failures: (former?.failures ?? 0) + (error.isUnsent ? 0 : 1),
    ...(interrupted === undefined ? {} : { interrupted }),
  };
}

/** The last known block of the account. Failures since then say nothing about it. */
function blockOf(former: PassSummary | undefined): PassSummary['interrupted'] {
  return former?.isBlocked === true ? { reason: former.reason, since: former.since } : former?.interrupted;
}

/** Lines for the history when an account becomes blocked or unblocked, or leaves. */
export function blockHistory(former: PassSummary | undefined, wait: WaitStep): readonly HistoryDraft[] {
  if (wait.reason === 'NotConfigured' && former?.reason !== wait.reason) return [{ kind: 'Left' }];
  const blocked = blockOf(former);
  if (wait.isBlocked && blocked?.reason !== wait.reason) return [{ kind: 'Blocked', reason: wait.reason }];
  if (!wait.isBlocked && blocked !== undefined) return [{ kind: 'Unblocked', reason: blocked.reason }];
  return [];
}

/**
 * The delay doubles with each failure in a row, within the policy's bounds; a delay asked for by the service is
 * honoured within them. Up to a quarter is added, different per account: accounts that failed together do not return
 * together, with any spread of the policy.
 */
export function retryAt(account: Account, error: RotationError, failures: number, now: number): number {
  const { backOffMinimumMs, backOffMaximumMs } = account.policy;
  const doubled = backOffMinimumMs * 2 ** Math.min(Math.max(failures - 1, 0), 20);
  const delayMs = Math.min(Math.max(doubled, error.retryAfterMs ?? 0), backOffMaximumMs);
  return now + delayMs + Math.floor((delayMs / 4) * shareOf(account.id));
}

/** From 0 to below 1: always the same for an account, and evenly spread over a fleet. */
function shareOf(id: AccountId): number {
  // The digits before these place due dates and looks (`config/accounts/account.ts`), which must not fall together.
  return Number.parseInt(hash('sha256', id, 'hex').slice(24, 36), 16) / 0x1_0000_0000_0000;
}

/** The stored account after a write that returned `etag`. */
export function storedAfter(stored: StoredAccount, write: RecordWrite, etag: StoredAccount['etag']): StoredAccount {
  const closed = new Map(write.closes.map((closing) => [closing.id, closing]));
  const marked = new Map((write.marks ?? []).map((mark) => [mark.id, mark]));
  const { record } = write.entity;
  return {
    ...stored,
    etag,
    entity: write.entity,
    record: record === undefined ? { state: 'absent' } : { state: 'present', record },
    requests: stored.requests.map((request) => {
      const closing = closed.get(request.id);
      const known = { ...request, ...marked.get(request.id) };
      return closing === undefined ? known : { ...known, ...closing, closedAt: write.at };
    }),
  };
}

/** A line of the account's history, with the rotation that the record is in. */
export function historyEntry(stored: StoredAccount, draft: HistoryDraft, at: number): HistoryEntry {
  const rotationId = stored.record.state === 'present' ? stored.record.record.rotationId : (0 as RotationId);
  return { ...draft, at, rotationId };
}

/**
 * Why the account is blocked. Passes write nothing about a record that they cannot understand, not even its block: the
 * unreadable record itself is the reason.
 */
export function blockReasonOf(row: Pick<StatusRow, 'record' | 'lastPass'> | undefined): string | undefined {
  if (row?.record.state === 'unreadable') return 'RecordUnreadable' satisfies BlockedReason;
  return row?.lastPass?.isBlocked === true ? row.lastPass.reason : undefined;
}

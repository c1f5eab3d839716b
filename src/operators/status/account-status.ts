// The status of an account from its stored record, in the words of the glossary. Azure is not asked about its keys.
// It must not observe, decide or show a value; instants are ISO 8601 in UTC.

import { defined } from '../../base/defined.ts';
import type { KnownAccount } from '../../config/accounts/discovered-account.ts';
import { moveEndsAt } from '../../rotation/decide/move.ts';
import { dueAt, isOverdueAt, missingConsumers, phaseSince } from '../../rotation/decide/schedule.ts';
import type { Account, Policy, RecordRead, RotationRecord, Slot } from '../../rotation/model.ts';
import { otherSlot } from '../../rotation/model.ts';
import { blockReasonOf } from '../../rotation/pass/record.ts';
import type { FormerPlace } from '../../rotation/place.ts';
import type { AccountNotes, StatusRow, StoredAccount } from '../../rotation/ports.ts';
import type { AccountStatus, AccountSummary, OverlapStatus, SlotStatus } from '../answers/account.ts';
import type { StoredCheck } from '../check/ports.ts';
import { requestStatusOf } from '../requests/request-status.ts';

const iso = (instant: number): string => new Date(instant).toISOString();

export function summaryOf(
  account: KnownAccount,
  row: Omit<StatusRow, 'accountId'> | undefined,
  now: number,
): AccountSummary {
  const record = presentRecord(row?.record);
  const nextRotationAt = record?.phase === 'idle' ? dueAt(record, account.policy) : undefined;
  return defined<AccountSummary>({
    account: account.alias,
    resourceId: account.id,
    kind: account.facts?.kind ?? row?.notes?.kind,
    location: account.facts?.location ?? row?.notes?.location,
    owner: account.facts?.owner,
    subscriptionName: account.facts?.subscriptionName,
    policy: account.policyName,
    rotationIntervalSeconds: Math.round(account.policy.rotationIntervalMs / 1_000),
    verification: account.policy.verification,
    phase: record?.phase ?? (row?.record.state === 'unreadable' ? 'unreadable' : 'notAdopted'),
    phaseSince: record === undefined ? undefined : iso(phaseSince(record)),
    publishedSlot: record?.published.slot,
    keyRegeneratedAt: keyRegeneratedAt(record, row?.notes),
    rotationId: record?.rotationId,
    ...passFields(row),
    nextObservationAt: row === undefined ? undefined : iso(row.nextObservationAt),
    nextRotationAt: nextRotationAt === undefined ? undefined : iso(nextRotationAt),
    isOverdue: record !== undefined && isOverdueAt(record, account.policy, now),
    last: record?.phase === 'idle' && record.last !== undefined ? lastOf(record.last) : undefined,
  });
}

/** Of the value that is published now: another program may have changed the slot since. */
function keyRegeneratedAt(record: RotationRecord | undefined, notes: AccountNotes | undefined): string | undefined {
  if (record === undefined) return undefined;
  const { slot, fingerprint } = record.published;
  const renewal = notes?.renewed?.[slot];
  return renewal?.fingerprint === fingerprint ? iso(renewal.at) : undefined;
}

function passFields(row: Pick<StatusRow, 'record' | 'lastPass'> | undefined) {
  const pass = row?.lastPass;
  const block = blockReasonOf(row);
  return {
    reason: block ?? pass?.reason,
    isBlocked: block !== undefined,
    interruptedBlock: block === undefined ? pass?.interrupted?.reason : undefined,
    failures: pass?.failures ?? 0,
    lastPassAt: pass === undefined ? undefined : iso(pass.at),
  };
}

function presentRecord(read: RecordRead | undefined): RotationRecord | undefined {
  return read?.state === 'present' ? read.record : undefined;
}

export function statusOf(account: Account, stored: StoredAccount, now: number, check?: StoredCheck): AccountStatus {
  const record = presentRecord(stored.record);
  const { nextObservationAt, lastPass, notes } = stored.entity;
  const row = stored.etag === undefined ? undefined : { record: stored.record, nextObservationAt, lastPass, notes };
  const open = stored.requests.filter((request) => request.closedAt === undefined);
  return defined<AccountStatus>({
    ...summaryOf(account, row, now),
    keys: record === undefined ? [] : slotsOf(record, account.policy, check),
    publishedVersion: record?.published.version,
    consumers: account.policy.consumers,
    overlap: record?.phase === 'propagating' ? overlapOf(account, record, stored) : undefined,
    movesFrom: record?.former === undefined ? undefined : movesFrom(record.former, account.policy),
    openRequests: open.map((request) => requestStatusOf(request, { policy: account.policy, stored, now })),
    pause: stored.pause === undefined ? undefined : { ...stored.pause, at: iso(stored.pause.at) },
    window: windowOf(account.policy, now),
    lastCheck: check === undefined ? undefined : { ...check, at: iso(check.at) },
    detail: stored.record.state === 'unreadable' ? stored.record.detail : stored.entity.lastPass?.detail,
  });
}

function slotsOf(record: RotationRecord, policy: Policy, check: StoredCheck | undefined): SlotStatus[] {
  const { slot, fingerprint } = record.published;
  const other = otherSlot(slot);
  const isOverlap = record.phase === 'propagating' || (record.phase === 'retiring' && record.attempts === 0);
  const rest: SlotStatus = isOverlap
    ? { slot: other, role: 'superseded', fingerprint: record.superseded.fingerprint }
    : { slot: other, role: 'standby', ...seenInStandby(record, other, policy, check) };
  return [{ slot, role: 'published' as const, fingerprint }, rest].sort((a, b) => a.slot.localeCompare(b.slot));
}

/** The last check's fingerprint of the standby slot, unless a rotation may have regenerated the slot since. */
function seenInStandby(
  record: RotationRecord,
  slot: Slot,
  policy: Policy,
  check: StoredCheck | undefined,
): Pick<SlotStatus, 'fingerprint' | 'seenAt'> {
  if (check?.keys === undefined || check.at < lastEffectUntil(record, policy)) return {};
  return { fingerprint: check.keys[slot], seenAt: iso(check.at) };
}

/** No regenerate of the rotation takes effect later. An attempt may take effect until its settle time is over. */
function lastEffectUntil(record: RotationRecord, { settleMs }: Policy): number {
  switch (record.phase) {
    case 'idle':
      return record.rotatedAt;
    case 'preparing':
      return record.attemptAt + settleMs;
    case 'propagating':
      return record.since;
    case 'retiring':
      return record.attemptAt === undefined ? record.enteredAt : record.attemptAt + settleMs;
  }
}

function overlapOf(
  { policy }: Account,
  record: RotationRecord & { phase: 'propagating' },
  { acknowledgements }: StoredAccount,
): OverlapStatus {
  const missing = missingConsumers(record, policy, acknowledgements);
  const { since } = record;
  const minimumEndsAt = iso(since + policy.overlapMinimumMs);
  const maximumEndsAt = iso(since + policy.overlapMaximumMs);
  const isAcknowledged = policy.consumers.length > 0 && missing.length === 0;
  return {
    since: iso(since),
    endsAt: isAcknowledged ? minimumEndsAt : maximumEndsAt,
    minimumEndsAt,
    maximumEndsAt,
    missingConsumers: missing,
    consumers: policy.consumers.map((consumer) => {
      const word = acknowledgements.find((entry) => entry.consumer === consumer);
      const isCounted = word !== undefined && !missing.includes(consumer);
      return { consumer, ...(isCounted ? { acknowledgedAt: iso(word.at) } : {}) };
    }),
  };
}

function movesFrom(former: FormerPlace, policy: Policy): AccountStatus['movesFrom'] {
  const { secretName, vaultUrl } = former.place;
  const until = moveEndsAt(former, policy);
  return { secretName, vaultUrl, ...(until === undefined ? {} : { until: iso(until) }) };
}

function windowOf({ windowAt }: Policy, now: number): AccountStatus['window'] {
  const window = windowAt?.(now);
  if (window === undefined || window.isOpen) return window;
  return { isOpen: false, ...(window.opensAt === undefined ? {} : { opensAt: iso(window.opensAt) }) };
}

function lastOf({ rotationId, outcome, provenAt }: NonNullable<(RotationRecord & { phase: 'idle' })['last']>) {
  return { rotationId, outcome, ...(provenAt === undefined ? {} : { provenAt: iso(provenAt) }) };
}

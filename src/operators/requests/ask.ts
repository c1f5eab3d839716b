// Stores the requests and pauses of operators, each wish once.
// It must not act on keys: passes carry out the stored requests.

import { randomUUID } from 'node:crypto';
import { BOUNDS } from '../../base/bounds.ts';
import { allEnded } from '../../base/lanes.ts';
import { Refusal } from '../../base/refusal.ts';
import {
  admitRotation,
  CONFIRMED_FOR_MS,
  earlierRequest,
  fingerprintNamed,
  IDEMPOTENCY_MS,
  isSameWish,
  type Wish,
} from '../../rotation/decide/request.ts';
import { asRotationError } from '../../rotation/errors.ts';
import type { HistoryDraft } from '../../rotation/history.ts';
import type { Account, Fingerprint, Observation, Request, RequestId, StoredRequest } from '../../rotation/model.ts';
import { historyEntry, withLastPolicy } from '../../rotation/pass/record.ts';
import type { StoredAccount } from '../../rotation/ports.ts';
import { isUrgent } from '../../rotation/urgency.ts';
import type { RequestParts } from '../ports.ts';

export interface Asked {
  readonly request: StoredRequest;
  /** True when the same wish had been stored before. */
  readonly isRepeated: boolean;
}

export interface Asking {
  readonly account: Account;
  readonly wish: Wish;
  readonly by: string;
  /** The caller's idempotency key. Without one, every call is a new wish. */
  readonly key?: string;
}

/**
 * Stores the wish, or finds it stored. For a leaked key it calls only the table: the name is stored as given, and a pass
 * reads the value behind it. For a rotation it may read the account's kind, too. Throws `Refusal` if the wish cannot begin or its idempotency key is taken.
 */
export async function ask(parts: RequestParts, asking: Asking): Promise<Asked> {
  const { account, wish, by, key } = asking;
  const { records } = parts.ports;
  const id = (key ?? randomUUID()) as RequestId;
  const former = key === undefined ? undefined : await records.readRequest(account, id);
  if (former !== undefined) return repeated(former, wish, parts.clock.now());
  const [stored, recent] = await allEnded([records.read(account), recentEmergencies(parts, asking)]);
  await requireAcceptable(parts, account, stored, wish);
  const at = parts.clock.now();
  const record = stored.record.state === 'present' ? stored.record.record : undefined;
  const earlier = earlierRequest(wish, [...stored.requests, ...recent], at, record);
  if (earlier?.isAnswer === true) return { request: earlier.request, isRepeated: true };
  requireRoom(stored, wish);
  // A request that accepts more means the key of the earlier one, even if its name means another key by now.
  const meant = wish.fingerprint ?? earlier?.request.fingerprint;
  const request: Request = { id, ...wish, by, at, ...(meant === undefined ? {} : { fingerprint: meant }) };
  const line = { kind: 'Requested', reason: `${wish.kind}: ${wish.reason}`, requestId: id, by } as const;
  const draft: HistoryDraft = meant === undefined ? line : { ...line, fingerprint: meant };
  if (await records.insertRequest(account, request, [historyEntry(stored, draft, at)])) {
    return { request, isRepeated: false };
  }
  const winner = await records.readRequest(account, id);
  if (winner === undefined)
    throw new Refusal('azure-unavailable', 'The request was stored and is not found.', 'Try again.');
  return repeated(winner, wish, at);
}

/** Throws `Refusal` if no request of this wish is stored now. A dry run asks the same, so that it promises no more. */
export async function requireAcceptable(
  parts: RequestParts,
  account: Account,
  stored: StoredAccount,
  wish: Wish,
): Promise<void> {
  requireRotating(withLastPolicy(account, stored));
  requireConfigured(account, wish);
  admit(account, stored, wish);
  await requireProof(parts, account, wish);
}

/** Throws `Refusal` if so many requests about leaked keys are open that another says nothing new. */
function requireRoom({ requests }: StoredAccount, { kind }: Wish): void {
  const open = requests.filter((request) => request.kind === kind && request.closedAt === undefined);
  if (kind !== 'compromised' || open.length < BOUNDS.openEmergencies) return;
  throw new Refusal(
    'not-now',
    `${open.length} requests about leaked keys of the account are open.`,
    'Withdraw requests that are not needed, or see the account for what holds them up.',
    { reason: 'TooManyOpenRequests' },
  );
}

/** Read separately: closed requests are no longer among the account's rows. */
async function recentEmergencies(parts: RequestParts, { account, wish }: Asking): Promise<readonly StoredRequest[]> {
  if (wish.kind !== 'compromised') return [];
  return parts.ports.records.listEmergencies(account, parts.clock.now() - CONFIRMED_FOR_MS);
}

/** Throws `Refusal` in mode `observe`. A stored request would wait there, and run when the mode changes. */
function requireRotating({ policy }: Account): void {
  if (!policy.isObserveOnly) return;
  throw new Refusal(
    'not-now',
    'The account is only observed (mode observe): the service changes nothing on it.',
    'Set its mode, or that of its policy, to rotate and ask again; docs/emergencies.md says how to replace a leaked key by hand.',
    { reason: 'ObserveOnly' },
  );
}

/** Throws `Refusal` for an account that is configured no longer, unless a key leaked. */
function requireConfigured({ policy }: Account, { kind }: Wish): void {
  if (policy.leaves === undefined || kind === 'compromised') return;
  throw new Refusal(
    'not-now',
    'The account is configured no longer: its rotation is finished, and no other begins.',
    'Add it to the configuration again, then ask again.',
    { reason: 'NotConfigured' },
  );
}

/**
 * Throws `Refusal` for a rotation that no pass could begin. A leaked key is named all the same: an emergency does not
 * wait for a verdict. If the kind cannot be read, the request is taken, and a pass says the cause.
 */
async function requireProof({ kinds }: RequestParts, account: Account, wish: Wish): Promise<void> {
  if (wish.kind !== 'rotate' || account.policy.verification === 'listing') return;
  const obstacle = await kinds.obstacleTo(account).catch((error: unknown) => {
    asRotationError(error);
    return undefined;
  });
  if (obstacle === undefined) return;
  throw new Refusal(
    'not-now',
    obstacle,
    'Rotate its keys by hand, or name a leaked key as compromised; docs/kinds.md lists the kinds that can be rotated.',
    { reason: 'KindNotProvable' },
  );
}

function repeated(former: StoredRequest, wish: Wish, now: number): Asked {
  if (isSameWish(former, wish) && now - former.at <= IDEMPOTENCY_MS) return { request: former, isRepeated: true };
  const detail = isSameWish(former, wish)
    ? 'The same request was made with this idempotency key more than 24 hours ago.'
    : 'Another request was made with this idempotency key.';
  throw new Refusal('idempotency-conflict', detail, 'Use a new Idempotency-Key for a new request.');
}

/** Throws `Refusal` when the wish cannot begin now. */
function admit(account: Account, stored: StoredAccount, wish: Wish): void {
  // The record may be mended before the next pass. An operator must not have to name a leaked key twice because of it.
  if (wish.kind !== 'compromised') requireReadable(stored);
  if (wish.kind === 'rotate') requireAdmission(account, stored);
}

function requireReadable({ record }: StoredAccount): void {
  if (record.state !== 'unreadable') return;
  throw new Refusal(
    'not-now',
    `The stored record cannot be understood: ${record.detail}.`,
    'See RecordUnreadable in the runbook.',
    {
      reason: 'RecordUnreadable',
    },
  );
}

function requireAdmission(account: Account, { record }: StoredAccount): void {
  const admission = admitRotation(record.state === 'present' ? record.record : undefined, account.policy);
  if (admission.state === 'admitted') return;
  const acceptableAt = admission.until === undefined ? undefined : new Date(admission.until).toISOString();
  const remedy =
    acceptableAt === undefined
      ? 'Ask again when the rotation under way is over; a compromised key can be named at any time.'
      : `Ask again after ${acceptableAt} at the latest; a compromised key can be named at any time.`;
  throw new Refusal('not-now', `A rotation is under way (${admission.phase}).`, remedy, {
    reason: 'RotationUnderWay',
    acceptableAt,
  });
}

/** The fingerprint of the named key. Throws `Refusal` if the name means none. */
export function nameValue(seen: Observation, named: NonNullable<Wish['named']>): Fingerprint {
  const fingerprint = fingerprintNamed(named, seen);
  if (fingerprint !== undefined) return fingerprint;
  throw new Refusal(
    'not-now',
    `No live key is published (${seen.published.state}).`,
    'Name the leaked key as key1 or key2.',
    {
      reason: 'NoPublishedKey',
    },
  );
}

/** The state that a pause finds. */
export interface Paused {
  /** A pass holds the account. An effect that it has begun may still finish; it begins no other. */
  readonly isPassUnderWay: boolean;
}

/** Pauses or resumes. Changes nothing if the account is paused or resumed already. */
export async function setPaused(
  parts: RequestParts,
  { account, by }: Pick<Asking, 'account' | 'by'>,
  reason: string,
  isPaused: boolean,
): Promise<Paused> {
  const { records } = parts.ports;
  const stored = await records.read(account);
  const at = parts.clock.now();
  const { lease } = stored.entity;
  const paused = { isPassUnderWay: lease !== undefined && at < lease.expiresAt };
  if ((stored.pause !== undefined) === isPaused) return paused;
  const entry = historyEntry(stored, { kind: isPaused ? 'Paused' : 'Resumed', reason, by }, at);
  const isEntityKept = stored.requests.some(isUrgent);
  const change = { stored, at, history: [entry], isEntityKept };
  await records.setPause(account, isPaused ? { by, reason, at } : undefined, change);
  return paused;
}

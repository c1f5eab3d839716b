// Stores what operators ask for, each wish once, and answers how far it got.
// It must not act on keys: a stored request is carried out by passes, whoever runs them.
import { randomUUID } from 'node:crypto';
import type { App } from '../compose.ts';
import type { HistoryDraft } from '../rotation/history.ts';
import type {
  Account,
  Fingerprint,
  Observation,
  Request,
  RequestId,
  RotationId,
  StoredRequest,
} from '../rotation/model.ts';
import { interpret, look } from '../rotation/observe.ts';
import type { HistoryEntry, StoredAccount } from '../rotation/ports.ts';
import { admitRotation, fingerprintNamed, isSameWish, type Wish } from '../rotation/request.ts';
import { ProblemError, problem } from './problem.ts';

/** How long an idempotency key is honoured. */
export const IDEMPOTENCY_MS = 24 * 3_600_000;

export interface Asked {
  readonly request: StoredRequest;
  /** True when the same wish had been stored before. */
  readonly isRepeated: boolean;
}

export interface Asking {
  readonly account: Account;
  readonly wish: Wish;
  readonly by: string;
  /** The caller's idempotency key; absent: every call is a wish of its own. */
  readonly key?: string;
}

/** Stores the wish, or finds it stored. Throws `ProblemError` when it cannot begin or the key is taken. */
export async function ask(app: App, asking: Asking): Promise<Asked> {
  const { account, wish, by, key } = asking;
  const { records } = app.ports;
  const id = (key ?? randomUUID()) as RequestId;
  const former = key === undefined ? undefined : await records.readRequest(account, id);
  if (former !== undefined) return repeated(former, wish, app.clock.now());
  const stored = await records.read(account);
  admit(account, stored, wish);
  const fingerprint = wish.named === undefined ? undefined : await resolve(app, account, stored, wish.named);
  const at = app.clock.now();
  const request: Request = { id, ...wish, by, at, ...(fingerprint === undefined ? {} : { fingerprint }) };
  const told = { kind: 'Requested', reason: `${wish.kind}: ${wish.reason}`, requestId: id, by } as const;
  const draft: HistoryDraft = fingerprint === undefined ? told : { ...told, fingerprint };
  if (await records.insertRequest(account, request, [historyEntry(stored, draft, at)])) {
    return { request, isRepeated: false };
  }
  const winner = await records.readRequest(account, id);
  if (winner === undefined)
    throw new ProblemError(problem('azure-unavailable', 'The request was stored and is not found.', 'Try again.'));
  return repeated(winner, wish, at);
}

function repeated(former: StoredRequest, wish: Wish, now: number): Asked {
  if (isSameWish(former, wish) && now - former.at <= IDEMPOTENCY_MS) return { request: former, isRepeated: true };
  const detail = isSameWish(former, wish)
    ? 'The same request was made with this idempotency key more than 24 hours ago.'
    : 'Another request was made with this idempotency key.';
  throw new ProblemError(problem('idempotency-conflict', detail, 'Use a new Idempotency-Key for a new request.'));
}

/** Throws `ProblemError` when the wish cannot begin now. */
export function admit(account: Account, stored: StoredAccount, wish: Wish): void {
  requireReadable(stored);
  if (wish.kind === 'rotate') requireAdmission(account, stored);
}

function requireReadable({ record }: StoredAccount): void {
  if (record.state !== 'unreadable') return;
  throw new ProblemError(
    problem(
      'not-now',
      `The stored record cannot be understood: ${record.detail}.`,
      'See RecordUnreadable in the runbook.',
      {
        reason: 'RecordUnreadable',
      },
    ),
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
  throw new ProblemError(
    problem('not-now', `A rotation is under way (${admission.phase}).`, remedy, {
      reason: 'RotationUnderWay',
      acceptableAt,
    }),
  );
}

/** Which value a name means is read from the world, before the request is stored. */
async function resolve(app: App, account: Account, stored: StoredAccount, named: NonNullable<Wish['named']>) {
  return nameValue(interpret(account, await look(account, app.ports, stored)), named);
}

/** The value that is meant; throws `ProblemError` when none is. */
export function nameValue(seen: Observation, named: NonNullable<Wish['named']>): Fingerprint {
  const fingerprint = fingerprintNamed(named, seen);
  if (fingerprint !== undefined) return fingerprint;
  throw new ProblemError(
    problem('not-now', `No live key is published (${seen.published.state}).`, 'Name the leaked key as key1 or key2.', {
      reason: 'NoPublishedKey',
    }),
  );
}

export function historyEntry(stored: StoredAccount, draft: HistoryDraft, at: number): HistoryEntry {
  const rotationId = stored.record.state === 'present' ? stored.record.record.rotationId : (0 as RotationId);
  return { ...draft, at, rotationId };
}

/** Pauses or resumes, once each: asking for what is already so changes nothing. */
export async function setPaused(
  app: App,
  { account, by }: Pick<Asking, 'account' | 'by'>,
  reason: string,
  isPaused: boolean,
): Promise<void> {
  const { records } = app.ports;
  const stored = await records.read(account);
  if ((stored.pause !== undefined) === isPaused) return;
  const at = app.clock.now();
  const entry = historyEntry(stored, { kind: isPaused ? 'Paused' : 'Resumed', reason, by }, at);
  await records.setPause(account, isPaused ? { by, reason, at } : undefined, [entry]);
}

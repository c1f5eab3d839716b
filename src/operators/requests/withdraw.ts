// Withdraws an operator's request, as long as nothing has been done for it. The write that closes it changes the entity,
// so a pass that read the request before loses its next write, and with it every effect that would follow.
// It must not act on keys, or judge by itself what is under way: `request-end.ts` does.

import { Refusal } from '../../base/refusal.ts';
import { type WithdrawalRefusal, withdrawalRefusal } from '../../rotation/decide/request-end.ts';
import { closing } from '../../rotation/decide/situation.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { Account, RequestId, StoredRequest } from '../../rotation/model.ts';
import { recordWrite } from '../../rotation/pass/record.ts';
import type { StoredAccount } from '../../rotation/ports.ts';
import type { RequestParts } from '../ports.ts';

export interface Withdrawing {
  readonly account: Account;
  readonly id: RequestId;
  readonly by: string;
  readonly reason: string;
}

/** How often the write is tried if others write the entity. */
const ATTEMPTS = 5;

/** The stored request. Throws `Refusal` if there is none. */
export async function requireRequest(parts: RequestParts, account: Account, id: RequestId): Promise<StoredRequest> {
  const found = await parts.ports.records.readRequest(account, id);
  if (found !== undefined) return found;
  throw new Refusal(
    'unknown-request',
    'No such request is stored for this account.',
    'See GET accounts/{account}/requests for the ids of its requests.',
  );
}

/** Returns the request with its end. A request that is withdrawn already stays as it is. Throws `Refusal`. */
export async function withdraw(parts: RequestParts, { account, id, by, reason }: Withdrawing): Promise<StoredRequest> {
  const { records } = parts.ports;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await records.read(account);
    const request = await requireRequest(parts, account, id);
    if (request.outcome === 'Withdrawn') return request;
    await requireWithdrawable(parts, account, stored, request);
    const now = parts.clock.now();
    const end = closing(id, 'Withdrawn');
    const change = recordWrite(
      account,
      stored,
      {
        // It may be over, and stays: its owner may still write until it sees the new entity.
        lease: stored.entity.lease,
        nextObservationAt: now,
        closes: [end],
        history: [{ kind: 'RequestWithdrawn', requestId: id, reason, by }],
      },
      now,
    );
    try {
      await records.write(account, stored.etag, change);
      return { ...request, ...end, closedAt: now };
    } catch (error) {
      if (!(error instanceof RotationError) || error.code !== 'LostRace') throw error;
    }
  }
  throw refusalOf({ reason: 'PassUnderWay', detail: 'Passes are at work on the account all the time.' });
}

/** Throws `Refusal` if something was done for the request, or is under way. */
export async function requireWithdrawable(
  { ports, clock }: RequestParts,
  account: Account,
  stored: StoredAccount,
  request: StoredRequest,
): Promise<void> {
  const refused = withdrawalRefusal(stored, request, account.policy, clock.now());
  if (refused !== undefined) throw refusalOf(refused);
  if (request.kind !== 'rollBack' || stored.record.state !== 'present') return;
  // A pass may have ended between the publish and the record of it.
  const newest = await ports.secrets.readNewest(account);
  const { version } = stored.record.record.published;
  if (newest.state !== 'enabled' || newest.version === version) return;
  throw refusalOf({
    reason: 'PublishUnderWay',
    detail: `A newer version of the secret is published (${newest.version}), and the record has not followed it yet.`,
  });
}

function refusalOf({ reason, detail, until }: WithdrawalRefusal): Refusal {
  const acceptableAt = until === undefined ? undefined : new Date(until).toISOString();
  return new Refusal('not-now', detail, remedyOf(reason, acceptableAt), {
    reason,
    ...(acceptableAt === undefined ? {} : { acceptableAt }),
  });
}

function remedyOf(reason: WithdrawalRefusal['reason'], acceptableAt: string | undefined): string {
  switch (reason) {
    case 'RequestClosed':
    case 'KeyReplaced':
      return 'Nothing is left to withdraw; see the request for what was done.';
    case 'RecordUnreadable':
      return 'See RecordUnreadable in the runbook.';
    case 'PassUnderWay':
      return acceptableAt === undefined ? 'Try again in a moment.' : `Ask again after ${acceptableAt} at the latest.`;
    case 'RotationUnderWay':
      return 'Pause the account if the rotation must not go on, or roll it back during its overlap.';
    case 'RegenerateUnderWay':
      return 'A regenerate cannot be taken back; see the request for how far it got.';
    case 'PublishUnderWay':
      return 'Ask again when the next pass has followed the secret.';
  }
}

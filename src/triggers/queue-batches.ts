// What a tick puts into the queue for the accounts that it leaves. It must not load anything: every tick does.
import type { AccountId } from '../rotation/model.ts';

/** One message: accounts of one subscription, so that one that is used up holds no message of another. */
export interface QueuedAccounts {
  readonly accountIds: readonly AccountId[];
}

/** So many that a full bucket of Azure Resource Manager bears them at once: a message that waits for turns holds a place. */
export const ACCOUNTS_PER_MESSAGE = 50;

/** The subscriptions in turn, each with its accounts in their order. */
export function batchesOf(accountIds: readonly AccountId[]): readonly QueuedAccounts[] {
  const bySubscription = new Map<string, AccountId[]>();
  for (const id of accountIds) {
    const [, , subscription = ''] = id.split('/');
    const present = bySubscription.get(subscription);
    if (present === undefined) bySubscription.set(subscription, [id]);
    else present.push(id);
  }
  const batches: QueuedAccounts[] = [];
  const longest = Math.max(0, ...[...bySubscription.values()].map(({ length }) => length));
  for (let start = 0; start < longest; start += ACCOUNTS_PER_MESSAGE) {
    for (const ids of bySubscription.values()) {
      const batch = ids.slice(start, start + ACCOUNTS_PER_MESSAGE);
      if (batch.length > 0) batches.push({ accountIds: batch });
    }
  }
  return batches;
}

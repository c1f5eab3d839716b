// The queue messages for the accounts that a tick leaves. It must not load anything: every tick loads it.
import type { AccountId } from '../rotation/model.ts';

/** One message: accounts of one subscription. A subscription at its limit then holds up no message of another. */
export interface QueuedAccounts {
  readonly accountIds: readonly AccountId[];
}

/** A full bucket of Azure Resource Manager admits this many at once. A message that waits for turns holds a place. */
export const ACCOUNTS_PER_MESSAGE = 50;

/** Takes the subscriptions in turn, each with its accounts in their order. */
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

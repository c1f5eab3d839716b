// Reads the records that may be of this account under another ARM id (`predecessor.ts`). It must not judge them.
import { phaseSince } from '../decide/schedule.ts';
import { RotationError } from '../errors.ts';
import type { Account } from '../model.ts';
import type { Namesake, Ports, StoredAccount } from '../ports.ts';
import { urgencyOf } from '../urgency.ts';
import { recordOf } from '../working-place.ts';

/** An account without a record, or one that comes back after it had left, or was not found. */
export function mayHavePredecessor({ policy: { leaves } }: Account, { record, entity }: StoredAccount): boolean {
  if (record.state === 'absent') return true;
  const hasLeft = ['NotConfigured', 'NotFound'].includes(entity.lastPass?.reason ?? '');
  return record.state === 'present' && hasLeft && leaves === undefined;
}

/** Those that were worked on later than this id. An emergency goes on without them: the account is adopted like a new one. */
export async function readNamesakes(
  account: Account,
  { records }: Ports,
  stored: StoredAccount,
): Promise<readonly Namesake[]> {
  const own = recordOf(stored);
  try {
    const found = await records.readNamesakes(account);
    return own === undefined ? found : found.filter(({ record }) => phaseSince(record) > phaseSince(own));
  } catch (error) {
    if (error instanceof RotationError && urgencyOf(stored) === 'compromised') return [];
    throw error;
  }
}

/** The account as if nothing were recorded of it: what its record says is of the time before it was moved away. */
export function withoutRecord(stored: StoredAccount): StoredAccount {
  if (stored.record.state === 'absent') return stored;
  return { ...stored, record: { state: 'absent' }, entity: { ...stored.entity, record: undefined } };
}

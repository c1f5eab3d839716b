// Accounts that have a record and are configured no longer: taken out, or left out because of a mistake in a document.
// They are worked on until they are at rest, as they were last configured: else a superseded key would stay alive.
import type { Fleet } from '../config/fleet.ts';
import type { Account, AccountId } from '../rotation/model.ts';
import type { FleetParts } from './ports.ts';

/** Those among `ids` that are not in the fleet, as far as the table knows how they were configured. */
export async function listLeaving(
  parts: Pick<FleetParts, 'ports'>,
  ids: readonly AccountId[],
  fleet: Fleet,
): Promise<readonly Account[]> {
  const present = new Set(fleet.accounts.map(({ id }) => id));
  const absent = [...new Set(ids)].filter((id) => !present.has(id));
  if (absent.length === 0) return [];
  const known = await parts.ports.records.findConfigured({ ids: absent });
  return known.map((account) => leaving(account, fleet));
}

/** The freeze of now counts, not the one that was stored. Windows are not stored: none holds the end of a rotation. */
export function leaving(account: Account, { isFrozen, gone }: Fleet): Account {
  const leaves = gone.includes(account.id) ? ('now' as const) : ('atRest' as const);
  return { ...account, policy: { ...account.policy, isFrozen, leaves } };
}

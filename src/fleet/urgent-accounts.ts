// Finds the accounts of an emergency without waiting for App Configuration: as configured now if that can be read
// within seconds, else as configured when their records were last written.

import { firstEnded } from '../base/lanes.ts';
import type { Fleet } from '../config/fleet.ts';
import type { Account, AccountId } from '../rotation/model.ts';
import { leaving } from './leaving-accounts.ts';
import type { FleetParts } from './ports.ts';

/** A cold process needs longer to read a long list of accounts than an emergency should wait. */
const CONFIGURATION_PATIENCE_MS = 3_000;

/** The account with this alias, in any case; undefined if it is not known. Throws `RotationError`. */
export async function findUrgently(parts: FleetParts, alias: string): Promise<Account | undefined> {
  const name = alias.toLowerCase();
  const isMeant = (account: Account): boolean => account.alias.toLowerCase() === name;
  const reading = parts.fleet();
  const fleet = await withinPatience(parts, reading);
  const present = fleet?.accounts.find(isMeant);
  if (present !== undefined) return present;
  const known = await parts.ports.records.findConfigured({ alias });
  // If two accounts have had the name, only the configuration says which of them has it now.
  return known.length === 1 ? known[0] : (await reading).accounts.find(isMeant);
}

/** The accounts with these ids, as far as they are known. Never throws if App Configuration fails. */
export async function listUrgently(
  parts: FleetParts,
  ids: readonly AccountId[],
  reading: Promise<Fleet>,
): Promise<readonly Account[]> {
  const wanted = new Set(ids);
  const fleet = await withinPatience(parts, reading);
  const present = fleet?.accounts.filter(({ id }) => wanted.has(id)) ?? [];
  for (const { id } of present) wanted.delete(id);
  if (wanted.size === 0) return present;
  // An account that was taken out of the configuration, by mistake or on purpose, keeps its emergency. One that Azure
  // has deleted has no key to replace: it leaves, or its passes would fail for ever.
  const known = await parts.ports.records.findConfigured({ ids: [...wanted] });
  return [
    ...present,
    ...known.map((account) => (fleet?.gone.includes(account.id) ? leaving(account, fleet) : account)),
  ];
}

/** Undefined if it is not there in time, or cannot be read. */
async function withinPatience(parts: FleetParts, reading: Promise<Fleet>): Promise<Fleet | undefined> {
  const tooLate = parts.sleep(CONFIGURATION_PATIENCE_MS).then(() => undefined);
  return firstEnded([reading.catch(() => undefined), tooLate]);
}

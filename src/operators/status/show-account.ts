// The status of one account: its stored record and the last connectivity check. It must not ask Azure about keys.

import { allEnded } from '../../base/lanes.ts';
import type { Account } from '../../rotation/model.ts';
import type { AccountStatus } from '../answers/account.ts';
import type { StatusParts } from '../ports.ts';
import { statusOf } from './account-status.ts';

/** Throws `RotationError` when the table does not answer. */
export async function showAccountNow({ ports, checks, clock }: StatusParts, account: Account): Promise<AccountStatus> {
  const [stored, check] = await allEnded([ports.records.read(account), checks.last(account)]);
  return statusOf(account, stored, clock.now(), check);
}

// The status of one account: its stored record and the last connectivity check. It must not ask Azure about keys.

import { allEnded } from '../../base/lanes.ts';
import { viewHolders } from '../../holders/view.ts';
import type { Account } from '../../rotation/model.ts';
import type { AccountStatus } from '../answers/account.ts';
import type { StatusParts } from '../ports.ts';
import { statusOf } from './account-status.ts';
import { holdersAnswer } from './holders-status.ts';

/** Throws `RotationError` when the table does not answer. */
export async function showAccountNow(parts: StatusParts, account: Account): Promise<AccountStatus> {
  const { ports, checks, clock } = parts;
  const [stored, check, view] = await allEnded([
    ports.records.read(account),
    checks.last(account),
    viewHolders(parts, account),
  ]);
  const status = statusOf(view.account, view.stored(stored), clock.now(), check);
  return view.isOn ? { ...status, holders: holdersAnswer(view.known) } : status;
}

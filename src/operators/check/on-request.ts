// Makes a connectivity check that an operator asked for, logs it, and stores it with the account.
// It must not judge anything itself. It returns the findings even if they cannot be stored.

import type { Log } from '../../base/log.ts';
import { errorFields } from '../../rotation/errors.ts';
import type { Account } from '../../rotation/model.ts';
import type { CheckReport } from '../answers/check.ts';
import { checkAccount } from './check.ts';
import type { CheckParts } from './ports.ts';

export interface CheckAsking {
  readonly account: Account;
  readonly by: string;
  readonly reason?: string | undefined;
  readonly isVaultSearched: boolean;
}

export async function checkOnRequest(parts: CheckParts, asking: CheckAsking, log: Log): Promise<CheckReport> {
  const { account, by, reason, isVaultSearched } = asking;
  const at = parts.clock.now();
  const report = await checkAccount(parts, account, { isVaultSearched });
  const { isHealthy } = report;
  log('info', 'check', { account: account.alias, by, reason, isHealthy, isVaultSearched });
  try {
    const why = reason === undefined ? {} : { reason };
    await parts.checks.keep(account, { ...report, findings: [...report.findings], at, by, isVaultSearched, ...why });
  } catch (error) {
    log('warn', 'checkNotKept', { account: account.alias, ...errorFields(error) });
  }
  return report;
}

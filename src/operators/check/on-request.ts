// Makes a connectivity check that an operator asked for, logs it, and stores it with the account.
// It must not judge anything itself. It returns the findings even if they cannot be stored.

import type { Log } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import { errorFields } from '../../rotation/errors.ts';
import type { Account } from '../../rotation/model.ts';
import type { CheckReport } from '../answers/check.ts';
import { checkAccount } from './check.ts';
import type { CheckParts } from './ports.ts';

/** A search reads up to 500 secrets, and counts against the limits of the vault that passes need. */
const SEARCH_EVERY_MS = 60_000;

export interface CheckAsking {
  readonly account: Account;
  readonly by: string;
  readonly reason?: string | undefined;
  readonly isVaultSearched: boolean;
}

export async function checkOnRequest(parts: CheckParts, asking: CheckAsking, log: Log): Promise<CheckReport> {
  const { account, by, reason, isVaultSearched } = asking;
  const at = parts.clock.now();
  if (isVaultSearched) await requireSearch(parts, account, at);
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

/** Throws `Refusal` if the vault was searched a moment ago, for any account of any caller. */
async function requireSearch({ checks }: CheckParts, { vaultUrl }: Account, now: number): Promise<void> {
  const nextAt = await checks.beginSearch(vaultUrl, now, SEARCH_EVERY_MS);
  if (nextAt === undefined) return;
  const retryAfterSeconds = Math.max(1, Math.ceil((nextAt - now) / 1_000));
  throw new Refusal(
    'too-soon',
    'The other secrets of the vault were searched less than a minute ago.',
    `Ask again in ${retryAfterSeconds} second${retryAfterSeconds === 1 ? '' : 's'}, or check without searchVault.`,
    { retryAfterSeconds },
  );
}

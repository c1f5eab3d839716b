// The whole examination, in the order of need: settings, identity, services, accounts.
// It must not print, change anything, or take longer than `timeoutMs`.
import { composeApp } from '../src/compose.ts';
import type { Environment } from '../src/config/settings.ts';
import type { Account } from '../src/rotation/model.ts';
import { checkAccounts, checkFleet, problemLine } from './fleet.ts';
import { checkIdentity } from './identity.ts';
import { type Line, no, open, yes } from './lines.ts';
import { checkTable, checkVault } from './services.ts';

const NO_HOLDERS =
  'No holders are searched. A holder is a resource outside the vault that holds a key, or points at its secret: a Key Vault reference of App Service, a named value of API Management, a connection of Azure AI Foundry. Applications behind one cannot acknowledge.';
const SEARCH_HOLDERS = 'If you have some, name their kinds and scopes in HOLDERS: see docs/holders.md.';

/** Of a large fleet, a remedy names the first ones. */
const ALIASES_NAMED = 20;

export interface ExamineOptions {
  /** Limit for the whole examination. */
  readonly timeoutMs: number;
  /** Alias of the account that is looked at; absent: all. */
  readonly account?: string | undefined;
}

export interface Examination {
  /** True when no line says `no`. */
  readonly isWell: boolean;
  readonly lines: readonly Line[];
}

/** Never rejects: a check that cannot be made becomes a line. */
export async function examine(environment: Environment, { timeoutMs, account }: ExamineOptions): Promise<Examination> {
  const lines: Line[] = [];
  const note = (more: readonly Line[]): void => void lines.push(...more);
  const timeUp = new Promise<'timeUp'>((resolve) => {
    setTimeout(resolve, timeoutMs, 'timeUp').unref();
  });
  const ended = await Promise.race([look(environment, account, note), timeUp]);
  const seen = [...lines];
  if (ended === 'timeUp') {
    const finding = `Not finished within ${timeoutMs / 1000} s: the checks missing here were not made.`;
    seen.push(
      no('doctor', 'time', finding, 'Give it longer with --seconds, or look at one account with POST …/check.'),
    );
  }
  return { isWell: seen.every(({ mark }) => mark !== 'no'), lines: seen };
}

async function look(
  environment: Environment,
  account: string | undefined,
  note: (lines: readonly Line[]) => void,
): Promise<'done'> {
  const app = composeApp(environment);
  if (!app.settings.ok) {
    note(app.settings.problems.map((problem) => problemLine('settings', problem)));
    note([open('identity', 'token', 'Not looked at: the settings come first.')]);
    return 'done';
  }
  const { settings } = app.settings;
  note([yes('settings', 'all', `Every setting is understood; cloud ${settings.cloud.name}.`)]);
  if (Object.keys(settings.holders).length === 0) note([open('settings', 'HOLDERS', NO_HOLDERS, SEARCH_HOLDERS)]);
  const identity = await checkIdentity(settings, environment);
  note(identity.lines);
  if (!identity.isSignedIn) {
    note([open('appConfiguration', 'read', 'Not looked at: without a token nothing is answered.')]);
    return 'done';
  }
  const { credential } = identity;
  const [fleet, table] = await Promise.all([checkFleet(app), checkTable(settings, credential)]);
  note(fleet.lines);
  const accounts = fleet.accounts.filter(({ alias }) => account === undefined || alias === account);
  if (account !== undefined && accounts.length === 0) note([noSuchAccount(account, fleet.accounts)]);
  const vaultUrls = [...new Set([settings.keyVaultUrl, ...accounts.map(({ vaultUrl }) => vaultUrl)])];
  for (const vaultUrl of vaultUrls) note(await checkVault(vaultUrl, credential, settings));
  note(table.lines);
  note(await checkAccounts(app, accounts, table.isThere));
  return 'done';
}

function noSuchAccount(account: string, accounts: readonly Account[]): Line {
  const finding = `No account that can be worked on has the alias "${account}".`;
  const known = accounts.slice(0, ALIASES_NAMED).map(({ alias }) => alias);
  const more = accounts.length > known.length ? `, and ${accounts.length - known.length} more` : '';
  return no('doctor', 'account', finding, `Give --account one of: ${known.join(', ')}${more}.`);
}

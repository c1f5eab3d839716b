// The whole examination, in the order of need: settings, identity, services, accounts.
// It must not print, change anything, or take longer than `timeoutMs`.
import { composeApp } from '../src/compose.ts';
import type { Environment } from '../src/config/settings.ts';
import { checkAccounts, checkFleet, problemLine } from './fleet.ts';
import { checkIdentity } from './identity.ts';
import { type Line, no, open, yes } from './lines.ts';
import { checkTable, checkVault } from './services.ts';

export interface ExamineOptions {
  /** Limit for the whole examination. */
  readonly timeoutMs: number;
}

export interface Examination {
  /** True when no line says `no`. */
  readonly isWell: boolean;
  readonly lines: readonly Line[];
}

/** Never rejects: a check that cannot be made becomes a line. */
export async function examine(environment: Environment, { timeoutMs }: ExamineOptions): Promise<Examination> {
  const lines: Line[] = [];
  const note = (more: readonly Line[]): void => void lines.push(...more);
  const timeUp = new Promise<'timeUp'>((resolve) => {
    setTimeout(resolve, timeoutMs, 'timeUp').unref();
  });
  const ended = await Promise.race([look(environment, note), timeUp]);
  const seen = [...lines];
  if (ended === 'timeUp') {
    const finding = `Not finished within ${timeoutMs / 1000} s: the checks missing here were not made.`;
    seen.push(
      no('doctor', 'time', finding, 'Give it longer with --seconds, or look at one account with POST …/check.'),
    );
  }
  return { isWell: seen.every(({ mark }) => mark !== 'no'), lines: seen };
}

async function look(environment: Environment, note: (lines: readonly Line[]) => void): Promise<'done'> {
  const app = composeApp(environment);
  if (!app.settings.ok) {
    note(app.settings.problems.map((problem) => problemLine('settings', problem)));
    note([open('identity', 'token', 'Not looked at: the settings come first.')]);
    return 'done';
  }
  const { settings } = app.settings;
  note([yes('settings', 'all', `Every setting is understood; cloud ${settings.cloud.name}.`)]);
  const identity = await checkIdentity(settings, environment);
  note(identity.lines);
  if (!identity.isSignedIn) {
    note([open('appConfiguration', 'read', 'Not looked at: without a token nothing is answered.')]);
    return 'done';
  }
  const { credential } = identity;
  const [fleet, table] = await Promise.all([checkFleet(app), checkTable(settings, credential)]);
  note(fleet.lines);
  const vaultUrls = [...new Set([settings.keyVaultUrl, ...fleet.accounts.map(({ vaultUrl }) => vaultUrl)])];
  for (const vaultUrl of vaultUrls) note(await checkVault(vaultUrl, credential, settings));
  note(table.lines);
  note(await checkAccounts(app, fleet.accounts, table.isThere));
  return 'done';
}

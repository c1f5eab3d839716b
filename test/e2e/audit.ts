// Looks at an account after a soak: at the world, at the record, and whether the history tells exactly what happened.

import type { Stage } from '../../local/start/stage.ts';
import type { App } from '../../src/compose.ts';
import type { Account } from '../../src/rotation/model.ts';
import type { HistoryEntry, StoredAccount } from '../../src/rotation/ports.ts';
import { isAcceptedByAll } from './nodes.ts';

export interface Audit {
  readonly found: readonly string[];
  readonly rotations: number;
}

const HISTORY_LIMIT = 10_000;
const FOLLOWED: ReadonlySet<string> = new Set(['Adopted', 'Published', 'Repaired', 'RolledBack']);
const INTENTS: ReadonlySet<string> = new Set([
  'RotationStarted',
  'RegenerateRepeated',
  'RetireStarted',
  'KeySacrificed',
]);

export async function auditAccounts(stage: Stage, app: App): Promise<Audit> {
  const { accounts, problems } = await trusted(stage, app);
  const found = problems.map(({ setting, expected }) => `configuration: ${setting} ${expected}`);
  let rotations = 0;
  for (const account of accounts) {
    const stored = await app.ports.records.read(account);
    const { entries: history } = await app.ports.records.listHistory(account, HISTORY_LIMIT);
    rotations += history.filter(({ kind }) => kind === 'RotationCompleted').length;
    const wrong = [...auditWorld(stage, account, stored), ...auditHistory(stage, account, stored, history)];
    found.push(...wrong.map((text) => `${account.alias}: ${text}`));
  }
  return { found, rotations };
}

/** The fleet comes over TLS, which this process has to trust first. */
async function trusted(stage: Stage, app: App) {
  const { trustLocalAzure } = await import('../../local/azure/identity/trust.ts');
  trustLocalAzure(stage.azure);
  // The identity library reads where to ask for tokens from the process itself.
  Object.assign(process.env, stage.environment);
  return app.fleet();
}

function auditWorld({ azure }: Stage, account: Account, { record }: StoredAccount): string[] {
  const { world } = azure;
  const found: string[] = [];
  const versions = world.vault.versions(account.secretName);
  const newest = versions.at(-1);
  if (newest === undefined) return ['the secret has no version'];
  if (!isAcceptedByAll(world, account.id, newest.value)) found.push('a node does not accept the published value');
  for (const version of versions) {
    if (version !== newest && version.value !== newest.value && isLive(azure, account, version.value)) {
      if (record.state === 'present' && record.record.phase === 'idle') found.push('a superseded value is a live key');
    }
  }
  const reference = world.store.get(account.referenceKey, null);
  if (record.state !== 'present') return [...found, `the record is ${record.state}`];
  if (record.record.published.version !== newest.version) found.push('the record does not follow the newest version');
  if (reference?.value.includes(newest.version) !== true) found.push('the reference does not name the newest version');
  return found;
}

function isLive(azure: Stage['azure'], account: Account, value: string): boolean {
  return Object.values(azure.world.account(account.id).keys).some((key) => key.value === value);
}

function auditHistory(
  { azure }: Stage,
  account: Account,
  { record }: StoredAccount,
  history: readonly HistoryEntry[],
): string[] {
  const found: string[] = [];
  const told = new Set(history.filter(({ kind }) => FOLLOWED.has(kind)).map(({ version }) => version as string));
  for (const { version } of azure.world.vault.versions(account.secretName)) {
    if (!told.has(version)) found.push(`the history does not tell of version ${version}`);
  }
  const started = history.filter(({ kind }) => kind === 'RotationStarted').length;
  const ended = history.filter(({ kind }) => kind === 'RotationCompleted').length;
  const underWay = record.state === 'present' && record.record.phase !== 'idle' ? 1 : 0;
  if (started !== ended + underWay) found.push(`${started} rotations began, ${ended} ended, ${underWay} is under way`);
  const intents = history.filter(({ kind }) => INTENTS.has(kind)).length;
  const regenerated = azure.requests.filter(
    ({ operation, account: name }) => operation === 'regenerateKey' && name === account.name,
  ).length;
  if (regenerated > intents) found.push(`${regenerated} regenerates were sent, ${intents} are in the history`);
  return found;
}

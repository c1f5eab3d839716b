// Checks vault and table with this identity: one harmless read for each permission that a read can prove.
// It must not write, so it reports each write permission as not proven. It reads no secret values.
import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { classified, providerCodeOf, statusOf } from '../src/azure/client/classify-error.ts';
import { clientOptions, deadlineIn } from '../src/azure/client/client-options.ts';
import { createTableClient } from '../src/azure/table/client.ts';
import type { Settings } from '../src/config/settings.ts';
import { asRotationError } from '../src/rotation/errors.ts';
import { type Line, no, open, yes } from './lines.ts';

const DEADLINE_MS = 30_000;

const NOT_PROVABLE = 'Not provable without a write';

export async function checkVault(
  vaultUrl: string,
  credential: TokenCredential,
  settings: Settings,
): Promise<readonly Line[]> {
  const area = 'keyVault';
  const client = new SecretClient(vaultUrl, credential, {
    ...clientOptions(),
    disableChallengeResourceVerification: !settings.cloud.isChallengeResourceVerified,
  });
  const list = await tried(area, `list ${hostOf(vaultUrl)}`, `${vaultUrl} lists its secrets (readMetadata).`, () =>
    classified('keyVault', 'listSecrets', async () => {
      await client.listPropertiesOfSecrets(deadlineIn(DEADLINE_MS)).byPage({ maxPageSize: 1 }).next();
    }),
  );
  const needed = 'Microsoft.KeyVault/vaults/secrets/setSecret/action and update/action';
  return [list, open(area, `write ${hostOf(vaultUrl)}`, `${NOT_PROVABLE}: ${needed}.`)];
}

export interface TableCheck {
  readonly lines: readonly Line[];
  /** False: do not read records through the adapter, because it would create the table. */
  readonly isThere: boolean;
}

/** Reads without the adapter, because the adapter creates a missing table. */
export async function checkTable({ records }: Settings, credential: TokenCredential): Promise<TableCheck> {
  const area = 'table';
  const { tableName } = records;
  const connection =
    records.kind === 'connectionString'
      ? { connectionString: records.connectionString }
      : { endpoint: records.endpoint, credential };
  const write = open(area, 'write', `${NOT_PROVABLE}: the role Storage Table Data Contributor.`);
  try {
    const isThere = await classified('table', 'read', async () => {
      try {
        const pages = createTableClient(connection, tableName).listEntities(deadlineIn(DEADLINE_MS));
        await pages.byPage({ maxPageSize: 1 }).next();
        return true;
      } catch (error) {
        if (statusOf(error) === 404 && providerCodeOf(error) === 'TableNotFound') return false;
        throw error;
      }
    });
    const read = isThere
      ? yes(area, 'read', `Table ${tableName} can be read.`)
      : open(area, 'read', `Table ${tableName} is not there yet.`, 'The first tick makes it; nothing is to be done.');
    return { lines: [read, write], isThere };
  } catch (error) {
    return {
      lines: [no(area, 'read', `Table ${tableName} could not be read.`, messageOf(error)), write],
      isThere: false,
    };
  }
}

/** A `yes` line with `well` when `call` succeeds, else a `no` line with the error's message as its remedy. */
async function tried(area: string, check: string, well: string, call: () => Promise<void>): Promise<Line> {
  try {
    await call();
    return yes(area, check, well);
  } catch (error) {
    return no(area, check, 'The call failed.', messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return asRotationError(error).message;
}

function hostOf(url: string): string {
  return new URL(url).hostname.split('.')[0] ?? url;
}

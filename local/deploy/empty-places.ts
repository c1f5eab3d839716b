// Empties vault, store and table. A local Azure has one of each at a time, so the next installation would find what the
// former one has left; in Azure each installation has its own.
import { TableClient } from '@azure/data-tables';
import type { LocalAzure } from '../azure/local-azure.ts';

/** `table`: the name of the table that the former app has used. No app may run. */
export async function emptyPlaces({ world, endpoints }: LocalAzure, table: string): Promise<void> {
  world.vault.secrets.clear();
  world.store.keyValues.clear();
  const connection = endpoints.storageConnectionString ?? '';
  await TableClient.fromConnectionString(connection, table, { allowInsecureConnection: true }).deleteTable();
}

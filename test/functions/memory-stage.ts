// The service over the in-memory Azure, in virtual time: for tests that ask about the instants within a pass. Its records
// are rows of the table in memory: they go through keys, columns and JSON as over the wire.
import { createMemoryPorts } from '../../local/azure/memory/memory-ports.ts';
import { MemoryTable } from '../../local/azure/memory/memory-table.ts';
import { createRealNature } from '../../local/azure/world/real-nature.ts';
import { World } from '../../local/azure/world/world.ts';
import { createTableRecords } from '../../src/azure/table/records.ts';
import { hashOf } from '../../src/azure/table/rows/keys.ts';
import { type App, composeApp } from '../../src/compose.ts';
import { passOver } from '../../src/fleet/pass.ts';
import type { OperatorPorts } from '../../src/operators/ports.ts';
import type { Account, OwnerId } from '../../src/rotation/model.ts';
import type { PassReport } from '../../src/rotation/pass/reconcile.ts';
import { buildAccount, TEST_RESOURCE_GROUP, TEST_SUBSCRIPTION } from '../support/account.ts';

const START = Date.UTC(2027, 0, 4, 8);

export class MemoryStage {
  now = START;
  readonly world: World;
  readonly table = new MemoryTable();
  readonly ports: OperatorPorts;
  readonly app: App;
  readonly accounts: Account[] = [];
  #owners = 0;

  constructor() {
    this.world = new World({ ...createRealNature(), now: () => this.now, chooseNode: () => 0 });
    const records = createTableRecords({ table: this.table, isNotifying: true });
    this.ports = { ...createMemoryPorts(this.world), records };
    const settings = { KEY_VAULT_URL: 'https://vault.test', APP_CONFIGURATION_ENDPOINT: 'https://store.test' };
    this.app = {
      ...composeApp({ ...settings, AzureWebJobsStorage: 'UseDevelopmentStorage=true' }),
      ports: this.ports,
      clock: { now: () => this.now },
      sleep: (ms) => {
        this.now += ms;
        return Promise.resolve();
      },
      fleet: () => Promise.resolve({ accounts: this.accounts, problems: [], notices: [], gone: [], isFrozen: false }),
      newOwner: () => `owner-${++this.#owners}` as OwnerId,
    };
  }

  /** An account that the service has in hand, with its key1 published. */
  async adopt(name: string): Promise<Account> {
    const account = buildAccount(name);
    this.world.addAccount({
      subscriptionId: TEST_SUBSCRIPTION,
      resourceGroup: TEST_RESOURCE_GROUP,
      name,
      kind: 'TextAnalytics',
      location: 'westeurope',
      keyShape: 'hex32',
    });
    this.accounts.push(account);
    await this.pass(account);
    return account;
  }

  /** One pass, over other ports where some are given. */
  pass(account: Account, changes: Partial<App> = {}): Promise<PassReport> {
    return passOver({ ...this.app, ...changes }, account, Number.POSITIVE_INFINITY, () => undefined);
  }

  /** As if the service had never seen the account. */
  forget({ id }: Account): void {
    for (const key of this.table.rows.keys()) if (key.includes(hashOf(id))) this.table.rows.delete(key);
  }

  keysOf({ id }: Account): readonly string[] {
    return Object.values(this.world.listKeys(id));
  }

  publishedKeyOf({ secretName }: Account): string {
    return this.world.vault.get(secretName).value;
  }
}

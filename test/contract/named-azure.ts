// A local Azure under Azure's own names for one test file. The process reaches it through the gateway, as an app does.
import { trustLocalAzure } from '../../local/azure/identity/trust.ts';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';
import type { AccountSeed, AccountState } from '../../local/azure/world/world.ts';
import { TEST_RESOURCE_GROUP, TEST_SUBSCRIPTION } from '../support/account.ts';

export interface NamedAzure {
  readonly azure: LocalAzure;
  /** `demo` with a number of its own, in `westeurope`, unless told otherwise. */
  addAccount(kind: string, changes?: Partial<AccountSeed>): AccountState;
  /** Ends the local Azure and puts the environment back. */
  close(): Promise<void>;
}

/** Clients read the proxy from the environment when they are made: start this before the first of them. */
export async function startNamedAzure(): Promise<NamedAzure> {
  const azure = await startLocalAzure({
    subscriptionId: TEST_SUBSCRIPTION,
    resourceGroup: TEST_RESOURCE_GROUP,
    accounts: [],
    hasPublicNames: true,
    withStorage: false,
  });
  trustLocalAzure(azure);
  const changes = { ...azure.network(), ...azure.identity() };
  const former = Object.keys(changes).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, changes);
  let added = 0;
  return {
    azure,
    addAccount: (kind, seed = {}) =>
      azure.world.addAccount({
        subscriptionId: TEST_SUBSCRIPTION,
        resourceGroup: TEST_RESOURCE_GROUP,
        name: `demo-${++added}`,
        kind,
        location: 'westeurope',
        keyShape: 'hex32',
        ...seed,
      }),
    close: async () => {
      for (const [name, value] of former) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
      await azure.close();
    },
  };
}

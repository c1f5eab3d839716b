// The adapters against a local Azure over the wire, as a harness for the suites: one local Azure per test file, one
// fresh account per harness.
import { randomUUID } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { trustLocalAzure } from '../../local/azure/identity/trust.ts';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';
import { createAnnouncements } from '../../src/azure/app-configuration/announcements.ts';
import { createAccountDetails } from '../../src/azure/arm/account-details.ts';
import { createAccountKeys, createManagement } from '../../src/azure/arm/account-keys.ts';
import { createGovernor, type Governor } from '../../src/azure/arm/governor.ts';
import { createCredential } from '../../src/azure/client/credential.ts';
import { createProbes } from '../../src/azure/data-plane/probes.ts';
import { createSecrets } from '../../src/azure/key-vault/secrets.ts';
import { createTableCampaigns } from '../../src/azure/table/campaigns.ts';
import { createTable } from '../../src/azure/table/client.ts';
import { createTableRecords } from '../../src/azure/table/records.ts';
import { type Cloud, localCloud } from '../../src/config/cloud.ts';
import { PROBE_VERSIONS } from '../../src/config/probe-versions.ts';
import type { CampaignsPort } from '../../src/fleet/campaign/ports.ts';
import type { OperatorPorts } from '../../src/operators/ports.ts';
import type { Account, AccountId } from '../../src/rotation/model.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { buildAccount, buildPolicy, TEST_RESOURCE_GROUP, TEST_SUBSCRIPTION } from '../support/account.ts';
import type { ContractHarness } from './suites/harness.ts';

const TABLE = 'KeyRotation';

export interface Wire {
  readonly azure: LocalAzure;
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
  readonly ports: OperatorPorts;
  readonly campaigns: CampaignsPort;
  /** Adds an account to the world; `account` is ours, its name is unique. */
  newAccount(kind?: string): Account;
  makeHarness(options?: { readonly kind?: string }): Promise<ContractHarness>;
  close(): Promise<void>;
}

/** The managed identity reads the process environment; it is put back on close. */
function enterEnvironment(changes: Readonly<Record<string, string>>): () => void {
  const former = Object.keys(changes).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, changes);
  return () => {
    for (const [name, value] of former) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}

const CALL_DEADLINE_MS = 10_000;

/** Lets every call through, for those who ask what happens without limits. */
export const UNGOVERNED: Governor = {
  admit: () => undefined,
  room: () => Number.POSITIVE_INFINITY,
  learn: () => undefined,
  close: () => undefined,
};

export async function startWire(governor: Governor = createGovernor(() => Date.now())): Promise<Wire> {
  const azure = await startLocalAzure({
    subscriptionId: TEST_SUBSCRIPTION,
    resourceGroup: TEST_RESOURCE_GROUP,
    accounts: [],
  });
  trustLocalAzure(azure);
  const { endpoints } = azure;
  const identity = { IDENTITY_ENDPOINT: endpoints.managedIdentity, IDENTITY_HEADER: endpoints.managedIdentityHeader };
  const leaveEnvironment = enterEnvironment(identity);
  const cloud = localCloud({
    resourceManagerEndpoint: endpoints.resourceManager,
    authorityHost: endpoints.authority,
  });
  const credential = createCredential({ clientId: undefined, cloud, environment: identity });
  const connectionString = endpoints.storageConnectionString ?? '';
  const management = createManagement({ credential, cloud, governor });
  const details = createAccountDetails({ ...management, clock: { now: () => Date.now() } });
  const table = createTable({ connectionString: new SecretValue(connectionString) }, TABLE);
  const ports: OperatorPorts = {
    keys: createAccountKeys(management),
    secrets: createSecrets({ credential, cloud, installation: { name: 'contract/KeyRotation' } }),
    announcements: createAnnouncements({ endpoint: endpoints.appConfiguration, credential, cloud }),
    probes: createProbes({ details, cloud, versions: PROBE_VERSIONS }),
    records: createTableRecords({ table, isNotifying: true }),
  };
  const campaigns = createTableCampaigns({ table });
  const newAccount = (kind = 'TextAnalytics'): Account => {
    const name = `a-${randomUUID().slice(0, 13)}`;
    const { id } = azure.world.addAccount({
      subscriptionId: TEST_SUBSCRIPTION,
      resourceGroup: TEST_RESOURCE_GROUP,
      name,
      kind,
      location: 'westeurope',
      keyShape: 'hex32',
    });
    return buildAccount(name, {
      id: id.toLowerCase() as AccountId,
      vaultUrl: endpoints.keyVault,
      policy: buildPolicy({ callDeadlineMs: CALL_DEADLINE_MS }),
    });
  };
  return {
    azure,
    credential,
    cloud,
    ports,
    campaigns,
    newAccount,
    makeHarness: ({ kind } = {}) => Promise.resolve(harness(azure, ports, newAccount(kind), connectionString)),
    close: async () => {
      leaveEnvironment();
      await azure.close();
    },
  };
}

function harness(azure: LocalAzure, ports: OperatorPorts, account: Account, connectionString: string): ContractHarness {
  return {
    ports,
    account,
    world: azure.world,
    putReference: (kind) => {
      const uri = `${account.vaultUrl}/secrets/another-secret/0123456789abcdef0123456789abcdef`;
      azure.world.store.set(account.referenceKey, null, {
        value: kind === 'malformed' ? '{"uri":' : JSON.stringify({ uri }),
        contentType: 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8',
      });
    },
    corruptRecord: async () => {
      const client = TableClient.fromConnectionString(connectionString, TABLE, { allowInsecureConnection: true });
      const filter = `accountId eq '${account.id}' and revision ge 0`;
      for await (const row of client.listEntities({ queryOptions: { filter } })) {
        const { partitionKey = '', rowKey = '' } = row;
        await client.updateEntity({ partitionKey, rowKey, record: '{"phase":"unheardOf"}' }, 'Merge');
      }
    },
  };
}

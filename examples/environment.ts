// Where an example runs: against the Azure that the environment names, or against a local Azure started for it.
import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { demoAccounts, resourceGroup, subscriptionId } from '../local/azure/demo-accounts.ts';
import { startLocalAzure } from '../local/azure/start-local-azure.ts';
import { trustLocalAzure } from '../local/azure/trust.ts';

export interface ExampleEnvironment {
  readonly isLocal: boolean;
  readonly credential: TokenCredential;
  /** ARM id of a Language account. */
  readonly resourceId: string;
  readonly resourceManagerEndpoint: string;
  readonly keyVaultUrl: string;
  /** Name of the secret that holds the account's key. */
  readonly secretName: string;
  /** Data-plane endpoint with a trailing slash. */
  readonly endpoint: string;
  readonly local: Awaited<ReturnType<typeof startLocalAzure>> | undefined;
  close(): Promise<void>;
}

const NEEDED = ['RESOURCE_ID', 'KEY_VAULT_URL', 'SECRET_NAME', 'ENDPOINT'] as const;

/** Real Azure when all of RESOURCE_ID, KEY_VAULT_URL, SECRET_NAME and ENDPOINT are set, local when none is. */
export async function exampleEnvironment(): Promise<ExampleEnvironment> {
  const [resourceId, keyVaultUrl, secretName, endpoint] = NEEDED.map((name) => process.env[name]);
  if (resourceId && keyVaultUrl && secretName && endpoint) {
    return {
      isLocal: false,
      credential: new DefaultAzureCredential(),
      resourceId,
      resourceManagerEndpoint: 'https://management.azure.com',
      keyVaultUrl,
      secretName,
      endpoint: endpoint.endsWith('/') ? endpoint : `${endpoint}/`,
      local: undefined,
      close: () => Promise.resolve(),
    };
  }
  const missing = NEEDED.filter((name) => !process.env[name]);
  if (missing.length < NEEDED.length) throw new Error(`Set these too, or none: ${missing.join(', ')}.`);
  return startLocal();
}

async function startLocal(): Promise<ExampleEnvironment> {
  const accounts = demoAccounts(1);
  const azure = await startLocalAzure({ subscriptionId, resourceGroup, accounts, withStorage: false });
  trustLocalAzure(azure);
  Object.assign(process.env, azure.environment());
  const [state] = azure.world.accounts.values();
  if (state === undefined) throw new Error('The local Azure has no account.');
  const secretName = `${state.seed.name}-key`;
  azure.world.vault.set(secretName, { value: state.keys.key1.value });
  return {
    isLocal: true,
    credential: new ManagedIdentityCredential(),
    resourceId: state.id,
    resourceManagerEndpoint: azure.endpoints.resourceManager,
    keyVaultUrl: azure.endpoints.keyVault,
    secretName,
    endpoint: azure.dataPlaneEndpoint(state.seed.name),
    local: azure,
    close: () => azure.close(),
  };
}

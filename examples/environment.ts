// Where an example runs: against the Azure that the environment names, or against a local Azure started for it.
import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { demoAccounts, resourceGroup, subscriptionId } from '../local/azure/demo-accounts.ts';
import { trustLocalAzure } from '../local/azure/identity/trust.ts';
import type { LocalAzure } from '../local/azure/local-azure.ts';
import { startLocalAzure } from '../local/azure/start-local-azure.ts';
import { type Command, type Flag, readCommand, type Values } from '../local/command-line.ts';
import { sentenceOf } from './refusals.ts';

export interface ExampleEnvironment {
  readonly credential: TokenCredential;
  /** ARM id of the Language account; undefined where the environment does not name one. */
  readonly resourceId: string | undefined;
  readonly resourceManagerEndpoint: string;
  readonly keyVaultUrl: string;
  /** False for a vault on this machine, which does not live under the domain that its challenge names. */
  readonly isChallengeResourceVerified: boolean;
  /** Name of the secret that holds the account's key. */
  readonly secretName: string;
  /** Data-plane endpoint of the account. */
  readonly endpoint: string;
  /** Undefined against real Azure. */
  readonly local: LocalAzure | undefined;
  close(): Promise<void>;
}

export function vaultOf({ keyVaultUrl, credential, isChallengeResourceVerified }: ExampleEnvironment): SecretClient {
  return new SecretClient(keyVaultUrl, credential, {
    disableChallengeResourceVerification: !isChallengeResourceVerified,
  });
}

const NEEDED = ['KEY_VAULT_URL', 'SECRET_NAME', 'ENDPOINT'] as const;

/** What the examples read. Without any of these they use a local Azure that they start. */
export const VARIABLES = {
  KEY_VAULT_URL: 'the vault with the key',
  SECRET_NAME: 'the secret that holds the key',
  ENDPOINT: 'the data-plane endpoint of the account',
} as const;

/** Real Azure when KEY_VAULT_URL, SECRET_NAME and ENDPOINT are set, local when none is; rejects in between. */
export async function exampleEnvironment(): Promise<ExampleEnvironment> {
  const [keyVaultUrl, secretName, endpoint] = NEEDED.map((name) => process.env[name]);
  if (keyVaultUrl && secretName && endpoint) {
    const isHere = new URL(keyVaultUrl).hostname === 'localhost';
    return {
      // A service principal named by AZURE_CLIENT_ID and its like, a managed identity, or who is signed in with `az`.
      // Only the authority of real Azure is known to Entra's discovery.
      credential: new DefaultAzureCredential({ disableInstanceDiscovery: isHere }),
      resourceId: process.env['RESOURCE_ID'],
      resourceManagerEndpoint: process.env['RESOURCE_MANAGER_ENDPOINT'] ?? 'https://management.azure.com',
      keyVaultUrl,
      isChallengeResourceVerified: !isHere,
      secretName,
      endpoint,
      local: undefined,
      close: () => Promise.resolve(),
    };
  }
  const missing = NEEDED.filter((name) => !process.env[name]);
  if (missing.length < NEEDED.length) throw new Error(`Set these too, or none: ${missing.join(', ')}.`);
  return startLocal();
}

/** Reads the flags and runs an example; an error becomes one sentence and exit code 1. */
export function runExample<const F extends Readonly<Record<string, Flag>>>(
  command: Command<F>,
  main: (environment: ExampleEnvironment, values: Values<F>) => Promise<void>,
): void {
  const values = readCommand(command);
  const run = async (): Promise<void> => {
    const environment = await exampleEnvironment();
    try {
      await main(environment, values);
    } finally {
      await environment.close();
    }
  };
  run().catch((error: unknown) => {
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exitCode = 1;
  });
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
    credential: new ManagedIdentityCredential(),
    resourceId: state.id,
    resourceManagerEndpoint: azure.endpoints.resourceManager,
    keyVaultUrl: azure.endpoints.keyVault,
    isChallengeResourceVerified: false,
    secretName,
    endpoint: azure.dataPlaneEndpoint(state.seed.name),
    local: azure,
    close: () => azure.close(),
  };
}

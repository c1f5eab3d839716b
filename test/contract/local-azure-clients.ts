// A local Azure for one test file, and the SDK clients as an application makes them: unmodified, retries off unless asked.
import { AppConfigurationClient } from '@azure/app-configuration';
import { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import { ClientSecretCredential, type TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { demoAccounts, resourceGroup, subscriptionId } from '../../local/azure/demo-accounts.ts';
import { trustLocalAzure } from '../../local/azure/identity/trust.ts';
import type { LocalAzure, LocalAzureOptions } from '../../local/azure/local-azure.ts';
import { startLocalAzure } from '../../local/azure/start-local-azure.ts';

const retryOptions = { maxRetries: 0 };

export interface LocalAzureUnderTest {
  readonly azure: LocalAzure;
  readonly credential: TokenCredential;
  readonly arm: CognitiveServicesManagementClient;
  readonly secrets: SecretClient;
  readonly configuration: AppConfigurationClient;
}

export async function startAzureUnderTest(more: Partial<LocalAzureOptions> = {}): Promise<LocalAzureUnderTest> {
  const options = { subscriptionId, resourceGroup, accounts: demoAccounts(), withStorage: false, ...more };
  const azure = await startLocalAzure(options);
  trustLocalAzure(azure);
  const { endpoints } = azure;
  const { tenantId, clientId, clientSecret } = azure.servicePrincipal;
  const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, {
    authorityHost: endpoints.authority,
    disableInstanceDiscovery: true,
  });
  const arm = new CognitiveServicesManagementClient(credential, subscriptionId, {
    endpoint: endpoints.resourceManager,
    credentialScopes: 'https://management.azure.com/.default',
    retryOptions,
  });
  const secrets = new SecretClient(endpoints.keyVault, credential, {
    disableChallengeResourceVerification: true,
    retryOptions,
  });
  const configuration = new AppConfigurationClient(endpoints.appConfiguration, credential, { retryOptions });
  return { azure, credential, arm, secrets, configuration };
}

export function tableClient(azure: LocalAzure, tableName: string): TableClient {
  const connection = azure.endpoints.storageConnectionString ?? '';
  const part = (name: string): string => new RegExp(`(?:^|;)${name}=([^;]+)`).exec(connection)?.[1] ?? '';
  const key = new AzureNamedKeyCredential(part('AccountName'), part('AccountKey'));
  return new TableClient(part('TableEndpoint'), tableName, key, { allowInsecureConnection: true, retryOptions });
}

/** What a rejected SDK call tells: status, error code, and the problem or error in the body. */
export async function failureOf(call: Promise<unknown>): Promise<{ status?: number; code?: string; message: string }> {
  try {
    await call;
  } catch (error) {
    const { statusCode, code, message } = error as { statusCode?: number; code?: string; message: string };
    return { message, ...(statusCode === undefined ? {} : { status: statusCode }), ...(code ? { code } : {}) };
  }
  throw new Error('The call was expected to fail.');
}

export interface RawAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly text: string;
}

/** A request without any SDK, for the bytes of an answer. */
export async function send(url: string, init: RequestInit = {}): Promise<RawAnswer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, reason: response.statusText, headers: response.headers, text };
}

export async function bearer(credential: TokenCredential, scope: string): Promise<string> {
  const token = await credential.getToken(scope);
  return `Bearer ${token?.token ?? ''}`;
}

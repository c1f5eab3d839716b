// The service's identity towards Azure: the Function App's managed identity, or the developer who is signed in.
// It must not ask for a token: the clients do, when they first need one.
import type { TokenCredential } from '@azure/identity';
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import type { Cloud } from '../../config/cloud.ts';
import { USER_AGENT_PREFIX } from './client-options.ts';

export interface CredentialDependencies {
  /** Client id of a user-assigned identity; undefined means the system-assigned one. */
  readonly clientId: string | undefined;
  readonly cloud: Cloud;
  /** The process environment: App Service announces its identity endpoint there. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The managed identity if App Service offers one, else the chain of developer sign-ins. Naming the managed identity
 * saves each cold start the search through the chain, and no other identity can be taken by accident.
 */
export function createCredential({ clientId, cloud, environment }: CredentialDependencies): TokenCredential {
  const userAgentOptions = { userAgentPrefix: USER_AGENT_PREFIX };
  const hasManagedIdentity =
    environment['IDENTITY_ENDPOINT'] !== undefined || environment['MSI_ENDPOINT'] !== undefined;
  if (hasManagedIdentity) {
    return clientId === undefined
      ? new ManagedIdentityCredential({ userAgentOptions })
      : new ManagedIdentityCredential({ clientId, userAgentOptions });
  }
  return new DefaultAzureCredential({
    authorityHost: cloud.authorityHost,
    // Otherwise the SDK asks Entra's discovery, which does not know the authority of a local Azure.
    disableInstanceDiscovery: !cloud.isChallengeResourceVerified,
    userAgentOptions,
    ...(clientId === undefined ? {} : { managedIdentityClientId: clientId }),
  });
}

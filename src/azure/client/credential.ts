// Who the service is towards Azure: the Function App's managed identity, or whoever is signed in on a developer's machine.
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
 * The managed identity where App Service offers one, else the chain of developer sign-ins. Naming the former outright
 * spares each cold start the search through the chain, and no other identity can be taken by accident.
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
    // The authority of a local Azure is unknown to Entra's discovery, which would be asked for it otherwise.
    disableInstanceDiscovery: !cloud.isChallengeResourceVerified,
    userAgentOptions,
    ...(clientId === undefined ? {} : { managedIdentityClientId: clientId }),
  });
}

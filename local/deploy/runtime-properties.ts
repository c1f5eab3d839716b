// What a running Azure knows of a resource and its template does not: endpoints, host names, ids of principals.
// It must not deploy.

import type { Principal } from '../azure/identity/managed-identities.ts';
import type { LocalAzure } from '../azure/local-azure.ts';
import { storageEndpoints } from '../azure/public-names.ts';
import type { PlannedResource } from './expand.ts';
import { guid } from './expression.ts';

type Properties = Readonly<Record<string, unknown>>;

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** An identity's ids follow from its own: each has another. */
export function principalOf(identityId: string): Principal {
  const id = identityId.toLowerCase();
  return { clientId: guid([id, 'client']), objectId: guid([id, 'object']) };
}

/** `resource.properties`, and over them what the service itself would add. */
export function runtimeProperties(resource: PlannedResource, azure: LocalAzure): Properties {
  return { ...resource.properties, ...addedBy(resource, azure) };
}

function addedBy({ id, type, name }: PlannedResource, azure: LocalAzure): Properties {
  switch (type) {
    case 'Microsoft.ManagedIdentity/userAssignedIdentities': {
      const { clientId, objectId } = principalOf(id);
      return { clientId, principalId: objectId, tenantId: azure.servicePrincipal.tenantId };
    }
    case 'Microsoft.KeyVault/vaults':
      return { vaultUri: `https://${name}.vault.azure.net/` };
    case 'Microsoft.AppConfiguration/configurationStores':
      return { endpoint: `https://${name}.azconfig.io` };
    case 'Microsoft.Storage/storageAccounts':
      return { primaryEndpoints: storageEndpoints(name) };
    case 'Microsoft.Web/sites':
      return { defaultHostName: `${name}.azurewebsites.net` };
    case 'Microsoft.Insights/components':
      return { ConnectionString: `InstrumentationKey=${NOBODY}`, InstrumentationKey: NOBODY };
    default:
      return {};
  }
}

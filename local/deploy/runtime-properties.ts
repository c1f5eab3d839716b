// The properties of a resource that only a running Azure knows, not its template: endpoints, host names, principal ids.
import { createHash } from 'node:crypto';
import type { Principal } from '../azure/identity/managed-identities.ts';
import type { LocalAzure } from '../azure/local-azure.ts';
import { storageEndpoints } from '../azure/public-names.ts';
import type { PlannedResource } from './expand.ts';

type Properties = Readonly<Record<string, unknown>>;

const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

/** The same id for the same text. */
function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-5$3-8$4-$5');
}

/** The ids follow from the identity's ARM id, so each identity has its own. */
export function principalOf(identityId: string): Principal {
  const id = identityId.toLowerCase();
  return { clientId: idOf(`${id}/client`), objectId: idOf(`${id}/object`) };
}

/** `resource.properties`, overlaid with the properties that the service itself would add. */
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
      return { ConnectionString: `InstrumentationKey=${ZERO_GUID}`, InstrumentationKey: ZERO_GUID };
    default:
      return {};
  }
}

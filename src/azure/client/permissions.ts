// The permission that each call of a port needs, to name it in the remedy of a refusal.
import { RESOURCE_TYPES, type ResourceType } from '../../base/resource-types.ts';
import type { ServiceName } from '../../rotation/errors.ts';

/** The action on an account of each type. */
function ofTheType(call: keyof ResourceType['actions']): string {
  return RESOURCE_TYPES.map(({ actions }) => actions[call]).join(' or ');
}

/** An operator grants these with a role. */
const ACTIONS: Readonly<Record<string, string>> = {
  'arm list': ofTheType('list'),
  'arm regenerate': ofTheType('regenerate'),
  'arm getDetails': ofTheType('read'),
  'arm listAccounts': ofTheType('read'),
  'arm getAccount': ofTheType('read'),
  'arm getSubscription': 'Microsoft.Resources/subscriptions/read',
  'arm listPermissions': 'Microsoft.Authorization/permissions/read',
  'arm listSites':
    'Microsoft.Resources/subscriptions/resources/read and Microsoft.Resources/subscriptions/resourceGroups/resources/read',
  'arm getSite': 'Microsoft.Web/sites/read and sites/slots/read',
  'arm listReferences': 'Microsoft.Web/sites/config/read and sites/slots/config/read',
  'arm refreshReferences':
    'Microsoft.Web/sites/config/*/action and sites/slots/config/*/action (assumed: Azure lists no name)',
  'arm restartSite': 'Microsoft.Web/sites/restart/action and sites/slots/restart/action',
  'arm listSettings': 'Microsoft.Web/sites/config/list/action and sites/slots/config/list/action',
  'arm listApiServices': 'Microsoft.ApiManagement/service/read',
  'arm listNamedValues': 'Microsoft.ApiManagement/service/namedValues/read',
  'arm getNamedValue': 'Microsoft.ApiManagement/service/namedValues/read',
  'arm listNamedValue': 'Microsoft.ApiManagement/service/namedValues/listValue/action',
  'arm refreshNamedValue': 'Microsoft.ApiManagement/service/namedValues/refreshSecret/action',
  'arm updateNamedValue': 'Microsoft.ApiManagement/service/namedValues/write',
  'arm listFoundryAccounts': 'Microsoft.CognitiveServices/accounts/read',
  'arm listProjects': 'Microsoft.CognitiveServices/accounts/projects/read',
  'arm listConnections': 'Microsoft.CognitiveServices/accounts/connections/read',
  'arm getConnection': 'Microsoft.CognitiveServices/accounts/connections/read',
  'arm listConnectionSecrets': 'Microsoft.CognitiveServices/accounts/connections/listSecrets/action',
  'arm updateConnection': 'Microsoft.CognitiveServices/accounts/connections/write',
  'arm listProjectConnections': 'Microsoft.CognitiveServices/accounts/projects/connections/read',
  'arm getProjectConnection': 'Microsoft.CognitiveServices/accounts/projects/connections/read',
  'arm listProjectConnectionSecrets': 'Microsoft.CognitiveServices/accounts/projects/connections/listSecrets/action',
  'arm updateProjectConnection': 'Microsoft.CognitiveServices/accounts/projects/connections/write',
  'arm listSearchServices': 'Microsoft.Search/searchServices/read',
  'arm getSearchService': 'Microsoft.Search/searchServices/read',
  'dataPlane listSkillsets': 'Microsoft.Search/searchServices/skillsets/read',
  'dataPlane getSkillset': 'Microsoft.Search/searchServices/skillsets/read',
  'dataPlane listIndexes': 'Microsoft.Search/searchServices/indexes/read',
  'dataPlane getIndex': 'Microsoft.Search/searchServices/indexes/read',
  'keyVault readNewest': 'Microsoft.KeyVault/vaults/secrets/getSecret/action',
  'keyVault readVersion': 'Microsoft.KeyVault/vaults/secrets/getSecret/action and secrets/readMetadata/action',
  'keyVault listSecrets': 'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
  'keyVault publish': 'Microsoft.KeyVault/vaults/secrets/setSecret/action',
  'keyVault disable': 'Microsoft.KeyVault/vaults/secrets/update/action',
  'appConfiguration read': 'Microsoft.AppConfiguration/configurationStores/keyValues/read',
  'appConfiguration readConfiguration': 'Microsoft.AppConfiguration/configurationStores/keyValues/read',
  'appConfiguration writeReference': 'Microsoft.AppConfiguration/configurationStores/keyValues/write',
  'appConfiguration writeFlag': 'Microsoft.AppConfiguration/configurationStores/keyValues/write',
  'appConfiguration readFreeze': 'Microsoft.AppConfiguration/configurationStores/keyValues/read',
  'appConfiguration writeFreeze': 'Microsoft.AppConfiguration/configurationStores/keyValues/write',
};

/** The same for a vault without Azure roles: permissions of an access policy. An update needs Set. */
const POLICY_PERMISSIONS: Readonly<Record<string, string>> = {
  readNewest: 'Get',
  readVersion: 'Get and List',
  listSecrets: 'List',
  publish: 'Set',
  disable: 'Set',
};

/** What is missing when the identity is not allowed to make the call. */
export interface Needed {
  readonly permission: string;
  /** In an access policy of Key Vault. */
  readonly policyPermission: string;
}

export function neededFor(service: ServiceName, operation: string): Needed {
  return {
    permission:
      service === 'table'
        ? 'the role Storage Table Data Contributor'
        : (ACTIONS[`${service} ${operation}`] ?? 'the permission for this call'),
    policyPermission: POLICY_PERMISSIONS[operation] ?? 'Get, List and Set',
  };
}

// The permission that each operation needs, by the operation's name in the request log. Operations without one are
// absent. It must not judge: `AccessControl` does.
import type { Permission } from '../identity/access.ts';

const ACCOUNTS = 'Microsoft.CognitiveServices/accounts';
const API_SERVICES = 'Microsoft.ApiManagement/service';
const GROUPS = 'Microsoft.Resources/subscriptions/resourceGroups';
const SITES = 'Microsoft.Web/sites';
const SEARCH_SERVICES = 'Microsoft.Search/searchServices';
const VAULTS = 'Microsoft.KeyVault/vaults';
const SECRETS = `${VAULTS}/secrets`;
const KEY_VALUES = 'Microsoft.AppConfiguration/configurationStores/keyValues';
const CONTAINERS = 'Microsoft.Storage/storageAccounts/blobServices/containers';
const QUEUES = 'Microsoft.Storage/storageAccounts/queueServices/queues';
const TABLES = 'Microsoft.Storage/storageAccounts/tableServices/tables';

const control = (name: string): Permission => ({ name, isData: false });
const data = (name: string): Permission => ({ name, isData: true });

const PERMISSIONS: Readonly<Record<string, Permission>> = {
  getAccount: control(`${ACCOUNTS}/read`),
  listAccounts: control(`${ACCOUNTS}/read`),
  listKeys: control(`${ACCOUNTS}/listKeys/action`),
  regenerateKey: control(`${ACCOUNTS}/regenerateKey/action`),
  listPermissions: control('Microsoft.Authorization/permissions/read'),
  listHostKeys: control(`${SITES}/host/listkeys/action`),

  putSite: control(`${SITES}/write`),
  putSlot: control(`${SITES}/slots/write`),
  getSite: control(`${SITES}/read`),
  getSlot: control(`${SITES}/slots/read`),
  listReferences: control(`${SITES}/config/read`),
  listSlotReferences: control(`${SITES}/slots/config/read`),
  // Azure's list of operations does not have this one: the name is assumed.
  refreshReferences: control(`${SITES}/config/refresh/action`),
  refreshSlotReferences: control(`${SITES}/slots/config/refresh/action`),
  listSettings: control(`${SITES}/config/list/action`),
  listSlotSettings: control(`${SITES}/slots/config/list/action`),
  restartSite: control(`${SITES}/restart/action`),
  restartSlot: control(`${SITES}/slots/restart/action`),

  putAccount: control(`${ACCOUNTS}/write`),
  updateAccount: control(`${ACCOUNTS}/write`),
  deleteAccount: control(`${ACCOUNTS}/delete`),

  getSubscription: control('Microsoft.Resources/subscriptions/read'),
  putGroup: control(`${GROUPS}/write`),
  getGroup: control(`${GROUPS}/read`),
  deleteGroup: control(`${GROUPS}/delete`),

  putVault: control(`${VAULTS}/write`),
  updateVault: control(`${VAULTS}/write`),
  getVault: control(`${VAULTS}/read`),
  deleteVault: control(`${VAULTS}/delete`),
  setAccessPolicies: control(`${VAULTS}/accessPolicies/write`),
  getDeletedVault: control('Microsoft.KeyVault/locations/deletedVaults/read'),
  purgeVault: control('Microsoft.KeyVault/locations/deletedVaults/purge/action'),

  listApiServices: control(`${API_SERVICES}/read`),
  listNamedValues: control(`${API_SERVICES}/namedValues/read`),
  getNamedValue: control(`${API_SERVICES}/namedValues/read`),
  updateNamedValue: control(`${API_SERVICES}/namedValues/write`),
  listNamedValue: control(`${API_SERVICES}/namedValues/listValue/action`),
  refreshNamedValue: control(`${API_SERVICES}/namedValues/refreshSecret/action`),

  listProjects: control(`${ACCOUNTS}/projects/read`),
  listConnections: control(`${ACCOUNTS}/connections/read`),
  getConnection: control(`${ACCOUNTS}/connections/read`),
  updateConnection: control(`${ACCOUNTS}/connections/write`),
  listConnectionSecrets: control(`${ACCOUNTS}/connections/listSecrets/action`),
  listProjectConnections: control(`${ACCOUNTS}/projects/connections/read`),
  getProjectConnection: control(`${ACCOUNTS}/projects/connections/read`),
  updateProjectConnection: control(`${ACCOUNTS}/projects/connections/write`),
  listProjectConnectionSecrets: control(`${ACCOUNTS}/projects/connections/listSecrets/action`),

  listSearchServices: control(`${SEARCH_SERVICES}/read`),
  getSearchService: control(`${SEARCH_SERVICES}/read`),
  putSearchService: control(`${SEARCH_SERVICES}/write`),
  updateSearchService: control(`${SEARCH_SERVICES}/write`),
  deleteSearchService: control(`${SEARCH_SERVICES}/delete`),
  listAdminKeys: control(`${SEARCH_SERVICES}/listAdminKeys/action`),
  regenerateAdminKey: control(`${SEARCH_SERVICES}/regenerateAdminKey/action`),
  listSkillsets: control(`${SEARCH_SERVICES}/skillsets/read`),
  getSkillset: control(`${SEARCH_SERVICES}/skillsets/read`),
  listIndexes: control(`${SEARCH_SERVICES}/indexes/read`),
  getIndex: control(`${SEARCH_SERVICES}/indexes/read`),

  listRoleDefinitions: control('Microsoft.Authorization/roleDefinitions/read'),
  listRoleAssignments: control('Microsoft.Authorization/roleAssignments/read'),
  putRoleAssignment: control('Microsoft.Authorization/roleAssignments/write'),
  deleteRoleAssignment: control('Microsoft.Authorization/roleAssignments/delete'),

  getSecret: data(`${SECRETS}/getSecret/action`),
  getSecretVersion: data(`${SECRETS}/getSecret/action`),
  setSecret: data(`${SECRETS}/setSecret/action`),
  updateSecret: data(`${SECRETS}/update/action`),
  listSecrets: data(`${SECRETS}/readMetadata/action`),
  listSecretVersions: data(`${SECRETS}/readMetadata/action`),
  getDeletedSecret: data(`${SECRETS}/readMetadata/action`),
  listDeletedSecrets: data(`${SECRETS}/readMetadata/action`),
  deleteSecret: data(`${SECRETS}/delete`),
  recoverDeletedSecret: data(`${SECRETS}/recover/action`),
  purgeDeletedSecret: data(`${SECRETS}/purge/action`),

  getKeyValue: data(`${KEY_VALUES}/read`),
  listKeyValues: data(`${KEY_VALUES}/read`),
  listRevisions: data(`${KEY_VALUES}/read`),
  listKeyNames: data(`${KEY_VALUES}/read`),
  listLabels: data(`${KEY_VALUES}/read`),
  setKeyValue: data(`${KEY_VALUES}/write`),
  lockKeyValue: data(`${KEY_VALUES}/write`),
  unlockKeyValue: data(`${KEY_VALUES}/write`),
  deleteKeyValue: data(`${KEY_VALUES}/delete`),

  queryTables: control(`${TABLES}/read`),
  createTable: control(`${TABLES}/write`),
  deleteTable: control(`${TABLES}/delete`),
  getEntity: data(`${TABLES}/entities/read`),
  queryEntities: data(`${TABLES}/entities/read`),
  insertEntity: data(`${TABLES}/entities/write`),
  updateEntity: data(`${TABLES}/entities/write`),
  upsertEntity: data(`${TABLES}/entities/write`),
  transaction: data(`${TABLES}/entities/write`),
  deleteEntity: data(`${TABLES}/entities/delete`),

  createContainer: control(`${CONTAINERS}/write`),
  putBlob: data(`${CONTAINERS}/blobs/write`),
  leaseBlob: data(`${CONTAINERS}/blobs/write`),

  readQueue: control(`${QUEUES}/read`),
  createQueue: control(`${QUEUES}/write`),
  deleteQueue: control(`${QUEUES}/delete`),
  readMessages: data(`${QUEUES}/messages/process/action`),
  writeMessage: data(`${QUEUES}/messages/write`),
  deleteMessage: data(`${QUEUES}/messages/delete`),
};

export function permissionFor(operation: string): Permission | undefined {
  return PERMISSIONS[operation];
}

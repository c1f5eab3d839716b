// The permission that each operation needs, by the operation's name in the request log. Operations without one are
// absent. It must not judge: `AccessControl` does.
import type { Permission } from '../identity/access.ts';

const ACCOUNTS = 'Microsoft.CognitiveServices/accounts';
const GROUPS = 'Microsoft.Resources/subscriptions/resourceGroups';
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
  listHostKeys: control('Microsoft.Web/sites/host/listkeys/action'),

  putAccount: control(`${ACCOUNTS}/write`),
  updateAccount: control(`${ACCOUNTS}/write`),
  deleteAccount: control(`${ACCOUNTS}/delete`),

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

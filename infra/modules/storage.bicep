// The storage of the Functions host and of the records: reached with the identity alone, shared keys are off.

param name string
param location string
param tags object

@description('Object id of the identity of the service.')
param principalId string

param redundancy 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS'

@description('Key of the user that encrypts everything, and the identity that may use it; both empty: keys of Azure.')
param encryption { keyUri: string, identityId: string }

@description('Where the log of who read and wrote records goes.')
param workspaceId string

param publicNetworkAccess 'Enabled' | 'Disabled'

// Records are in a table. Tables and queues use the key only if the storage was made so.
var keyParts = split(encryption.keyUri, '/')
var encryptedByUser = {
  keySource: 'Microsoft.Keyvault'
  keyvaultproperties: { keyvaulturi: join(take(keyParts, 3), '/'), keyname: last(keyParts) }
  identity: { userAssignedIdentity: encryption.identityId }
  services: toObject(['blob', 'queue', 'table'], service => service, service => { enabled: true, keyType: 'Account' })
}

var packageContainer = 'app-package'

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: redundancy }
  identity: empty(encryption.keyUri) ? null : { type: 'UserAssigned', userAssignedIdentities: { '${encryption.identityId}': {} } }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    encryption: empty(encryption.keyUri) ? null : encryptedByUser
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: publicNetworkAccess
    supportsHttpsTrafficOnly: true
    networkAcls: {
      bypass: 'None'
      defaultAction: publicNetworkAccess == 'Enabled' ? 'Allow' : 'Deny'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource package 'containers' = {
      name: packageContainer
    }
  }
}

// The queue that the service fills and empties, and the one for messages that were given up. Without the first, an idle host
// logs a warning every five seconds. Names are held against the code by a test.
resource queues 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' = {
  parent: account
  name: 'default'

  resource work 'queues' = [
    for name in ['key-rotation-reconcile', 'key-rotation-reconcile-poison']: { name: name }
  ]
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2024-01-01' = {
  parent: account
  name: 'default'
}

// A writer of the table can make the service forget a rotation.
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: tables
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [for category in ['StorageRead', 'StorageWrite', 'StorageDelete']: { category: category, enabled: true }]
  }
}

// The host keeps its leases and the app its package in blobs, the host its queue for internal work, the app its records
// in a table that it makes itself.
var roles = {
  'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  'Storage Table Data Contributor': '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(roles): {
    scope: account
    name: guid(account.id, principalId, role.value)
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]

output id string = account.id
output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
output queueEndpoint string = account.properties.primaryEndpoints.queue
output tableEndpoint string = account.properties.primaryEndpoints.table
output packageContainerUrl string = '${account.properties.primaryEndpoints.blob}${packageContainer}'

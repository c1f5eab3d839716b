// The store with accounts, policies, references and flags: access keys are off, roles decide.

param name string
param location string
param tags object

@description('Key of the user that encrypts everything, and the identity that may use it; both empty: keys of Azure.')
param encryption { keyUri: string, identityId: string }

@description('Where the log of who read and wrote key-values goes.')
param workspaceId string

param publicNetworkAccess 'Enabled' | 'Disabled'

@description('Object id of who edits accounts and policies; empty: nobody is named here.')
param operatorPrincipalId string

param operatorPrincipalType 'User' | 'Group' | 'ServicePrincipal'

resource keyIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = if (!empty(encryption.identityId)) {
  name: last(split(encryption.identityId, '/'))
  scope: resourceGroup(split(encryption.identityId, '/')[2], split(encryption.identityId, '/')[4])
}

resource store 'Microsoft.AppConfiguration/configurationStores@2024-05-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'standard' }
  identity: empty(encryption.keyUri) ? null : { type: 'UserAssigned', userAssignedIdentities: { '${encryption.identityId}': {} } }
  properties: {
    disableLocalAuth: true
    encryption: empty(encryption.keyUri) ? null : {
      keyVaultProperties: { keyIdentifier: encryption.keyUri, identityClientId: keyIdentity!.properties.clientId }
    }
    publicNetworkAccess: publicNetworkAccess
    softDeleteRetentionInDays: 7
    dataPlaneProxy: { authenticationMode: 'Pass-through', privateLinkDelegation: 'Disabled' }
  }
}

// A writer of the store decides which accounts are rotated, and how.
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: store
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [for category in ['Audit', 'HttpRequest']: { category: category, enabled: true }]
  }
}

// App Configuration Data Owner, for people. The service itself has the narrower role of store-role.bicep.
var ownerRole = '5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b'

resource operator 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorPrincipalId)) {
  scope: store
  name: guid(store.id, operatorPrincipalId, ownerRole)
  properties: {
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ownerRole)
  }
}

output id string = store.id
output name string = store.name

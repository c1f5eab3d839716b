// Lets the service find accounts by their tag in the subscription of this deployment: it may read accounts there and the
// name of the subscription, and nothing else. It must not grant keys: account-access.bicep and group-access.bicep do, as narrowly as wished.
targetScope = 'subscription'

@description('Tells the installations of one subscription apart.')
param installation string

@description('Object id of the identity of the service.')
param principalId string

@description('Custom role of yours (a GUID); empty: one is defined.')
param roleId string

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (empty(roleId)) {
  name: guid(subscription().id, installation, 'account search')
  properties: {
    // Role names are unique in a tenant.
    roleName: 'AI services key rotation: account search (${uniqueString(subscription().id, installation)})'
    description: 'Reads Azure AI services accounts and Azure AI Search services, to find those with the tag of the key rotation.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.CognitiveServices/accounts/read'
          'Microsoft.Resources/subscriptions/read'
          'Microsoft.Search/searchServices/read'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

var roleDefinitionId = empty(roleId) ? role.id : subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, roleDefinitionId)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleDefinitionId
  }
}

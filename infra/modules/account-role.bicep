// The role that lets the service renew the keys of accounts: three actions for each type of account,
// and no data action.
// It must not be assigned here: account-access.bicep and group-access.bicep do, as narrowly as wished.
targetScope = 'subscription'

@description('Tells the installations of one subscription apart.')
param installation string

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, installation, 'account keys')
  properties: {
    // Role names are unique in a tenant.
    roleName: 'AI services key rotation: account keys (${uniqueString(subscription().id, installation)})'
    description: 'Reads an Azure AI services account or an Azure AI Search service, lists its two keys and regenerates them.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.CognitiveServices/accounts/read'
          'Microsoft.CognitiveServices/accounts/listKeys/action'
          'Microsoft.CognitiveServices/accounts/regenerateKey/action'
          'Microsoft.Search/searchServices/read'
          'Microsoft.Search/searchServices/listAdminKeys/action'
          'Microsoft.Search/searchServices/regenerateAdminKey/action'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

output roleDefinitionId string = role.id

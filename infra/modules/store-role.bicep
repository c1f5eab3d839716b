// The role that lets the service read its configuration and announce published versions: no delete, no lock, no snapshot.
// It must not be assigned here: store-access.bicep does, on one store.
targetScope = 'subscription'

@description('Tells the installations of one subscription apart.')
param installation string

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, installation, 'key-values')
  properties: {
    roleName: 'AI services key rotation: key-values (${uniqueString(subscription().id, installation)})'
    description: 'Reads and writes key-values of an App Configuration store.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: [
          'Microsoft.AppConfiguration/configurationStores/keyValues/read'
          'Microsoft.AppConfiguration/configurationStores/keyValues/write'
        ]
        notDataActions: []
      }
    ]
  }
}

output roleDefinitionId string = role.id

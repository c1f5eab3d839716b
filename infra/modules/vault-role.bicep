// The role that lets the service publish secrets: no delete, no purge, no backup, no recovery.
// It must not be assigned here: vault-access.bicep does, on one vault.
targetScope = 'subscription'

@description('Tells the installations of one subscription apart.')
param installation string

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, installation, 'secrets')
  properties: {
    roleName: 'AI services key rotation: secrets (${uniqueString(subscription().id, installation)})'
    description: 'Reads, writes and disables versions of secrets.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: [
          'Microsoft.KeyVault/vaults/secrets/getSecret/action'
          'Microsoft.KeyVault/vaults/secrets/setSecret/action'
          'Microsoft.KeyVault/vaults/secrets/update/action'
          'Microsoft.KeyVault/vaults/secrets/readMetadata/action'
        ]
        notDataActions: []
      }
    ]
  }
}

output roleDefinitionId string = role.id

// Lets the service publish secrets in one vault, new or brought.

@description('Name of the vault, which is in the resource group of this deployment.')
param vaultName string

@description('Object id of the identity of the service.')
param principalId string

@description('Id of the role of vault-role.bicep in this subscription.')
param roleDefinitionId string

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, principalId, roleDefinitionId)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleDefinitionId
  }
}

output id string = vault.id
output location string = vault.location
output url string = vault.properties.vaultUri

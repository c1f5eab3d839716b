// Lets the service renew the keys of one account, wherever the account is.

@description('Name of the account, which is in the resource group of this deployment.')
param accountName string

@description('Object id of the identity of the service.')
param principalId string

@description('Id of the role of account-role.bicep in the subscription of the account.')
param roleDefinitionId string

resource account 'Microsoft.CognitiveServices/accounts@2024-10-01' existing = {
  name: accountName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, principalId, roleDefinitionId)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleDefinitionId
  }
}

// Lets the service use a role on everything in the resource group of this deployment, present and future.

@description('Object id of the identity of the service.')
param principalId string

@description('Id of the role in this subscription.')
param roleDefinitionId string

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, roleDefinitionId)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleDefinitionId
  }
}

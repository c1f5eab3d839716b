// Lets the service renew the admin keys of one Azure AI Search service, wherever the service is.

@description('Name of the search service, which is in the resource group of this deployment.')
param searchServiceName string

@description('Object id of the identity of the service.')
param principalId string

@description('Id of the role of account-role.bicep in the subscription of the search service.')
param roleDefinitionId string

resource searchService 'Microsoft.Search/searchServices@2025-05-01' existing = {
  name: searchServiceName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: searchService
  name: guid(searchService.id, principalId, roleDefinitionId)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleDefinitionId
  }
}

// Lets the service read its configuration and announce in one store, new or brought.

@description('Name of the store, which is in the resource group of this deployment.')
param storeName string

@description('Object id of the identity of the service.')
param principalId string

@description('Id of the role of store-role.bicep in this subscription.')
param roleDefinitionId string

resource store 'Microsoft.AppConfiguration/configurationStores@2024-05-01' existing = {
  name: storeName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: store
  name: guid(store.id, principalId, roleDefinitionId)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleDefinitionId
  }
}

output id string = store.id
output endpoint string = store.properties.endpoint

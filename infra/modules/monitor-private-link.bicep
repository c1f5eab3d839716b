// Lets telemetry into the workspace through the private network alone; private-endpoint.bicep gives it an address.

param name string
param tags object
param workspaceId string
param componentId string
param queryAccessMode 'Open' | 'PrivateOnly'

resource scope 'Microsoft.Insights/privateLinkScopes@2021-07-01-preview' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    accessModeSettings: { ingestionAccessMode: 'PrivateOnly', queryAccessMode: queryAccessMode }
  }

  resource workspace 'scopedResources' = {
    name: 'workspace'
    properties: { linkedResourceId: workspaceId }
  }

  resource component 'scopedResources' = {
    name: 'component'
    properties: { linkedResourceId: componentId }
  }
}

output id string = scope.id

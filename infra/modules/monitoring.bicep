// Where the log lines of the service go. Nobody sends to it without a token of Microsoft Entra.

param workspaceName string

@description('ARM id of a workspace that exists; empty: one is made.')
param givenWorkspaceId string

param componentName string
param location string
param tags object

@description('Object id of the identity of the service, which may send telemetry and nothing else.')
param principalId string

@description('How long log lines are kept.')
@minValue(30)
@maxValue(730)
param retentionInDays int

@description('Who may send: everybody with a token, or only through the private link.')
param publicIngestion 'Enabled' | 'Disabled'

@description('Who may ask: everybody with a token, or only through the private link.')
param publicQuery 'Enabled' | 'Disabled'

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = if (empty(givenWorkspaceId)) {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionInDays
    features: { disableLocalAuth: true }
    publicNetworkAccessForIngestion: publicIngestion
    publicNetworkAccessForQuery: publicQuery
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: empty(givenWorkspaceId) ? workspace.id : givenWorkspaceId
    DisableLocalAuth: true
    publicNetworkAccessForIngestion: publicIngestion
    publicNetworkAccessForQuery: publicQuery
  }
}

// Monitoring Metrics Publisher.
var publisherRole = '3913510d-42f4-4e42-8a64-420c390055eb'

resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: component
  name: guid(component.id, principalId, publisherRole)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', publisherRole)
  }
}

output workspaceId string = empty(givenWorkspaceId) ? workspace.id : givenWorkspaceId
output componentId string = component.id
output connectionString string = component.properties.ConnectionString

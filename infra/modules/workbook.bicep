// The fleet at a glance: key ages, phases and history, from the same log lines as the alerts. The pages are in workbook.json.

param location string
param tags object
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'key rotation')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'AI services key rotation'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: replace(loadTextContent('workbook.json'), '{{workspaceId}}', workspaceId)
  }
}

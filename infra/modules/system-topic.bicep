// Where events of one source come from. Azure keeps one system topic for each source: main.bicep makes none if it is given one.

param name string
param location string
param tags object

@description('ARM id of the vault or the resource group whose events are wanted.')
param source string

param topicType 'Microsoft.KeyVault.vaults' | 'Microsoft.Resources.ResourceGroups'

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  properties: { source: source, topicType: topicType }
}

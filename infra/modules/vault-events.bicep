// Tells the service about versions of secrets: created, near expiry, expired. Events are hints: the timer finds all of it too.
// The function has to be deployed first, because Event Grid asks it whether it wants them.

@description('Name of the vault, which is in the resource group of this deployment.')
param vaultName string

param location string
param tags object

@description('Id of the Function App.')
param functionAppId string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'key-rotation-${vaultName}'
  location: location
  tags: tags
  properties: {
    source: vault.id
    topicType: 'Microsoft.KeyVault.vaults'
  }

  resource subscription 'eventSubscriptions' = {
    name: 'on-secret-event-${uniqueString(functionAppId)}'
    properties: {
      destination: {
        endpointType: 'AzureFunction'
        properties: {
          resourceId: '${functionAppId}/functions/on-secret-event'
          maxEventsPerBatch: 1
        }
      }
      eventDeliverySchema: 'EventGridSchema'
      filter: {
        includedEventTypes: [
          'Microsoft.KeyVault.SecretNewVersionCreated'
          'Microsoft.KeyVault.SecretNearExpiry'
          'Microsoft.KeyVault.SecretExpired'
        ]
      }
      retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    }
  }
}

// Tells the service about versions of secrets: created, near expiry, expired. Events are hints: the timer finds all of it too.
// The function has to be deployed first, because Event Grid asks it whether it wants them.

@description('Name of the system topic of the vault, which is in the resource group of this deployment.')
param topicName string

@description('Id of the Function App.')
param functionAppId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName

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

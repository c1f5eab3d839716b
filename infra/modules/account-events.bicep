// Tells the service that somebody regenerated a key in the resource group that a system topic has as its source. Events are hints: the
// timer finds it too. The function has to be deployed first. The filter matters: listKeys raises such events as well.

@description('Name of the system topic, which is in the resource group of this deployment.')
param topicName string

@description('Id of the Function App.')
param functionAppId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName

  resource subscription 'eventSubscriptions' = {
    name: 'on-key-regenerated-${uniqueString(functionAppId)}'
    properties: {
      destination: {
        endpointType: 'AzureFunction'
        properties: {
          resourceId: '${functionAppId}/functions/on-key-regenerated'
          maxEventsPerBatch: 1
        }
      }
      eventDeliverySchema: 'EventGridSchema'
      filter: {
        includedEventTypes: ['Microsoft.Resources.ResourceActionSuccess']
        advancedFilters: [
          {
            operatorType: 'StringIn'
            key: 'data.operationName'
            values: ['Microsoft.CognitiveServices/accounts/regenerateKey/action']
          }
        ]
      }
      retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    }
  }
}

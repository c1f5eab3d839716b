// Tells the service that somebody regenerated a key in the resource group of this deployment. Events are hints: the
// timer finds it too. The function has to be deployed first. The filter matters: listKeys raises such events as well.

param tags object

@description('Id of the Function App.')
param functionAppId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'key-rotation-${uniqueString(resourceGroup().id)}'
  location: 'global'
  tags: tags
  properties: {
    source: resourceGroup().id
    topicType: 'Microsoft.Resources.ResourceGroups'
  }

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

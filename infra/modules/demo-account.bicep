// An account to try the service on. Key authentication stays on: its keys are the subject.

param name string
param location string
param tags object
param publicNetworkAccess 'Enabled' | 'Disabled'

resource account 'Microsoft.CognitiveServices/accounts@2024-10-01' = {
  name: name
  location: location
  tags: tags
  // Checking a key of this kind costs nothing.
  kind: 'SpeechServices'
  sku: { name: 'S0' }
  properties: {
    customSubDomainName: name
    disableLocalAuth: false
    publicNetworkAccess: publicNetworkAccess
    networkAcls: { defaultAction: publicNetworkAccess == 'Enabled' ? 'Allow' : 'Deny' }
  }
}

output id string = account.id

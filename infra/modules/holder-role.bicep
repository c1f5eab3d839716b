// The role that lets the service look into one kind of holders, and bring them to a new key: one role for each kind.
// Azure refuses a role with an action that is not in its list of operations, and with it the deployment. So an action
// whose name is assumed is given by a wildcard, and what else the wildcard would give is taken away.
// It must not be assigned here: group-access.bicep and subscription-access.bicep do, as narrowly as wished.
targetScope = 'subscription'

@description('Tells the installations of one subscription apart.')
param installation string

@description('A kind of holders, as in src/holders/model.ts.')
param kind string

var roles = {
  appServiceReference: {
    words: 'app references'
    description: 'Finds Key Vault references of App Service, has them fetched again and restarts the application.'
    actions: [
      'Microsoft.Resources/subscriptions/resources/read'
      'Microsoft.Resources/subscriptions/resourceGroups/resources/read'
      'Microsoft.Web/sites/read'
      'Microsoft.Web/sites/slots/read'
      'Microsoft.Web/sites/config/read'
      'Microsoft.Web/sites/slots/config/read'
      'Microsoft.Web/sites/config/appsettings/read'
      'Microsoft.Web/sites/slots/config/appsettings/read'
      'Microsoft.Web/sites/restart/action'
      'Microsoft.Web/sites/slots/restart/action'
      // The refresh of references is one of them. No list has its name.
      'Microsoft.Web/sites/config/*/action'
      'Microsoft.Web/sites/slots/config/*/action'
    ]
    notActions: [
      'Microsoft.Web/sites/config/list/action'
      'Microsoft.Web/sites/config/snapshots/listsecrets/action'
      'Microsoft.Web/sites/slots/config/list/action'
      'Microsoft.Web/sites/slots/config/snapshots/listsecrets/action'
      'Microsoft.Web/sites/slots/config/validateupgradepath/action'
    ]
  }
  appServiceSetting: {
    words: 'app settings'
    description: 'Reads the settings of App Service sites, to find copies of a key.'
    actions: [
      'Microsoft.Resources/subscriptions/resources/read'
      'Microsoft.Resources/subscriptions/resourceGroups/resources/read'
      'Microsoft.Web/sites/read'
      'Microsoft.Web/sites/slots/read'
      'Microsoft.Web/sites/config/list/action'
      'Microsoft.Web/sites/slots/config/list/action'
    ]
    notActions: []
  }
  namedValue: {
    words: 'named values'
    description: 'Reads named values of API Management, has their secrets fetched again and writes new keys.'
    actions: [
      'Microsoft.ApiManagement/service/read'
      'Microsoft.ApiManagement/service/namedValues/read'
      'Microsoft.ApiManagement/service/namedValues/listValue/action'
      'Microsoft.ApiManagement/service/namedValues/refreshSecret/action'
      'Microsoft.ApiManagement/service/namedValues/write'
    ]
    notActions: []
  }
  foundryConnection: {
    words: 'foundry connections'
    description: 'Reads connections of Azure AI Foundry with their keys, and writes new keys.'
    actions: [
      'Microsoft.CognitiveServices/accounts/read'
      'Microsoft.CognitiveServices/accounts/projects/read'
      // To read, to write, and to list secrets, whose name no list has.
      'Microsoft.CognitiveServices/accounts/connections/*'
      'Microsoft.CognitiveServices/accounts/projects/connections/*'
    ]
    notActions: [
      // Any known action that it covers makes it valid, and it covers those of connections as well.
      'Microsoft.CognitiveServices/accounts/*/delete'
    ]
  }
  searchKey: {
    words: 'search keys'
    description: 'Reads skillsets and indexes of Azure AI Search, without documents, to find copies of a key.'
    actions: [
      'Microsoft.Search/searchServices/read'
      'Microsoft.Search/searchServices/skillsets/read'
      'Microsoft.Search/searchServices/indexes/read'
    ]
    notActions: []
  }
}

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, installation, 'holders', kind)
  properties: {
    // Role names are unique in a tenant.
    roleName: 'AI services key rotation: ${roles[kind].words} (${uniqueString(subscription().id, installation)})'
    description: roles[kind].description
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: roles[kind].actions
        notActions: roles[kind].notActions
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

output roleDefinitionId string = role.id

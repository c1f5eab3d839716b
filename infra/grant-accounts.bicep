// Lets the service renew the keys of accounts in any resource group and subscription of the tenant. Part of main.bicep,
// and deployable by itself when accounts are added later. It must not touch the accounts.
targetScope = 'subscription'

@description('Tells the installations of one subscription apart; the same as for main.bicep, which calls it environmentName.')
param installation string

@description('Object id of the identity of the service: the output IDENTITY_PRINCIPAL_ID of main.bicep.')
param principalId string

@description('ARM ids of accounts: of Azure AI services, and of Azure AI Search.')
param accounts string[] = []

@description('ARM ids of resource groups of which every account, present and future, may be renewed.')
param accountResourceGroups string[] = []

@description('Ids of subscriptions that are searched for tagged accounts. Finding one does not grant its keys: the two lists above do.')
param discoverySubscriptions string[] = []

@description('Custom role of yours (a GUID) with the permissions of modules/account-role.bicep; empty: one is defined.')
param accountRoleId string = ''

@description('As accountRoleId, with the permissions of modules/account-search.bicep.')
param searchRoleId string = ''

var searchServices = filter(accounts, id => contains(toLower(id), '/providers/microsoft.search/searchservices/'))
var aiAccounts = filter(accounts, id => !contains(searchServices, id))
var scopes = map(concat(accounts, accountResourceGroups), id => toLower(id))

// Azure keeps the name of a deployment at subscription scope for ever, with its location. So the names carry the location of
// the deployment itself, and the installation.
#disable-next-line no-loc-expr-outside-params
var place = toLower('${installation}/${deployment().location}')
var subscriptions = union([], map(scopes, id => split(id, '/')[2]))

module roles 'modules/account-role.bicep' = [
  for id in subscriptions: if (empty(accountRoleId)) {
    name: 'key-rotation-account-role-${uniqueString(id, place)}'
    scope: subscription(id)
    params: { installation: installation }
  }
]

module searches 'modules/account-search.bicep' = [
  for id in discoverySubscriptions: {
    name: 'key-rotation-account-search-${uniqueString(toLower(id), place)}'
    scope: subscription(id)
    params: {
      installation: installation
      principalId: principalId
      roleId: searchRoleId
    }
  }
]

module accountAccess 'modules/account-access.bicep' = [
  for id in aiAccounts: {
    name: 'key-rotation-account-${uniqueString(toLower(id), place)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      accountName: last(split(id, '/'))
      principalId: principalId
      roleDefinitionId: roles[indexOf(subscriptions, toLower(split(id, '/')[2]))].?outputs.roleDefinitionId ?? '/subscriptions/${split(id, '/')[2]}/providers/Microsoft.Authorization/roleDefinitions/${accountRoleId}'
    }
  }
]

module searchAccess 'modules/search-access.bicep' = [
  for id in searchServices: {
    name: 'key-rotation-search-service-${uniqueString(toLower(id), place)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      searchServiceName: last(split(id, '/'))
      principalId: principalId
      roleDefinitionId: roles[indexOf(subscriptions, toLower(split(id, '/')[2]))].?outputs.roleDefinitionId ?? '/subscriptions/${split(id, '/')[2]}/providers/Microsoft.Authorization/roleDefinitions/${accountRoleId}'
    }
  }
]

module groupAccess 'modules/group-access.bicep' = [
  for id in accountResourceGroups: {
    name: 'key-rotation-group-${uniqueString(toLower(id), place)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      principalId: principalId
      roleDefinitionId: roles[indexOf(subscriptions, toLower(split(id, '/')[2]))].?outputs.roleDefinitionId ?? '/subscriptions/${split(id, '/')[2]}/providers/Microsoft.Authorization/roleDefinitions/${accountRoleId}'
    }
  }
]

// Lets the service look into resources that hold a key, and bring them to a new one: per kind a role, in each subscription
// or resource group that is named. Part of main.bicep, which also tells the app. It must not touch the resources.
targetScope = 'subscription'

@description('Tells the installations of one subscription apart; the same as for main.bicep, which calls it environmentName.')
param installation string

@description('Object id of the identity of the service: the output IDENTITY_PRINCIPAL_ID of main.bicep.')
param principalId string

@description('Where holders are looked for: <kind>=<ARM id of a subscription or resource group>, separated by commas.')
param holders string

@description('Custom roles of yours with the permissions of modules/holder-role.bicep: <kind>=<GUID>, separated by commas.')
param holderRoleIds string = ''

var kinds = ['appServiceReference', 'appServiceSetting', 'namedValue', 'foundryConnection', 'searchKey']
var given = filter(split(replace(holders, ' ', ''), ','), pair => !empty(pair))
var isRight = empty(filter(given, pair => !contains(kinds, split(pair, '=')[0]) || length(split(pair, '=')) != 2 || !startsWith(toLower(last(split(pair, '='))), '/subscriptions/') || !contains([3, 5], length(split(pair, '/')))))
// Compared in lower case, because one group may be written in two ways.
var pairs = union(
  [],
  isRight ? map(given, pair => '${split(pair, '=')[0]}=${toLower(last(split(pair, '=')))}') : fail('holders takes <kind>=<ARM id of a subscription or resource group>, separated by commas, with the kinds ${join(kinds, ', ')}.')
)
var inSubscriptions = filter(pairs, pair => length(split(pair, '/')) == 3)
var inGroups = filter(pairs, pair => length(split(pair, '/')) == 5)
// One role for each kind in each subscription.
var roleKeys = union([], map(pairs, pair => join(take(split(pair, '/'), 3), '/')))
var givenRoles = toObject(
  filter(split(replace(holderRoleIds, ' ', ''), ','), pair => contains(pair, '=')),
  pair => split(pair, '=')[0],
  pair => split(pair, '=')[1]
)

// As in grant-accounts.bicep: Azure keeps the name of a deployment at subscription scope for ever, with its location.
#disable-next-line no-loc-expr-outside-params
var place = toLower('${installation}/${deployment().location}')

module roles 'modules/holder-role.bicep' = [
  for key in roleKeys: if (!contains(givenRoles, split(key, '=')[0])) {
    name: 'key-rotation-holder-role-${uniqueString(key, place)}'
    scope: subscription(split(key, '/')[2])
    params: { installation: installation, kind: split(key, '=')[0] }
  }
]

module subscriptionAccess 'modules/subscription-access.bicep' = [
  for pair in inSubscriptions: {
    name: 'key-rotation-holders-${uniqueString(pair, place)}'
    scope: subscription(split(pair, '/')[2])
    params: {
      principalId: principalId
      roleDefinitionId: roles[indexOf(roleKeys, pair)].?outputs.roleDefinitionId ?? '/subscriptions/${split(pair, '/')[2]}/providers/Microsoft.Authorization/roleDefinitions/${givenRoles[split(pair, '=')[0]]}'
    }
  }
]

module groupAccess 'modules/group-access.bicep' = [
  for pair in inGroups: {
    name: 'key-rotation-holders-${uniqueString(pair, place)}'
    scope: resourceGroup(split(pair, '/')[2], split(pair, '/')[4])
    params: {
      principalId: principalId
      roleDefinitionId: roles[indexOf(roleKeys, join(take(split(pair, '/'), 3), '/'))].?outputs.roleDefinitionId ?? '/subscriptions/${split(pair, '/')[2]}/providers/Microsoft.Authorization/roleDefinitions/${givenRoles[split(pair, '=')[0]]}'
    }
  }
]

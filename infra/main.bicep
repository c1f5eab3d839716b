// A whole installation: the Function App, what it needs, and no more rights than its calls use. One resource group, except
// for access to what is brought: vault, store and accounts may be anywhere in the tenant. No module from a registry.
targetScope = 'subscription'

@description('Name of the installation; resources are named after it.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Region of everything that has one.')
param location string

@description('Resource group of the installation; empty: rg-<environmentName>. If it exists, it is in `location`, and gets the tags.')
param resourceGroupName string = ''

@description('Names of yours for single resources: <kind>=<name>, separated by commas; kinds: see docs/deployment-variables.md.')
param resourceNames string = ''

@description('ARM ids of the accounts whose keys are to be renewed, separated by commas.')
param accounts string = ''

@description('ARM ids of resource groups of which every account may be renewed, separated by commas.')
param accountResourceGroups string = ''

@description('Ids of subscriptions that are searched for tagged accounts, separated by commas; their keys are granted by the two lists above.')
param discoverySubscriptions string = ''

@description('Resources that hold a key, and where they are looked for: <kind>=<ARM id of a subscription or resource group>, separated by commas.')
param holders string = ''

@description('Tags of every resource that is made: <name>=<value>, separated by commas. A value has no comma.')
param resourceTags string = ''

@description('Redundancy of the storage of records and of the package.')
param storageRedundancy 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS' = 'Standard_LRS'

@description('URI of a key of yours, without version, that encrypts storage and store; empty: keys of Azure. For storage that exists it is too late.')
param encryptionKeyUri string = ''

@description('With encryptionKeyUri: ARM id of the user-assigned identity that may use the key.')
param encryptionIdentityId string = ''

@description('Custom role of yours (a GUID) with the permissions of modules/account-role.bicep; empty: one is defined.')
param accountRoleId string = ''

@description('As accountRoleId, with the permissions of modules/account-search.bicep.')
param searchRoleId string = ''

@description('As accountRoleId, with the permissions of modules/vault-role.bicep.')
param vaultRoleId string = ''

@description('As accountRoleId, with the permissions of modules/store-role.bicep.')
param storeRoleId string = ''

@description('As accountRoleId, with the permissions of modules/holder-role.bicep: <kind>=<GUID>, separated by commas.')
param holderRoleIds string = ''

@description('Makes an account to try the service on.')
param demoAccount bool = false

@description('ARM id of a vault of yours; empty: one is made. It must use roles, not access policies.')
param keyVaultId string = ''

@description('ARM id of an App Configuration store of yours; empty: one is made.')
param appConfigurationId string = ''

@description('Takes everything off the public network: virtual network, private endpoints, private names.')
param privateNetworking bool = false

@description('With privateNetworking: /25 or shorter. Half of it is for private endpoints; it limits the number of accounts.')
param networkAddressPrefix string = '10.90.0.0/24'

@description('With privateNetworking: subnet of yours for the app, delegated to Microsoft.App/environments; empty: a network is made.')
param appSubnetId string = ''

@description('With appSubnetId: subnet of yours for private endpoints.')
param endpointSubnetId string = ''

@description('With privateNetworking: none, if your policies or your network team make the private DNS zones.')
param privateDnsZones 'made' | 'none' = 'made'

@description('With privateNetworking: none, if your network has an Azure Monitor Private Link Scope. Networks that share DNS have one.')
param monitorPrivateLink 'made' | 'none' = 'made'

@description('ARM id of a Log Analytics workspace of yours; empty: one is made.')
param logWorkspaceId string = ''

@description('With privateNetworking: lets people with a token ask the log from anywhere.')
param publicLogQueries bool = false

@description('Wires the events; the app has to be deployed first. Not with privateNetworking: the app cannot be reached then.')
param receiveEvents bool = false

@description('False: no events at all, also not from `azd up`. The timer finds the same, later.')
param events bool = true

@description('ARM id of the system topic that your vault has already; empty: one is made. Azure allows one for each source.')
param vaultSystemTopicId string = ''

@description('System topics that resource groups of accounts have already: <ARM id of the group>=<ARM id of the topic>, separated by commas.')
param groupSystemTopics string = ''

@description('NCRONTAB with six fields, seconds first, UTC.')
param schedule string = '0 */5 * * * *'

@description('When subscriptions are searched for tagged accounts: NCRONTAB with six fields, seconds first, UTC.')
param discoverySchedule string = '0 7 * * * *'

@description('API versions that probes try first, for example openAi=2025-04-01-preview; empty: the built-in versions.')
param probeApiVersions string = ''

@description('An installation whose secrets this one takes over, as <storage account>/<table>; empty: none.')
param formerInstallation string = ''

@description('Two intervals of the schedule and some minutes for the log to arrive.')
param silenceWindow 'PT10M' | 'PT15M' | 'PT30M' | 'PT45M' | 'PT1H' | 'PT2H' | 'PT3H' | 'PT6H' | 'P1D' = 'PT15M'

@description('Application (client) id in Microsoft Entra that callers ask tokens for; empty: function keys.')
param entraClientId string = ''

@description('Version of the tokens that the registration issues (api.requestedAccessTokenVersion; none means 1).')
param entraTokenVersion '1' | '2' = '2'

@description('Address of the webhook that takes notifications, or a Key Vault reference to it; empty: nobody is notified.')
@secure()
param notificationUrl string = ''

@description('URI of the secret that signs notifications, in the vault that receives the keys.')
param notificationSecretUri string = ''

@description('Ends the name of the identity of the service. Another one replaces the identity: see the runbook.')
@maxLength(20)
param identitySuffix string = ''

@description('Object id of who edits accounts and policies in a store that is made here; empty: nobody is named.')
param operatorPrincipalId string = ''

param operatorPrincipalType 'User' | 'Group' | 'ServicePrincipal' = 'User'

@description('Where traces, metrics and logs go as well, over OTLP/HTTP, for instance a collector of yours; empty: nowhere.')
param otlpEndpoint string = ''

@description('Who is mailed by alerts; empty: nobody.')
param alertEmail string = ''

@description('Ids of action groups that are told by alerts as well, separated by commas.')
param actionGroupIds string = ''

@description('Where your copy of docs/runbook.md can be read; alerts and the status page link to its headings.')
param runbookUrl string = 'docs/runbook.md'

@description('How long a superseded key may stay accepted before somebody is told.')
@minValue(1)
@maxValue(40)
param supersededAcceptedHours int = 6

@minValue(30)
@maxValue(730)
param logRetentionInDays int = 90

@minValue(7)
@maxValue(90)
param softDeleteRetentionInDays int = 90

param nodeVersion '22' | '24' = '24'

var token = toLower(uniqueString(subscription().id, environmentName, location))
// Ends the names of deployments outside the resource group. Azure keeps a name at subscription scope for ever, with the
// location of the deployment itself.
#disable-next-line no-loc-expr-outside-params
var place = uniqueString(toLower('${environmentName}/${deployment().location}'))
var givenTags = filter(split(resourceTags, ','), pair => !empty(trim(pair)))
var areTagsRight = empty(filter(givenTags, pair => indexOf(trim(pair), '=') < 1))
var tags = union(
  areTagsRight ? toObject(givenTags, pair => trim(split(pair, '=')[0]), pair => trim(join(skip(split(pair, '='), 1), '='))) : fail('resourceTags takes <name>=<value>, separated by commas. A value has no comma.'),
  { 'azd-env-name': environmentName }
)
var groupName = empty(resourceGroupName) ? 'rg-${environmentName}' : resourceGroupName
var givenNames = filter(split(replace(resourceNames, ' ', ''), ','), pair => !empty(pair))
var nameKinds = ['ampls', 'appcs', 'appi', 'demo', 'func', 'id', 'kv', 'log', 'plan', 'st', 'vnet']
var areNamesRight = empty(filter(givenNames, pair => !contains(nameKinds, split(pair, '=')[0]) || length(split(pair, '=')) != 2))
var names = union(
  toObject(nameKinds, kind => kind, kind => kind == 'st' ? 'st${token}' : '${kind}-${token}'),
  areNamesRight ? toObject(givenNames, pair => split(pair, '=')[0], pair => last(split(pair, '='))) : fail('resourceNames takes <kind>=<name>, separated by commas, with the kinds ${join(nameKinds, ', ')}.')
)
var keyParts = split(encryptionKeyUri, '/')
var isKeyWhole = empty(encryptionKeyUri) == empty(encryptionIdentityId)
var isKeyRight = empty(encryptionKeyUri) || length(keyParts) == 5
var encryption = {
  keyUri: isKeyWhole && isKeyRight ? encryptionKeyUri : fail(isKeyWhole ? 'encryptionKeyUri has no version: https://<vault>/keys/<name>.' : 'encryptionKeyUri and encryptionIdentityId belong together: give both, or none.')
  identityId: encryptionIdentityId
}
var publicAccess = privateNetworking ? 'Disabled' : 'Enabled'
var isEventful = events && receiveEvents && !privateNetworking
var hasOwnVault = !empty(keyVaultId)
var hasOwnStore = !empty(appConfigurationId)

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: groupName
  location: location
  tags: tags
}

// ---- What the app needs

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: { name: '${names.id}${identitySuffix}', location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: names.log
    givenWorkspaceId: logWorkspaceId
    componentName: names.appi
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    retentionInDays: logRetentionInDays
    publicIngestion: publicAccess
    publicQuery: privateNetworking && !publicLogQueries ? 'Disabled' : 'Enabled'
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: names.st
    location: location
    tags: tags
    encryption: encryption
    redundancy: storageRedundancy
    workspaceId: monitoring.outputs.workspaceId
    principalId: identity.outputs.principalId
    publicNetworkAccess: publicAccess
  }
}

module newVault 'modules/key-vault.bicep' = if (!hasOwnVault) {
  name: 'key-vault'
  scope: group
  params: {
    name: names.kv
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    publicNetworkAccess: publicAccess
    softDeleteRetentionInDays: softDeleteRetentionInDays
  }
}

module newStore 'modules/app-configuration.bicep' = if (!hasOwnStore) {
  name: 'app-configuration'
  scope: group
  params: {
    name: names.appcs
    location: location
    tags: tags
    encryption: encryption
    workspaceId: monitoring.outputs.workspaceId
    publicNetworkAccess: publicAccess
    operatorPrincipalId: operatorPrincipalId
    operatorPrincipalType: operatorPrincipalType
  }
}

module newAccount 'modules/demo-account.bicep' = if (demoAccount) {
  name: 'demo-account'
  scope: group
  params: { name: names.demo, location: location, tags: tags, publicNetworkAccess: publicAccess }
}

// ---- What its identity may do: three roles, each on the resource alone

var vaultId = hasOwnVault ? keyVaultId : '${subscription().id}/resourceGroups/${groupName}/providers/Microsoft.KeyVault/vaults/${names.kv}'
var storeId = hasOwnStore ? appConfigurationId : '${subscription().id}/resourceGroups/${groupName}/providers/Microsoft.AppConfiguration/configurationStores/${names.appcs}'
var demoAccountId = '${subscription().id}/resourceGroups/${groupName}/providers/Microsoft.CognitiveServices/accounts/${names.demo}'
var accountIds = filter(map(split(accounts, ','), id => trim(id)), id => !empty(id))
var accountGroupIds = filter(map(split(accountResourceGroups, ','), id => trim(id)), id => !empty(id))
var searchedSubscriptions = filter(map(split(discoverySubscriptions, ','), id => trim(id)), id => !empty(id))
var allAccounts = concat(accountIds, demoAccount ? [demoAccountId] : [])

module vaultRole 'modules/vault-role.bicep' = if (empty(vaultRoleId)) {
  name: 'key-rotation-vault-role-${place}'
  scope: subscription(split(vaultId, '/')[2])
  params: { installation: environmentName }
}

module vaultAccess 'modules/vault-access.bicep' = {
  name: 'key-rotation-vault-access-${place}'
  scope: resourceGroup(split(vaultId, '/')[2], split(vaultId, '/')[4])
  params: {
    vaultName: last(split(vaultId, '/'))
    principalId: identity.outputs.principalId
    roleDefinitionId: vaultRole.?outputs.roleDefinitionId ?? '/subscriptions/${split(vaultId, '/')[2]}/providers/Microsoft.Authorization/roleDefinitions/${vaultRoleId}'
  }
  dependsOn: [newVault]
}

module storeRole 'modules/store-role.bicep' = if (empty(storeRoleId)) {
  name: 'key-rotation-store-role-${place}'
  scope: subscription(split(storeId, '/')[2])
  params: { installation: environmentName }
}

module storeAccess 'modules/store-access.bicep' = {
  name: 'key-rotation-store-access-${place}'
  scope: resourceGroup(split(storeId, '/')[2], split(storeId, '/')[4])
  params: {
    storeName: last(split(storeId, '/'))
    principalId: identity.outputs.principalId
    roleDefinitionId: storeRole.?outputs.roleDefinitionId ?? '/subscriptions/${split(storeId, '/')[2]}/providers/Microsoft.Authorization/roleDefinitions/${storeRoleId}'
  }
  dependsOn: [newStore]
}

module accountAccess 'grant-accounts.bicep' = {
  name: 'key-rotation-accounts-${place}'
  params: {
    installation: environmentName
    principalId: identity.outputs.principalId
    accounts: allAccounts
    accountResourceGroups: accountGroupIds
    discoverySubscriptions: searchedSubscriptions
    accountRoleId: accountRoleId
    searchRoleId: searchRoleId
  }
  dependsOn: [newAccount]
}

module holderAccess 'grant-holders.bicep' = if (!empty(holders)) {
  name: 'key-rotation-holders-${place}'
  params: {
    installation: environmentName
    principalId: identity.outputs.principalId
    holders: holders
    holderRoleIds: holderRoleIds
  }
}

// ---- Private networking

// The upper half of the network is for endpoints, its first quarter for the app. Azure keeps five addresses of a subnet. Six are
// for the installation, sixteen for Azure Monitor, and three for each account, because a Foundry account has three names.
var prefixLength = parseCidr(networkAddressPrefix).cidr
var endpointAddresses = reduce(range(0, max(0, 31 - prefixLength)), 1, (size, step) => size * 2)
var accountsMost = (endpointAddresses - 27) / 3
var hasOwnSubnets = !empty(appSubnetId) && !empty(endpointSubnetId)
// Without private networking too: variables are evaluated whether or not they are used.
var hasRoom = !privateNetworking || hasOwnSubnets || prefixLength <= 25 && length(allAccounts) <= accountsMost
var roomyPrefix = hasRoom ? networkAddressPrefix : fail(prefixLength > 25 ? 'networkAddressPrefix ${networkAddressPrefix} is too small: take /25 or a shorter prefix.' : 'networkAddressPrefix ${networkAddressPrefix} has addresses for ${accountsMost} accounts, not for ${length(allAccounts)}: take a shorter prefix.')

module network 'modules/private-network.bicep' = if (privateNetworking) {
  name: 'private-network'
  scope: group
  params: {
    token: token
    networkName: names.vnet
    monitorLinkName: names.ampls
    location: location
    tags: tags
    addressPrefix: empty(appSubnetId) == empty(endpointSubnetId) ? roomyPrefix : fail('appSubnetId and endpointSubnetId belong together: give both, or none.')
    appSubnetId: appSubnetId
    endpointSubnetId: endpointSubnetId
    hasZones: privateDnsZones == 'made'
    hasMonitorLink: monitorPrivateLink == 'made'
    storageId: storage.outputs.id
    vaultId: vaultAccess.outputs.id
    storeId: storeAccess.outputs.id
    accounts: allAccounts
    workspaceId: monitoring.outputs.workspaceId
    componentId: monitoring.outputs.componentId
    publicLogQueries: publicLogQueries
  }
  dependsOn: [newAccount]
}

// ---- The app

module app 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: names.func
    planName: names.plan
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    blobEndpoint: storage.outputs.blobEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    tableEndpoint: storage.outputs.tableEndpoint
    packageContainerUrl: storage.outputs.packageContainerUrl
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    keyVaultUrl: vaultAccess.outputs.url
    appConfigurationEndpoint: storeAccess.outputs.endpoint
    schedule: schedule
    discoverySchedule: discoverySchedule
    entraClientId: entraClientId
    entraTokenVersion: entraTokenVersion
    otlpEndpoint: otlpEndpoint
    probeApiVersions: probeApiVersions
    formerInstallation: formerInstallation
    runbookUrl: runbookUrl
    holders: join(filter(map(split(holders, ','), pair => trim(pair)), pair => !empty(pair)), ',')
    notificationUrl: notificationUrl
    notificationSecretUri: notificationSecretUri
    nodeVersion: nodeVersion
    publicNetworkAccess: publicAccess
    integrationSubnetId: network.?outputs.appSubnetId ?? ''
  }
}

module appEndpoint 'modules/private-endpoint.bicep' = if (privateNetworking) {
  name: 'app-endpoint'
  scope: group
  params: {
    name: 'pe-sites-${token}'
    location: location
    tags: tags
    subnetId: network!.outputs.endpointSubnetId
    targetId: app.outputs.id
    groupId: 'sites'
    zoneIds: privateDnsZones == 'made' ? [network!.outputs.sitesZoneId] : []
  }
}

// ---- Events

// Compared in lower case, because one group may be written in two ways.
var eventGroups = union([], map(concat(allAccounts, accountGroupIds), id => toLower(join(take(split(id, '/'), 5), '/'))))

var givenTopics = toObject(
  filter(split(replace(groupSystemTopics, ' ', ''), ','), pair => contains(pair, '=')),
  pair => toLower(split(pair, '=')[0]),
  pair => split(pair, '=')[1]
)
var groupTopics = map(eventGroups, id => givenTopics[?id] ?? '${id}/providers/Microsoft.EventGrid/systemTopics/key-rotation-${uniqueString(id)}')
var vaultTopicId = empty(vaultSystemTopicId) ? '${join(take(split(vaultId, '/'), 5), '/')}/providers/Microsoft.EventGrid/systemTopics/key-rotation-${last(split(vaultId, '/'))}' : vaultSystemTopicId

module vaultTopic 'modules/system-topic.bicep' = if (isEventful && empty(vaultSystemTopicId)) {
  name: 'key-rotation-vault-topic-${place}'
  scope: resourceGroup(split(vaultId, '/')[2], split(vaultId, '/')[4])
  params: {
    name: last(split(vaultTopicId, '/'))
    location: vaultAccess.outputs.location
    tags: tags
    source: vaultId
    topicType: 'Microsoft.KeyVault.vaults'
  }
}

module vaultEvents 'modules/vault-events.bicep' = if (isEventful) {
  name: 'key-rotation-vault-events-${place}'
  scope: resourceGroup(split(vaultTopicId, '/')[2], split(vaultTopicId, '/')[4])
  params: { topicName: last(split(vaultTopicId, '/')), functionAppId: app.outputs.id }
  dependsOn: [vaultTopic]
}

module groupTopic 'modules/system-topic.bicep' = [
  for id in eventGroups: if (isEventful && !contains(givenTopics, id)) {
    name: 'key-rotation-topic-${uniqueString(id, place)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      name: 'key-rotation-${uniqueString(id)}'
      location: 'global'
      tags: tags
      source: id
      topicType: 'Microsoft.Resources.ResourceGroups'
    }
    dependsOn: [newAccount]
  }
]

module accountEvents 'modules/account-events.bicep' = [
  for (id, index) in eventGroups: if (isEventful) {
    name: 'key-rotation-events-${uniqueString(id, place)}'
    scope: resourceGroup(split(groupTopics[index], '/')[2], split(groupTopics[index], '/')[4])
    params: { topicName: last(split(groupTopics[index], '/')), functionAppId: app.outputs.id }
    dependsOn: [groupTopic]
  }
]

// ---- For people

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    runbookUrl: runbookUrl
    alertEmail: alertEmail
    actionGroupIds: filter(map(split(actionGroupIds, ','), id => trim(id)), id => !empty(id))
    silenceWindow: silenceWindow
    supersededAcceptedHours: supersededAcceptedHours
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: { location: location, tags: tags, workspaceId: monitoring.outputs.workspaceId }
}

output RESOURCE_GROUP string = group.name
output FUNCTION_APP_NAME string = app.outputs.name
output FUNCTION_APP_URL string = 'https://${app.outputs.hostName}'
output IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
output KEY_VAULT_URL string = vaultAccess.outputs.url
output APP_CONFIGURATION_ENDPOINT string = storeAccess.outputs.endpoint
output RECORD_TABLE_ENDPOINT string = storage.outputs.tableEndpoint
output STORAGE_ACCOUNT_NAME string = storage.outputs.name
output DEMO_ACCOUNT_ID string = demoAccount ? demoAccountId : ''

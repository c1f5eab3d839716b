// The network of a private installation: one subnet for what the app sends, one for the endpoints, and the names of both.

param name string
param location string
param tags object
param addressPrefix string

@description('Subnets that exist; both empty: a network is made.')
param appSubnetId string
param endpointSubnetId string

@description('False: the private DNS zones are made elsewhere.')
param hasZones bool

@description('False: no zones of Azure Monitor. Empty ones would hide the names that the network has.')
param hasMonitorZones bool

@description('Whether the names of Azure AI Search services are needed.')
param hasSearchZone bool

// Names of the private zones, by what they serve and by cloud.
var zonesOfCloud = {
  AzureCloud: {
    vault: 'privatelink.vaultcore.azure.net'
    store: 'privatelink.azconfig.io'
    sites: 'privatelink.azurewebsites.net'
    cognitive: 'privatelink.cognitiveservices.azure.com'
    openai: 'privatelink.openai.azure.com'
    foundry: 'privatelink.services.ai.azure.com'
    search: 'privatelink.search.windows.net'
    monitor: 'privatelink.monitor.azure.com'
    oms: 'privatelink.oms.opinsights.azure.com'
    ods: 'privatelink.ods.opinsights.azure.com'
    agent: 'privatelink.agentsvc.azure-automation.net'
  }
  AzureUSGovernment: {
    vault: 'privatelink.vaultcore.usgovcloudapi.net'
    store: 'privatelink.azconfig.azure.us'
    sites: 'privatelink.azurewebsites.us'
    cognitive: 'privatelink.cognitiveservices.azure.us'
    openai: 'privatelink.openai.azure.us'
    foundry: 'privatelink.services.ai.azure.us'
    search: 'privatelink.search.azure.us'
    monitor: 'privatelink.monitor.azure.us'
    oms: 'privatelink.oms.opinsights.azure.us'
    ods: 'privatelink.ods.opinsights.azure.us'
    agent: 'privatelink.agentsvc.azure-automation.us'
  }
  AzureChinaCloud: {
    vault: 'privatelink.vaultcore.azure.cn'
    store: 'privatelink.azconfig.azure.cn'
    sites: 'privatelink.chinacloudsites.cn'
    cognitive: 'privatelink.cognitiveservices.azure.cn'
    openai: 'privatelink.openai.azure.cn'
    foundry: 'privatelink.services.ai.azure.cn'
    search: 'privatelink.search.azure.cn'
    monitor: 'privatelink.monitor.azure.cn'
    oms: 'privatelink.oms.opinsights.azure.cn'
    ods: 'privatelink.ods.opinsights.azure.cn'
    agent: 'privatelink.agentsvc.azure-automation.cn'
  }
}

var zoneNames = union(zonesOfCloud[environment().name], {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  queue: 'privatelink.queue.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
})

var zonesOfMonitor = ['monitor', 'oms', 'ods', 'agent']
var madeZones = filter(items(zoneNames), zone => (hasMonitorZones || !contains(zonesOfMonitor, zone.key)) && (hasSearchZone || zone.key != 'search'))

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = if (empty(appSubnetId)) {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, parseCidr(addressPrefix).cidr + 2, 0)
          delegations: [{ name: 'app', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, parseCidr(addressPrefix).cidr + 1, 1)
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }

  resource appSubnet 'subnets' existing = {
    name: 'app'
  }

  resource endpointSubnet 'subnets' existing = {
    name: 'endpoints'
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in madeZones: if (hasZones) {
    name: zone.value
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in madeZones: if (hasZones) {
    parent: zones[index]
    name: name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: empty(appSubnetId) ? network.id : join(take(split(endpointSubnetId, '/'), 9), '/') }
    }
  }
]

output appSubnetId string = empty(appSubnetId) ? network::appSubnet.id : appSubnetId
output endpointSubnetId string = empty(endpointSubnetId) ? network::endpointSubnet.id : endpointSubnetId
output zoneIds object = toObject(
  items(zoneNames),
  zone => zone.key,
  zone => resourceId('Microsoft.Network/privateDnsZones', zone.value)
)

// Takes an installation off the public network: the network itself and an endpoint for each thing that the app calls.
// The app's own endpoint is made after the app, by main.bicep.

param token string
param networkName string
param monitorLinkName string
param location string
param tags object
param addressPrefix string

@description('Subnets that exist; both empty: a network is made.')
param appSubnetId string
param endpointSubnetId string

@description('False: the private DNS zones are made elsewhere.')
param hasZones bool

@description('False: the network has an Azure Monitor Private Link Scope. A second one would take over the names of all networks that share its DNS.')
param hasMonitorLink bool

param storageId string
param vaultId string
param storeId string

@description('ARM ids of the accounts that the app checks keys on.')
param accounts string[]

param workspaceId string
param componentId string
param publicLogQueries bool

var searchServices = filter(accounts, id => contains(toLower(id), '/providers/microsoft.search/searchservices/'))
var aiAccounts = filter(accounts, id => !contains(searchServices, id))

module network 'network.bicep' = {
  name: 'network'
  params: { name: networkName, location: location, tags: tags, addressPrefix: addressPrefix, appSubnetId: appSubnetId, endpointSubnetId: endpointSubnetId, hasZones: hasZones, hasMonitorZones: hasMonitorLink, hasSearchZone: !empty(searchServices) }
}

module monitorLink 'monitor-private-link.bicep' = if (hasMonitorLink) {
  name: 'monitor-private-link'
  params: {
    name: monitorLinkName
    tags: tags
    workspaceId: workspaceId
    componentId: componentId
    queryAccessMode: publicLogQueries ? 'Open' : 'PrivateOnly'
  }
}

var services = [
  { name: 'blob', groupId: 'blob', target: storageId, zones: ['blob'] }
  { name: 'queue', groupId: 'queue', target: storageId, zones: ['queue'] }
  { name: 'table', groupId: 'table', target: storageId, zones: ['table'] }
  { name: 'vault', groupId: 'vault', target: vaultId, zones: ['vault'] }
  { name: 'store', groupId: 'configurationStores', target: storeId, zones: ['store'] }
]

module endpoints 'private-endpoint.bicep' = [
  for service in services: {
    name: 'endpoint-${service.name}'
    params: {
      name: 'pe-${service.name}-${token}'
      location: location
      tags: tags
      subnetId: network.outputs.endpointSubnetId
      targetId: service.target
      groupId: service.groupId
      zoneIds: hasZones ? map(service.zones, zone => network.outputs.zoneIds[zone]) : []
    }
  }
]

module monitorEndpoint 'private-endpoint.bicep' = if (hasMonitorLink) {
  name: 'endpoint-monitor'
  params: {
    name: 'pe-monitor-${token}'
    location: location
    tags: tags
    subnetId: network.outputs.endpointSubnetId
    targetId: monitorLink!.outputs.id
    groupId: 'azuremonitor'
    zoneIds: hasZones ? map(['monitor', 'oms', 'ods', 'agent', 'blob'], zone => network.outputs.zoneIds[zone]) : []
  }
  // Both put names into the zone of blobs.
  dependsOn: [endpoints]
}

module subdomains 'account-subdomain.bicep' = [
  for id in aiAccounts: {
    name: 'key-rotation-subdomain-${uniqueString(toLower(id), token)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: { accountName: last(split(id, '/')) }
  }
]

module accountEndpoints 'private-endpoint.bicep' = [
  for (id, index) in aiAccounts: {
    name: 'endpoint-account-${uniqueString(toLower(id))}'
    params: {
      name: 'pe-account-${uniqueString(toLower(id), token)}'
      location: location
      tags: tags
      subnetId: network.outputs.endpointSubnetId
      targetId: subdomains[index].outputs.id
      groupId: 'account'
      zoneIds: hasZones ? map(['cognitive', 'openai', 'foundry'], zone => network.outputs.zoneIds[zone]) : []
    }
  }
]

module searchEndpoints 'private-endpoint.bicep' = [
  for id in searchServices: {
    name: 'endpoint-search-service-${uniqueString(toLower(id))}'
    params: {
      name: 'pe-search-service-${uniqueString(toLower(id), token)}'
      location: location
      tags: tags
      subnetId: network.outputs.endpointSubnetId
      targetId: id
      groupId: 'searchService'
      zoneIds: hasZones ? [network.outputs.zoneIds.search] : []
    }
  }
]

output appSubnetId string = network.outputs.appSubnetId
output endpointSubnetId string = network.outputs.endpointSubnetId
output sitesZoneId string = network.outputs.zoneIds.sites

// A private address for one service of one resource, with its names.

param name string
param location string
param tags object
param subnetId string

@description('Id of the resource that is reached.')
param targetId string

@description('Which of its services, for example vault, blob, sites, account.')
param groupId string

@description('Ids of the private DNS zones for its names; empty: they are made elsewhere.')
param zoneIds string[]

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      { name: name, properties: { privateLinkServiceId: targetId, groupIds: [groupId] } }
    ]
  }

  // Where policies make the zones, they make this group too.
  resource names 'privateDnsZoneGroups' = if (!empty(zoneIds)) {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        for (zoneId, index) in zoneIds: { name: 'zone${index}', properties: { privateDnsZoneId: zoneId } }
      ]
    }
  }
}

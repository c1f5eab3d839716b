// A private endpoint of an AI services account needs an account with a custom subdomain (`AccountCustomSubDomainNameNotSet`),
// and each endpoint takes an address of its subnet, of which Azure keeps five (`SubnetIsFull`). Sources: learn.microsoft.com,
// "Configure virtual networks for Azure AI services"; "Azure Virtual Network FAQ", restrictions on addresses in subnets.
import { z } from 'zod';
import type { PlannedResource } from '../expand.ts';
import type { Planned } from './planned.ts';

/** Addresses that Azure keeps in each subnet. */
const KEPT_ADDRESSES = 5;

const endpoint = z.object({
  subnet: z.object({ id: z.string() }),
  privateLinkServiceConnections: z.tuple([
    z.object({ properties: z.object({ privateLinkServiceId: z.string(), groupIds: z.tuple([z.string()]) }) }),
  ]),
});
const network = z.object({
  subnets: z.array(z.object({ name: z.string(), properties: z.object({ addressPrefix: z.string() }) })),
});

/** Addresses for endpoints in each subnet that the deployment makes, by lower-cased id. */
function roomOf(resources: readonly PlannedResource[]): ReadonlyMap<string, number> {
  const networks = resources.filter(({ type }) => type === 'Microsoft.Network/virtualNetworks');
  return new Map(
    networks.flatMap(({ id, properties }) =>
      network.parse(properties).subnets.map(({ name, properties: { addressPrefix } }): [string, number] => {
        const length = Number(addressPrefix.split('/')[1]);
        return [`${id}/subnets/${name}`.toLowerCase(), 2 ** (32 - length) - KEPT_ADDRESSES];
      }),
    ),
  );
}

export function refusePrivateEndpoints({ resources, present }: Planned): string | undefined {
  const planned = new Map(resources.map((resource) => [resource.id.toLowerCase(), resource]));
  const room = roomOf(resources);
  const used = new Map<string, number>();
  for (const { name, properties } of resources.filter(({ type }) => type === 'Microsoft.Network/privateEndpoints')) {
    const { subnet, privateLinkServiceConnections: connections } = endpoint.parse(properties);
    const { privateLinkServiceId: id, groupIds } = connections[0].properties;
    const target = planned.get(id.toLowerCase()) ?? present.get(id.toLowerCase());
    if (groupIds[0] === 'account' && (target?.properties['customSubDomainName'] ?? '') === '') {
      return `AccountCustomSubDomainNameNotSet: ${name} cannot be made: ${id} has no custom subdomain.`;
    }
    const count = (used.get(subnet.id.toLowerCase()) ?? 0) + 1;
    used.set(subnet.id.toLowerCase(), count);
    if (count > (room.get(subnet.id.toLowerCase()) ?? count))
      return `SubnetIsFull: ${name} finds no address in ${subnet.id}.`;
  }
  return undefined;
}

// A resource group keeps the location that it was made in. Source: learn.microsoft.com, "Manage Azure resource groups by using
// Azure CLI": the location of its metadata; error code `InvalidResourceGroupLocation`.
import type { Planned } from './planned.ts';

const TYPE = 'Microsoft.Resources/resourceGroups';

export function refuseResourceGroups({ resources, present }: Planned): string | undefined {
  for (const { id, location, name } of resources.filter(({ type }) => type === TYPE)) {
    const former = present.get(id.toLowerCase())?.location;
    if (former === undefined || former === location) continue;
    return (
      `InvalidResourceGroupLocation: Invalid resource group location '${location ?? ''}'. ` +
      `The Resource group '${name}' already exists in location '${former}'.`
    );
  }
  return undefined;
}

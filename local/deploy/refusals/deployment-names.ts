// Azure keeps a deployment at subscription scope under its name, with the location of its data. The name cannot be used from
// another location, not even after everything that it made is gone. Source: learn.microsoft.com, "Subscription deployments
// with Bicep files", deployment location and name; error code `InvalidDeploymentLocation`.
import type { NestedDeployment } from '../expand.ts';
import type { Planned } from './planned.ts';

/** The id of a deployment at subscription scope, in lower case; undefined for one in a resource group, which has no location. */
export function subscriptionDeploymentId({ scope, name }: NestedDeployment): string | undefined {
  return /^\/subscriptions\/[^/]+$/.test(scope) ? `${scope}/deployments/${name}`.toLowerCase() : undefined;
}

export function refuseDeploymentNames({ deployments, location, locations }: Planned): string | undefined {
  for (const deployment of deployments) {
    const former = locations.get(subscriptionDeploymentId(deployment) ?? '');
    if (former === undefined || former === location) continue;
    return (
      `InvalidDeploymentLocation: Invalid deployment location '${location}'. ` +
      `The deployment '${deployment.name}' already exists in location '${former}'.`
    );
  }
  return undefined;
}

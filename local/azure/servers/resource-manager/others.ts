// Routes of Azure Resource Manager besides accounts: the Azure CLI's sign-in, and the keys of a Function App's host.

import { siteIdOf } from '../../holders/sites.ts';
import type { TokenIssuer } from '../../identity/tokens.ts';
import type { World } from '../../world/world.ts';
import type { Route } from '../http.ts';
import { armError, type Handler, type Operation, success } from './answers.ts';
import { WEB_VERSIONS } from './sites.ts';

export interface OtherOptions {
  readonly world: World;
  readonly tokens: TokenIssuer;
  readonly subscriptionId: string;
}

/** Versions that the Azure CLI asks for at sign-in. */
const SUBSCRIPTION_VERSIONS = ['2016-06-01', '2019-11-01', '2020-01-01', '2022-09-01', '2022-12-01'];

function hostKeysRoute({ world }: OtherOptions): Route<Operation> {
  const handle: Handler = (call, { sub = '', rg = '', site = '' }) => {
    const id = siteIdOf({ subscriptionId: sub, resourceGroup: rg, name: site });
    const keys = world.hostKeys.get(id.toLowerCase());
    if (keys !== undefined) return success(call, keys);
    const message = `The Resource 'Microsoft.Web/sites/${site}' under resource group '${rg}' was not found.`;
    return armError(404, 'ResourceNotFound', message);
  };
  const pattern = 'subscriptions/:sub/resourceGroups/:rg/providers/Microsoft.Web/sites/:site/host/default/listkeys';
  return { method: 'POST', pattern, handler: { name: 'listHostKeys', versions: WEB_VERSIONS, handle } };
}

export function otherRoutes(options: OtherOptions): Route<Operation>[] {
  const { subscriptionId, tokens, world } = options;
  const { tenantId } = tokens;
  const bodyOf = (id: string, displayName: string) => {
    const names = { subscriptionId: id, tenantId, displayName, state: 'Enabled' };
    return { id: `/subscriptions/${id}`, ...names, managedByTenants: [] };
  };
  const listSubscriptions: Handler = (call) => success(call, { value: [bodyOf(subscriptionId, 'Local Azure')] });
  const getSubscription: Handler = (call, { sub = '' }) => success(call, bodyOf(sub, world.subscriptionName(sub)));
  const listTenants: Handler = (call) => success(call, { value: [{ id: `/tenants/${tenantId}`, tenantId }] });
  const signIn = (pattern: string, name: string, handle: Handler): Route<Operation> => ({
    method: 'GET',
    pattern,
    handler: { name, versions: SUBSCRIPTION_VERSIONS, handle },
  });
  return [
    signIn('subscriptions', 'listSubscriptions', listSubscriptions),
    signIn('subscriptions/:sub', 'getSubscription', getSubscription),
    signIn('tenants', 'listTenants', listTenants),
    hostKeysRoute(options),
  ];
}

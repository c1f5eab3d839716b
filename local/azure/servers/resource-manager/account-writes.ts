// Accounts made, changed and deleted by hand. It must not touch keys.
import { isPublicRange, type NetworkRules } from '../../world/network-rules.ts';
import { type AccountState, accountIdOf, isSearchService, type World } from '../../world/world.ts';
import { type Answer, type Params, type Route, readJsonObject, type WireCall } from '../http.ts';
import { accountBody } from './account-body.ts';
import { armError, type Handler, locationRequired, type Operation, success } from './answers.ts';

export interface AccountWriteOptions {
  readonly world: World;
  dataPlaneEndpoint(account: AccountState): string;
}

interface Asked {
  readonly location?: string;
  readonly kind?: string;
  readonly sku?: { readonly name?: string };
  readonly properties?: {
    readonly customSubDomainName?: string | null;
    readonly disableLocalAuth?: boolean | null;
    readonly publicNetworkAccess?: 'Enabled' | 'Disabled' | null;
    readonly networkAcls?: {
      readonly defaultAction?: 'Allow' | 'Deny' | null;
      readonly ipRules?: readonly { readonly value: string }[] | null;
    } | null;
  } | null;
}

/** Kinds whose keys have the new form. */
const ANNOTATED = ['openai', 'aiservices'];

function rulesOf({ properties }: Asked): NetworkRules | undefined {
  const { networkAcls } = properties ?? {};
  if (networkAcls === undefined || networkAcls === null) return undefined;
  const ipRules = (networkAcls.ipRules ?? []).map(({ value }) => value);
  return { defaultAction: networkAcls.defaultAction ?? 'Deny', ipRules };
}

/** Azure lets an account keep its custom subdomain for ever. Here it is the account's own name. */
function refuseProperties(world: World, asked: Asked, id: string, name: string): Answer | undefined {
  const { customSubDomainName: subdomain } = asked.properties ?? {};
  if (typeof subdomain === 'string' && subdomain.toLowerCase() !== name.toLowerCase()) {
    return armError(400, 'BadRequest', `Here the custom subdomain of an account is its name, '${name}'.`);
  }
  const hasIt = (one: AccountState): boolean =>
    !isSearchService(one.seed) &&
    one.knobs.hasCustomSubdomain &&
    one.seed.name.toLowerCase() === subdomain?.toLowerCase();
  const isTaken = [...world.accounts.values()].some((one) => one.id.toLowerCase() !== id.toLowerCase() && hasIt(one));
  if (isTaken) {
    const message = `Please pick a different name. The subdomain name '${subdomain ?? ''}' is not available as it's already used by a resource.`;
    return armError(409, 'CustomDomainInUse', message);
  }
  const bad = rulesOf(asked)?.ipRules.find((range) => !isPublicRange(range));
  if (bad === undefined) return undefined;
  return armError(400, 'BadRequest', `The IP rule '${bad}' is no public IPv4 address or range.`);
}

function apply({ knobs }: AccountState, asked: Asked): void {
  const { customSubDomainName, disableLocalAuth, publicNetworkAccess } = asked.properties ?? {};
  if (typeof customSubDomainName === 'string') knobs.hasCustomSubdomain = true;
  knobs.isLocalAuthDisabled = disableLocalAuth ?? knobs.isLocalAuthDisabled;
  knobs.publicNetworkAccess = publicNetworkAccess ?? knobs.publicNetworkAccess;
  knobs.networkRules = rulesOf(asked) ?? knobs.networkRules;
}

export function accountWriteRoutes(options: AccountWriteOptions): Route<Operation>[] {
  const { world } = options;
  const find = ({ sub = '', rg = '', name = '' }: Params) => {
    const id = accountIdOf({ subscriptionId: sub, resourceGroup: rg, name });
    return { id, name, account: world.accounts.get(id.toLowerCase()) };
  };
  const show = (call: WireCall, account: AccountState, status = 200): Answer =>
    success(call, accountBody(account, options.dataPlaneEndpoint(account)), status);
  const put: Handler = (call, params) => {
    const asked = (readJsonObject(call.body) ?? {}) as Asked;
    const { id, name, account } = find(params);
    if (typeof asked.location !== 'string') return locationRequired();
    const refusal = refuseProperties(world, asked, id, name);
    if (refusal !== undefined) return refusal;
    const { sub: subscriptionId = '', rg: resourceGroup = '' } = params;
    const { kind = 'CognitiveServices', location, sku } = asked;
    const keyShape = ANNOTATED.includes(kind.toLowerCase()) ? 'annotated84' : 'hex32';
    const seed = { subscriptionId, resourceGroup, name, kind, location, keyShape, sku: sku?.name ?? 'S0' } as const;
    const made = account ?? world.addAccount(seed);
    if (account === undefined) made.knobs.hasCustomSubdomain = false;
    apply(made, asked);
    return show(call, made, account === undefined ? 201 : 200);
  };
  const update: Handler = (call, params) => {
    const asked = (readJsonObject(call.body) ?? {}) as Asked;
    const { id, name, account } = find(params);
    if (account === undefined) {
      const { rg = '' } = params;
      const message = `The Resource 'Microsoft.CognitiveServices/accounts/${name}' under resource group '${rg}' was not found.`;
      return armError(404, 'ResourceNotFound', message);
    }
    const refusal = refuseProperties(world, asked, id, name);
    if (refusal === undefined) apply(account, asked);
    return refusal ?? show(call, account);
  };
  const remove: Handler = (_call, params) => ({
    status: world.accounts.delete(find(params).id.toLowerCase()) ? 200 : 204,
    headers: {},
  });
  const route = (method: string, name: string, handle: Handler): Route<Operation> => ({
    method,
    pattern: 'subscriptions/:sub/resourceGroups/:rg/providers/Microsoft.CognitiveServices/accounts/:name',
    handler: { name, handle },
  });
  return [
    route('PUT', 'putAccount', put),
    route('PATCH', 'updateAccount', update),
    route('DELETE', 'deleteAccount', remove),
  ];
}

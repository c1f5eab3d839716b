// Azure Resource Manager as far as Cognitive Services goes: accounts, their keys, and its refusals.
// It must not decide the effect of a call on an account: the world does.
import type { Holders } from '../../holders/holders.ts';
import { type Sites, siteIdOf } from '../../holders/sites.ts';
import type { AccessControl, Denial } from '../../identity/access.ts';
import type { TokenIssuer } from '../../identity/tokens.ts';
import type { Places } from '../../places.ts';
import type { KeyName } from '../../world/nature.ts';
import { type AccountState, accountIdOf, isSearchService, type World } from '../../world/world.ts';
import {
  type Answer,
  findRoute,
  isLengthStated,
  lengthRequired,
  type Params,
  type Plan,
  type Route,
  readJsonObject,
  retryAfter,
  type WireCall,
  type WireService,
} from '../http.ts';
import { permissionFor } from '../permissions.ts';
import { accountBody } from './account-body.ts';
import { accountWriteRoutes } from './account-writes.ts';
import { armError, groupNotFound, type Handler, type Operation, success } from './answers.ts';
import { apiManagementRoutes } from './api-management.ts';
import { connectionRoutes } from './connections.ts';
import { groupRoutes } from './groups.ts';
import { keysOrRefusal } from './keys.ts';
import { otherRoutes } from './others.ts';
import { pageOf } from './pages.ts';
import { listPermissions, PERMISSION_VERSIONS } from './permissions-of.ts';
import { roleRoutes, roleScopeOf } from './roles.ts';
import { searchServiceRoutes } from './search-services.ts';
import { siteIdIn, siteRoutes } from './sites.ts';
import { refuseToken } from './tokens.ts';
import { vaultIdOf, vaultRoutes } from './vaults.ts';

export interface ResourceManagerOptions {
  readonly world: World;
  readonly holders: Holders;
  readonly tokens: TokenIssuer;
  readonly access: AccessControl;
  /** Base URL of this server, for `nextLink`. */
  readonly origin: () => string;
  dataPlaneEndpoint(account: AccountState): string;
  readonly subscriptionId: string;
  readonly places: Places;
  readonly sites: Sites;
  vaultUrl(): string;
  /** Whether the directory has a principal with this object id. */
  isPrincipal(objectId: string): boolean;
}

const API_VERSIONS = [
  '2017-04-18',
  '2021-04-30',
  '2021-10-01',
  '2022-03-01',
  '2022-10-01',
  '2022-12-01',
  '2023-05-01',
  '2024-10-01',
  '2025-06-01',
  '2025-09-01',
];
const PAGE_SIZE = 100;

/** Key names as ARM spells them; it knows no other spelling. */
const KEY_NAMES: Readonly<Record<string, KeyName>> = { Key1: 'key1', Key2: 'key2' };

function regenerate(world: World, call: WireCall, account: AccountState): Answer {
  const body = readJsonObject(call.body);
  if (body === undefined) {
    return armError(400, 'InvalidRequestContent', 'The request content was invalid and could not be deserialized.');
  }
  const { keyName } = body;
  const name = typeof keyName === 'string' && Object.hasOwn(KEY_NAMES, keyName) ? KEY_NAMES[keyName] : undefined;
  if (name === undefined) {
    const given = typeof keyName === 'string' ? keyName : '';
    return armError(400, 'BadRequest', `The key name '${given}' is invalid. Valid values are 'Key1' and 'Key2'.`);
  }
  return keysOrRefusal(call, 'regenerate', () => world.regenerateKey(account.id, name));
}

function refuseVersion(call: WireCall, versions: readonly string[] = API_VERSIONS): Answer | undefined {
  const version = call.query.get('api-version');
  if (version === undefined) {
    const message = 'The api-version query parameter (?api-version=) is required for all requests.';
    return armError(400, 'MissingApiVersionParameter', message);
  }
  if (versions.includes(version)) return undefined;
  return armError(
    400,
    'InvalidResourceType',
    `The resource type 'accounts' could not be found in the namespace 'Microsoft.CognitiveServices' for api version ` +
      `'${version}'. The supported api-versions are '${versions.join(',')}'.`,
  );
}

function forbidden({ claims, permission, scope }: Denial): Answer {
  const message =
    `The client '${claims.appid}' with object id '${claims.oid}' does not have authorization to perform action ` +
    `'${permission}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh ` +
    'your credentials.';
  return armError(403, 'AuthorizationFailed', message);
}

/** ARM id of the route's subject: an account, a vault, a Function App, a site or slot, or the scope of roles. */
function scopeOf(params: Params): string {
  const { sub = '', rg, group, name, site, app, vault } = params;
  if (group !== undefined) return `/subscriptions/${sub}/resourceGroups/${group}`;
  if (app !== undefined) return siteIdIn(params);
  if (rg !== undefined && site !== undefined) return siteIdOf({ subscriptionId: sub, resourceGroup: rg, name: site });
  if (vault !== undefined) return vaultIdOf(params);
  if (rg !== undefined && name !== undefined) return accountIdOf({ subscriptionId: sub, resourceGroup: rg, name });
  return roleScopeOf(params);
}

function equals(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The 404 for an unknown subscription or resource group. */
function refuseScope({ world, subscriptionId }: ResourceManagerOptions, { sub = '', rg }: Params) {
  if (!equals(sub, subscriptionId) && !world.hasSubscription(sub)) {
    return armError(404, 'SubscriptionNotFound', `The subscription '${sub}' could not be found.`);
  }
  return rg === undefined || world.group(sub, rg) !== undefined ? undefined : groupNotFound(rg);
}

function list(options: ResourceManagerOptions, call: WireCall, { sub = '', rg }: Params): Answer {
  const isReadable = ({ id }: AccountState): boolean =>
    options.access.denial(call.headers.authorization, permissionFor('getAccount'), id) === undefined;
  const matching = [...options.world.accounts.values()]
    .filter(
      ({ seed }) =>
        !isSearchService(seed) &&
        equals(seed.subscriptionId, sub) &&
        (rg === undefined || equals(seed.resourceGroup, rg)),
    )
    .filter(isReadable);
  return pageOf(call, matching, { origin: options.origin, pageSize: PAGE_SIZE }, (account) =>
    accountBody(account, options.dataPlaneEndpoint(account)),
  );
}

function routesOf(options: ResourceManagerOptions): Route<Operation>[] {
  const { world } = options;
  const withAccount =
    (act: (call: WireCall, account: AccountState) => Answer): Handler =>
    (call, { sub = '', rg = '', name = '' }) => {
      const id = accountIdOf({ subscriptionId: sub, resourceGroup: rg, name });
      const account = world.accounts.get(id.toLowerCase());
      if (account !== undefined) return act(call, account);
      const message =
        `The Resource 'Microsoft.CognitiveServices/accounts/${name}' under resource group '${rg}' was not found. ` +
        'For more details please go to https://aka.ms/ARMResourceNotFoundFix';
      return armError(404, 'ResourceNotFound', message);
    };
  const get = withAccount((call, account) => success(call, accountBody(account, options.dataPlaneEndpoint(account))));
  const listKeys = withAccount((call, account) => keysOrRefusal(call, 'list', () => world.listKeys(account.id)));
  const regenerateKey = withAccount((call, account) => regenerate(world, call, account));
  const permissions = withAccount((call, account) => listPermissions(options, call, account));
  const accounts = 'providers/Microsoft.CognitiveServices/accounts';
  const group = 'subscriptions/:sub/resourceGroups/:rg';
  const route = (method: string, pattern: string, name: string, handle: Handler): Route<Operation> => ({
    method,
    pattern,
    handler: { name, handle },
  });
  const listed = (pattern: string): Route<Operation> => ({
    method: 'GET',
    pattern,
    handler: { name: 'listAccounts', isFiltered: true, handle: (call, params) => list(options, call, params) },
  });
  return [
    ...otherRoutes(options),
    ...groupRoutes(options),
    ...accountWriteRoutes(options),
    ...vaultRoutes({ ...options, tenantId: options.tokens.tenantId }),
    ...roleRoutes(options),
    ...siteRoutes(options),
    ...apiManagementRoutes(options),
    ...connectionRoutes(options),
    ...searchServiceRoutes(options),
    listed(`subscriptions/:sub/${accounts}`),
    listed(`${group}/${accounts}`),
    route('GET', `${group}/${accounts}/:name`, 'getAccount', get),
    route('POST', `${group}/${accounts}/:name/listKeys`, 'listKeys', listKeys),
    route('POST', `${group}/${accounts}/:name/regenerateKey`, 'regenerateKey', regenerateKey),
    {
      method: 'GET',
      pattern: `${group}/${accounts}/:name/providers/Microsoft.Authorization/permissions`,
      handler: { name: 'listPermissions', versions: PERMISSION_VERSIONS, handle: permissions },
    },
  ];
}

export function createResourceManager(options: ResourceManagerOptions): WireService {
  const routes = routesOf(options);
  const plan = (call: WireCall): Plan => {
    const found = findRoute(routes, call.method, call.segments);
    const run = (): Answer => {
      if (call.method === 'POST' && !isLengthStated(call)) return lengthRequired();
      const refusal =
        refuseToken(options.tokens, call.headers.authorization) ?? refuseVersion(call, found?.handler.versions);
      if (refusal !== undefined) return refusal;
      if (found === undefined) return armError(404, 'NotFound', `No route matches '${call.path}'.`);
      const { handler, params } = found;
      const permission = handler.isFiltered === true ? undefined : permissionFor(handler.name);
      const denial = options.access.denial(call.headers.authorization, permission, (handler.scope ?? scopeOf)(params));
      if (denial !== undefined) return forbidden(denial);
      // A Function App may be in a group of its own. A sign-in asks about no group.
      const hasScope = params['sub'] !== undefined && params['site'] === undefined;
      const refused = hasScope ? refuseScope(options, params) : undefined;
      return refused ?? handler.handle(call, params);
    };
    const { name, search, app, slot } = found?.params ?? {};
    const account = name ?? search ?? (slot === undefined ? app : `${app ?? ''}/${slot}`);
    return { operation: found?.handler.name ?? 'unknown', run, ...(account === undefined ? {} : { account }) };
  };
  return {
    service: 'arm',
    plan,
    throttled: (seconds) => armError(429, 'TooManyRequests', 'The request is being throttled.', retryAfter(seconds)),
    failed: (status) => armError(status, 'InternalServerError', 'Encountered internal server error.'),
  };
}

// Azure AI Search in Azure Resource Manager: the services, their admin keys, and what an administrator changes.
// It must not decide the effect of a call on keys: the world does.
import type { Holders } from '../../holders/holders.ts';
import type { SearchService } from '../../holders/search-services.ts';
import type { AccessControl } from '../../identity/access.ts';
import type { TokenIssuer } from '../../identity/tokens.ts';
import type { KeyName } from '../../world/nature.ts';
import { isPublicRange } from '../../world/network-rules.ts';
import type { AccountState, World } from '../../world/world.ts';
import { type Answer, type Params, type Route, readJsonObject, type WireCall } from '../http.ts';
import { permissionFor } from '../permissions.ts';
import { armError, type Handler, locationRequired, type Operation, success } from './answers.ts';
import { keysOrRefusal } from './keys.ts';
import { isInScope, pageOf } from './pages.ts';
import { listPermissions, PERMISSION_VERSIONS } from './permissions-of.ts';

export interface SearchServiceOptions {
  readonly world: World;
  readonly holders: Holders;
  readonly access: AccessControl;
  readonly tokens: TokenIssuer;
  readonly origin: () => string;
  dataPlaneEndpoint(account: AccountState): string;
}

const VERSIONS = ['2023-11-01', '2025-05-01'];
const PROVIDER = 'providers/Microsoft.Search/searchServices';
const GROUP = 'subscriptions/:sub/resourceGroups/:rg';
const FIELDS = { key1: 'primaryKey', key2: 'secondaryKey' };
/** The last part of the path of a regenerate. */
const KEY_KINDS: Readonly<Record<string, KeyName>> = { primary: 'key1', secondary: 'key2' };

interface Asked {
  readonly location?: string;
  readonly sku?: { readonly name?: string };
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties?: {
    readonly disableLocalAuth?: boolean | null;
    readonly publicNetworkAccess?: 'enabled' | 'disabled' | null;
    readonly networkRuleSet?: { readonly ipRules?: readonly { readonly value: string }[] | null } | null;
    readonly authOptions?: { readonly apiKeyOnly?: object; readonly aadOrApiKey?: object } | null;
  } | null;
}

function idOf({ sub = '', rg = '', search = '' }: Params): string {
  return `/subscriptions/${sub}/resourceGroups/${rg}/${PROVIDER}/${search}`;
}

function rangesOf({ properties }: Asked): readonly string[] | undefined {
  const { networkRuleSet } = properties ?? {};
  if (networkRuleSet === undefined || networkRuleSet === null) return undefined;
  return (networkRuleSet.ipRules ?? []).map(({ value }) => value);
}

function refuse(asked: Asked): Answer | undefined {
  const bad = rangesOf(asked)?.find((range) => !isPublicRange(range));
  return bad === undefined
    ? undefined
    : armError(400, 'BadRequest', `The IP rule '${bad}' is no public IPv4 address or range.`);
}

/** Any rule keeps all other addresses out. */
function apply(service: SearchService, asked: Asked): void {
  const { knobs } = service.account;
  const { disableLocalAuth, publicNetworkAccess, authOptions } = asked.properties ?? {};
  const ipRules = rangesOf(asked);
  knobs.isLocalAuthDisabled = disableLocalAuth ?? knobs.isLocalAuthDisabled;
  if (ipRules !== undefined) knobs.networkRules = { defaultAction: ipRules.length > 0 ? 'Deny' : 'Allow', ipRules };
  if (typeof publicNetworkAccess === 'string')
    knobs.publicNetworkAccess = publicNetworkAccess.toLowerCase() === 'disabled' ? 'Disabled' : 'Enabled';
  if (authOptions !== undefined && authOptions !== null) service.isKeyOnly = authOptions.aadOrApiKey === undefined;
  if (asked.tags !== undefined) service.account.tags = asked.tags;
}

function bodyOf(service: SearchService, endpoint: string): object {
  const { id, name, account, isKeyOnly } = service;
  const { knobs, seed, tags, createdAt } = account;
  const provisioningState = knobs.provisioningState.toLowerCase();
  return {
    id,
    name,
    type: 'Microsoft.Search/searchServices',
    location: seed.location,
    tags,
    sku: { name: seed.sku ?? 'basic' },
    systemData: { createdAt: new Date(createdAt).toISOString() },
    properties: {
      replicaCount: 1,
      partitionCount: 1,
      hostingMode: 'default',
      endpoint,
      status: provisioningState === 'succeeded' ? 'running' : 'provisioning',
      provisioningState,
      publicNetworkAccess: knobs.publicNetworkAccess.toLowerCase(),
      networkRuleSet: { ipRules: (knobs.networkRules?.ipRules ?? []).map((value) => ({ value })), bypass: 'None' },
      disableLocalAuth: knobs.isLocalAuthDisabled,
      authOptions: isKeyOnly ? { apiKeyOnly: {} } : { aadOrApiKey: { aadAuthFailureMode: 'http403' } },
      privateEndpointConnections: [],
    },
  };
}

class Services {
  readonly #options: SearchServiceOptions;

  constructor(options: SearchServiceOptions) {
    this.#options = options;
  }

  show(service: SearchService): object {
    return bodyOf(service, service.listedEndpoint ?? this.#options.dataPlaneEndpoint(service.account));
  }

  list(call: WireCall, params: Params): Answer {
    const { holders, access, origin } = this.#options;
    const isReadable = ({ id }: SearchService): boolean =>
      access.denial(call.headers.authorization, permissionFor('listSearchServices'), id) === undefined;
    const services = holders.search.all().filter((one) => isInScope(one.id, params) && isReadable(one));
    return pageOf(call, services, { origin, pageSize: holders.pageSize }, (service) => this.show(service));
  }

  find(params: Params): SearchService | undefined {
    const found = this.#options.holders.search.named(params['search'] ?? '');
    return found?.id.toLowerCase() === idOf(params).toLowerCase() ? found : undefined;
  }

  with(act: (call: WireCall, service: SearchService, params: Params) => Answer): Handler {
    return (call, params) => {
      const found = this.find(params);
      if (found !== undefined) return act(call, found, params);
      return armError(404, 'ResourceNotFound', `The Resource '${params['search'] ?? ''}' was not found.`);
    };
  }

  put(call: WireCall, params: Params): Answer {
    const { holders } = this.#options;
    const asked = (readJsonObject(call.body) ?? {}) as Asked;
    if (typeof asked.location !== 'string') return locationRequired();
    const present = this.find(params);
    if (present === undefined && holders.search.named(params['search'] ?? '') !== undefined) {
      return armError(409, 'ServiceNameUnavailable', `The name '${params['search'] ?? ''}' is taken.`);
    }
    const refusal = refuse(asked);
    if (refusal !== undefined) return refusal;
    const service = present ?? holders.search.addService(idOf(params));
    if (present === undefined) service.isKeyOnly = true;
    apply(service, asked);
    return success(call, this.show(service), present === undefined ? 201 : 200);
  }

  update(call: WireCall, service: SearchService): Answer {
    const asked = (readJsonObject(call.body) ?? {}) as Asked;
    const refusal = refuse(asked);
    if (refusal === undefined) apply(service, asked);
    return refusal ?? success(call, this.show(service));
  }

  remove(params: Params): Answer {
    const isGone = this.#options.world.accounts.delete(this.find(params)?.id.toLowerCase() ?? '');
    return { status: isGone ? 200 : 204, headers: {} };
  }

  regenerate(call: WireCall, service: SearchService, { kind = '' }: Params): Answer {
    const name = Object.hasOwn(KEY_KINDS, kind.toLowerCase()) ? KEY_KINDS[kind.toLowerCase()] : undefined;
    if (name === undefined) return armError(400, 'BadRequest', `The key kind '${kind}' is invalid.`);
    return keysOrRefusal(call, 'regenerate', () => this.#options.world.regenerateKey(service.id, name), FIELDS);
  }
}

export function searchServiceRoutes(options: SearchServiceOptions): Route<Operation>[] {
  const services = new Services(options);
  const { world } = options;
  const one = `${GROUP}/${PROVIDER}/:search`;
  const route = (method: string, pattern: string, name: string, handle: Handler): Route<Operation> => ({
    method,
    pattern,
    handler: { name, versions: VERSIONS, scope: idOf, handle },
  });
  const listed = (pattern: string): Route<Operation> => ({
    method: 'GET',
    pattern,
    handler: {
      name: 'listSearchServices',
      versions: VERSIONS,
      isFiltered: true,
      handle: (call, params) => services.list(call, params),
    },
  });
  const listKeys = (call: WireCall, { id }: SearchService): Answer =>
    keysOrRefusal(call, 'list', () => world.listKeys(id), FIELDS);
  return [
    listed(`subscriptions/:sub/${PROVIDER}`),
    listed(`${GROUP}/${PROVIDER}`),
    route(
      'GET',
      one,
      'getSearchService',
      services.with((call, service) => success(call, services.show(service))),
    ),
    route('PUT', one, 'putSearchService', (call, params) => services.put(call, params)),
    route(
      'PATCH',
      one,
      'updateSearchService',
      services.with((call, service) => services.update(call, service)),
    ),
    route('DELETE', one, 'deleteSearchService', (_call, params) => services.remove(params)),
    route('POST', `${one}/listAdminKeys`, 'listAdminKeys', services.with(listKeys)),
    route(
      'POST',
      `${one}/regenerateAdminKey/:kind`,
      'regenerateAdminKey',
      services.with((call, service, params) => services.regenerate(call, service, params)),
    ),
    {
      method: 'GET',
      pattern: `${one}/providers/Microsoft.Authorization/permissions`,
      handler: {
        name: 'listPermissions',
        versions: PERMISSION_VERSIONS,
        scope: idOf,
        handle: services.with((call, { account }) => listPermissions(options, call, account)),
      },
    },
  ];
}

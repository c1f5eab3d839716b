// Sites of App Service and their slots: made, listed, shown, and restarted; their settings, and their references to Key
// Vault with the call that fetches these again. It must not decide what a call does to a site: `holders/sites.ts` does.

import { isReference, readReference } from '../../holders/key-vault-references.ts';
import { type SiteState, type Sites, siteIdOf } from '../../holders/sites.ts';
import type { AccessControl } from '../../identity/access.ts';
import type { World } from '../../world/world.ts';
import { type Answer, type Params, type Route, readJsonObject, type WireCall } from '../http.ts';
import { permissionFor } from '../permissions.ts';
import { armError, type Handler, locationRequired, type Operation, success } from './answers.ts';

export interface SiteOptions {
  readonly world: World;
  readonly access: AccessControl;
  readonly sites: Sites;
  /** Base URL of this server, for `nextLink`. */
  origin(): string;
}

/** Versions of the newest Azure CLIs. For the routes here they do not differ. */
export const WEB_VERSIONS = [
  '2022-03-01',
  '2023-01-01',
  '2023-12-01',
  '2024-04-01',
  '2024-11-01',
  '2025-03-01',
  '2025-05-01',
];
const RESOURCE_VERSIONS = ['2020-10-01', '2021-04-01', '2022-09-01', '2024-03-01', '2025-04-01'];
const PAGE_SIZE = 100;
const TYPES = { site: 'Microsoft.Web/sites', slot: 'Microsoft.Web/sites/slots' } as const;

/** Not `:site`: that names a Function App that was deployed, which may be in a group that is not known here. */
const SITE = 'subscriptions/:sub/resourceGroups/:rg/providers/Microsoft.Web/sites/:app';
const SLOT = `${SITE}/slots/:slot`;

export function siteIdIn({ sub = '', rg = '', app = '', slot }: Params): string {
  const names = { subscriptionId: sub, resourceGroup: rg, name: app };
  return siteIdOf(slot === undefined ? names : { ...names, slot });
}

function typeOf({ seed }: SiteState): string {
  return seed.slot === undefined ? TYPES.site : TYPES.slot;
}

/** As the list of resources shows it: without properties. */
function resourceBody(site: SiteState): object {
  const { name, slot } = site.seed;
  const { id, location, kind } = site;
  return { id, name: slot === undefined ? name : `${name}/${slot}`, type: typeOf(site), kind, location, tags: {} };
}

function siteBody(site: SiteState): object {
  const identity =
    site.identity === undefined ? {} : { identity: { type: 'SystemAssigned', principalId: site.identity } };
  return {
    ...resourceBody(site),
    ...identity,
    properties: { state: site.isStopped ? 'Stopped' : 'Running', enabled: true },
  };
}

const DETAILS: Readonly<Record<string, string>> = {
  Resolved: 'Reference has been successfully resolved.',
  InvalidSyntax: 'Key Vault reference was not able to be resolved because of its syntax.',
  MSINotEnabled: 'Key Vault reference was not able to be resolved because site Managed Identity not enabled.',
  VaultNotFound: 'Key Vault reference was not able to be resolved because the vault was not found.',
  SecretNotFound: 'Key Vault reference was not able to be resolved because secret was not found.',
  SecretVersionNotFound: 'Key Vault reference was not able to be resolved because secret version was not found.',
  AccessToKeyVaultDenied:
    'Key Vault reference was not able to be resolved because site was denied access to Key Vault reference’s vault.',
  OtherReasons: 'Key Vault reference was not able to be resolved.',
};

function referencesOf({ sites }: SiteOptions, site: SiteState): object {
  const references = Object.entries(site.settings).filter(([, text]) => isReference(text));
  const value = references.map(([name, reference]) => {
    const { vault = '', secretName, version } = readReference(reference) ?? {};
    const fetched = site.fetched.get(name);
    const status = fetched?.status ?? 'Initialized';
    const active = fetched?.status === 'Resolved' && sites.showsActiveVersion ? fetched.version : null;
    return {
      id: `${site.id}/config/configreferences/appsettings/${name}`,
      name,
      type: `${typeOf(site)}/config/configreferences`,
      location: site.location,
      properties: {
        reference,
        status,
        vaultName: URL.canParse(vault) ? new URL(vault).hostname.split('.')[0] : vault,
        ...(secretName === undefined ? {} : { secretName }),
        ...(version === undefined ? {} : { secretVersion: version }),
        identityType: 'SystemAssigned',
        details: DETAILS[status] ?? '',
        activeVersion: active,
      },
    };
  });
  return { id: null, value, nextLink: null };
}

/** Only sites and slots are listed, whatever else the filter names. */
function list(options: SiteOptions, call: WireCall, { sub = '', rg }: Params): Answer {
  const { world, access, sites } = options;
  const filter = call.query.get('$filter') ?? '';
  const types = filter.split(' or ').map((part) => /^\s*resourceType eq '([^']+)'\s*$/i.exec(part)?.[1]?.toLowerCase());
  if (types.includes(undefined)) {
    return armError(400, 'InvalidFilterInQueryString', `Invalid $filter '${filter}' specified in the query string.`);
  }
  const isIn = ({ seed: { subscriptionId, resourceGroup } }: SiteState): boolean =>
    subscriptionId.toLowerCase() === sub.toLowerCase() &&
    (rg === undefined || resourceGroup.toLowerCase() === rg.toLowerCase()) &&
    world.group(subscriptionId, resourceGroup) !== undefined;
  const isReadable = ({ id, seed }: SiteState): boolean => {
    const permission = permissionFor(seed.slot === undefined ? 'getSite' : 'getSlot');
    return access.denial(call.headers.authorization, permission, id) === undefined;
  };
  const matching = sites.all
    .filter((site) => types.includes(typeOf(site).toLowerCase()) && isIn(site))
    .filter(isReadable);
  const begin = Number(call.query.get('$skiptoken') ?? 0);
  const end = begin + PAGE_SIZE;
  const value = matching.slice(begin, end).map(resourceBody);
  if (end >= matching.length) return success(call, { value });
  const query = new URLSearchParams({ 'api-version': call.query.get('api-version') ?? '', $filter: filter });
  return success(call, { value, nextLink: `${options.origin()}${call.path}?${query.toString()}&$skiptoken=${end}` });
}

interface Asked {
  readonly location?: string;
  readonly kind?: string;
  readonly identity?: { readonly type?: string };
  readonly properties?: {
    readonly siteConfig?: { readonly appSettings?: readonly { readonly name: string; readonly value: string }[] };
  };
}

function put({ sites }: SiteOptions, call: WireCall, { sub = '', rg = '', app = '', slot }: Params): Answer {
  const { location, kind, identity, properties } = (readJsonObject(call.body) ?? {}) as Asked;
  if (typeof location !== 'string') return locationRequired();
  const settings = (properties?.siteConfig?.appSettings ?? []).map(({ name, value }) => [name, value] as const);
  const site = sites.put({
    subscriptionId: sub,
    resourceGroup: rg,
    name: app,
    ...(slot === undefined ? {} : { slot }),
    location,
    ...(kind === undefined ? {} : { kind }),
    hasIdentity: identity?.type?.includes('SystemAssigned') === true,
    settings: Object.fromEntries(settings),
  });
  return success(call, siteBody(site));
}

export function siteRoutes(options: SiteOptions): Route<Operation>[] {
  const { sites } = options;
  const withSite =
    (act: (site: SiteState, call: WireCall) => Answer): Handler =>
    (call, params) => {
      const site = sites.find(siteIdIn(params));
      if (site !== undefined) return act(site, call);
      const { rg = '', app = '', slot } = params;
      const name = slot === undefined ? `sites/${app}` : `sites/${app}/slots/${slot}`;
      const message = `The Resource 'Microsoft.Web/${name}' under resource group '${rg}' was not found.`;
      return armError(404, 'ResourceNotFound', message);
    };
  const both = (method: string, path: string, names: readonly [string, string], handle: Handler): Route<Operation>[] =>
    [SITE, SLOT].map((pattern, index) => ({
      method,
      pattern: `${pattern}${path}`,
      handler: { name: names[index] ?? '', versions: WEB_VERSIONS, handle },
    }));
  const listed = (scope: string): Route<Operation> => ({
    method: 'GET',
    pattern: `${scope}/resources`,
    handler: {
      name: 'listResources',
      versions: RESOURCE_VERSIONS,
      isFiltered: true,
      handle: (call, params) => list(options, call, params),
    },
  });
  const references = '/config/configreferences/appsettings';
  const show = withSite((site, call) => success(call, siteBody(site)));
  const showReferences = withSite((site, call) => success(call, referencesOf(options, site)));
  const refresh = withSite((site, call) => {
    sites.refresh(site);
    return success(call, referencesOf(options, site));
  });
  const settings = withSite((site, call) =>
    success(call, { id: `${site.id}/config/appsettings`, properties: site.settings }),
  );
  const restart = withSite((site) => {
    sites.restart(site);
    return { status: 200, headers: {} };
  });
  return [
    listed('subscriptions/:sub'),
    listed('subscriptions/:sub/resourceGroups/:rg'),
    ...both('PUT', '', ['putSite', 'putSlot'], (call, params) => put(options, call, params)),
    ...both('GET', '', ['getSite', 'getSlot'], show),
    ...both('GET', references, ['listReferences', 'listSlotReferences'], showReferences),
    ...both('POST', `${references}/refresh`, ['refreshReferences', 'refreshSlotReferences'], refresh),
    ...both('POST', '/config/appsettings/list', ['listSettings', 'listSlotSettings'], settings),
    ...both('POST', '/restart', ['restartSite', 'restartSlot'], restart),
  ];
}

// The host names of Azure's public cloud, and of every cloud's data plane, and the service behind each name.
// It must not know ports: `gateway.ts` does.
import { DATA_PLANE_HOSTS, DATA_PLANE_SUFFIXES, SEARCH_SUFFIXES } from './data-plane-names.ts';
import type { Place, Places } from './places.ts';

/** The service behind a name. */
export type NamedService =
  | 'resourceManager'
  | 'authority'
  | 'graph'
  | 'keyVault'
  | 'appConfiguration'
  | 'dataPlane'
  | 'search'
  | 'table'
  | 'queue'
  | 'blob'
  | 'site';

const HOSTS: Readonly<Record<string, NamedService>> = {
  'management.azure.com': 'resourceManager',
  'login.microsoftonline.com': 'authority',
  'graph.microsoft.com': 'graph',
  ...Object.fromEntries(DATA_PLANE_HOSTS.map((host) => [host, 'dataPlane' as const])),
};

const SUFFIXES: readonly (readonly [string, NamedService])[] = [
  ['.vault.azure.net', 'keyVault'],
  ['.azconfig.io', 'appConfiguration'],
  ...SEARCH_SUFFIXES.map((suffix) => [suffix, 'search'] as const),
  ...DATA_PLANE_SUFFIXES.map((suffix) => [suffix, 'dataPlane'] as const),
  ['.table.core.windows.net', 'table'],
  ['.queue.core.windows.net', 'queue'],
  ['.blob.core.windows.net', 'blob'],
  ['.azurewebsites.net', 'site'],
];

/** Names for a certificate: the asterisk stands for one label. */
export const CERTIFICATE_NAMES: readonly string[] = [
  ...Object.keys(HOSTS),
  ...SUFFIXES.map(([suffix]) => `*${suffix}`),
];

/** The service behind a host name; undefined for any other name. */
export function serviceOf(host: string): NamedService | undefined {
  const name = host.toLowerCase();
  return HOSTS[name] ?? SUFFIXES.find(([suffix]) => name.endsWith(suffix))?.[1];
}

/**
 * Whether a resource has this name of a service. In Azure each name belongs to one resource. Account names are not
 * checked here: the data plane itself knows them.
 */
export function isTaken(host: string, service: NamedService, { vault, store, storage, site }: Places): boolean {
  const owners: Partial<Record<NamedService, Place | undefined>> = {
    keyVault: vault,
    appConfiguration: store,
    table: storage,
    queue: storage,
    blob: storage,
    site,
  };
  return !(service in owners) || owners[service]?.name.toLowerCase() === host.toLowerCase().split('.')[0];
}

/** Base URLs under Azure's own names. Those of vault and store follow `places` at each call. */
export function publicOrigins(places: Places) {
  return {
    resourceManager: 'https://management.azure.com',
    authority: 'https://login.microsoftonline.com',
    graph: 'https://graph.microsoft.com',
    get keyVault() {
      return `https://${places.vault.name}.vault.azure.net`;
    },
    get appConfiguration() {
      return `https://${places.store.name}.azconfig.io`;
    },
  };
}

/** Endpoints of a storage account as its `primaryEndpoints` gives them. */
export function storageEndpoints(name: string): Readonly<Record<'blob' | 'queue' | 'table', string>> {
  const of = (service: string): string => `https://${name}.${service}.core.windows.net/`;
  return { blob: of('blob'), queue: of('queue'), table: of('table') };
}

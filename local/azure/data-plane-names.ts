// The hosts of the data plane in each cloud: custom subdomains, regions, and the hosts that all regions share.
// It must not know accounts: a name says only which form it has.

export type CloudName = 'public' | 'usGovernment' | 'china';

/** What a host name of the data plane means. */
export type DataPlaneHost =
  /** Belongs to one account, which has this custom subdomain. */
  | { readonly form: 'subdomain'; readonly name: string; readonly cloud: CloudName }
  /** Serves the accounts of a region. The key says which account is meant. */
  | { readonly form: 'region'; readonly region: string; readonly cloud: CloudName }
  /** Serves accounts whose location is `global`. */
  | { readonly form: 'global'; readonly cloud: CloudName }
  /** Serves Translator's calls, and issues no tokens. */
  | { readonly form: 'translator'; readonly cloud: CloudName };

/** The suffix of the hosts of search services. */
const SEARCH_SUFFIX: Readonly<Record<CloudName, string>> = {
  public: '.search.windows.net',
  usGovernment: '.search.azure.us',
  china: '.search.azure.cn',
};
export const SEARCH_SUFFIXES: readonly string[] = Object.values(SEARCH_SUFFIX);

interface Names {
  /** The first is the one of an endpoint. */
  readonly subdomains: readonly string[];
  readonly region: string;
  readonly translator: string;
}

const NAMES: Readonly<Record<CloudName, Names>> = {
  public: {
    subdomains: ['.cognitiveservices.azure.com', '.openai.azure.com', '.services.ai.azure.com'],
    region: '.api.cognitive.microsoft.com',
    translator: 'api.cognitive.microsofttranslator.com',
  },
  usGovernment: {
    subdomains: ['.cognitiveservices.azure.us', '.openai.azure.us'],
    region: '.api.cognitive.microsoft.us',
    translator: 'api.cognitive.microsofttranslator.us',
  },
  china: {
    subdomains: ['.cognitiveservices.azure.cn', '.openai.azure.cn'],
    region: '.api.cognitive.azure.cn',
    translator: 'api.translator.azure.cn',
  },
};

const CLOUD_NAMES = Object.keys(NAMES) as readonly CloudName[];

/** Suffixes whose first label is a subdomain or a region. */
export const DATA_PLANE_SUFFIXES: readonly string[] = Object.values(NAMES).flatMap(({ subdomains, region }) => [
  ...subdomains,
  region,
]);

/** Whole names. */
export const DATA_PLANE_HOSTS: readonly string[] = Object.values(NAMES).flatMap(({ region, translator }) => [
  region.slice(1),
  translator,
]);

/** Undefined for a name that is no host of the data plane. `host` may have a port. */
export function dataPlaneHostOf(host: string | undefined): DataPlaneHost | undefined {
  const [name = ''] = (host ?? '').toLowerCase().split(':');
  const [first = ''] = name.split('.');
  for (const cloud of CLOUD_NAMES) {
    const { subdomains, region, translator } = NAMES[cloud];
    if (name === translator) return { form: 'translator', cloud };
    if (name === region.slice(1)) return { form: 'global', cloud };
    if (name === `${first}${region}`) return { form: 'region', region: first, cloud };
    if (subdomains.some((suffix) => name === `${first}${suffix}`)) return { form: 'subdomain', name: first, cloud };
  }
  return undefined;
}

/** Undefined for a name that is no host of a search service. `host` may have a port. */
export function searchHostOf(
  host: string | undefined,
): { readonly name: string; readonly cloud: CloudName } | undefined {
  const [name = ''] = (host ?? '').toLowerCase().split(':');
  const [first = ''] = name.split('.');
  const cloud = CLOUD_NAMES.find((each) => name === `${first}${SEARCH_SUFFIX[each]}`);
  return cloud === undefined ? undefined : { name: first, cloud };
}

export function searchEndpoint(name: string, cloud: CloudName): string {
  return `https://${name}${SEARCH_SUFFIX[cloud]}/`;
}

/** An account as far as its endpoint depends on it. */
export interface Reachable {
  readonly name: string;
  readonly kind: string;
  readonly location: string;
  readonly cloud: CloudName;
  readonly hasCustomSubdomain: boolean;
}

/** The base of an endpoint as Azure Resource Manager lists it. Translator lists its own host even with a subdomain. */
export function publicEndpoint({ name, kind, location, cloud, hasCustomSubdomain }: Reachable): string {
  const { subdomains, region, translator } = NAMES[cloud];
  if (kind.toLowerCase() === 'texttranslation') return `https://${translator}/`;
  if (hasCustomSubdomain) return `https://${name}${subdomains[0] ?? ''}/`;
  return location === 'global' ? `https://${region.slice(1)}/` : `https://${location}${region}/`;
}

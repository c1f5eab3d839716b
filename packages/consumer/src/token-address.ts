// The address that issues tokens for an account. Pure.
// A test holds it equal to the address that the service probes.

export interface TokenAddressOptions {
  /** The account's endpoint as Azure lists it, with or without the last slash or a path. */
  readonly endpoint: string;
  /** The account's region. Needed for Translator's own hosts, which issue no tokens; `global` for a global account. */
  readonly region?: string;
}

const PATH = 'sts/v1.0/issueToken';
/** Azure may list an endpoint with the path of a service (`…/sts/v1.0/issuetoken`, `…/face/v1.0`): its origin counts. */
const AZURE_HOST = /\.(?:cognitive\.microsoft\.(?:com|us)|azure\.(?:com|us|cn))$/;
/** Hosts of Translator, and the shared host of the same cloud. */
const TRANSLATOR_HOSTS: readonly (readonly [host: RegExp, tokenHost: string])[] = [
  [/(?:^|\.)microsofttranslator\.com$/, 'api.cognitive.microsoft.com'],
  [/(?:^|\.)microsofttranslator\.us$/, 'api.cognitive.microsoft.us'],
  [/(?:^|\.)translator\.azure\.cn$/, 'api.cognitive.azure.cn'],
];

/** Throws for a host of Translator without a region. */
export function tokenAddress({ endpoint, region }: TokenAddressOptions): string {
  const { origin, hostname, pathname } = new URL(endpoint);
  const tokenHost = TRANSLATOR_HOSTS.find(([host]) => host.test(hostname))?.[1];
  if (tokenHost !== undefined) return `https://${prefixOf(region, hostname)}${tokenHost}/${PATH}`;
  if (AZURE_HOST.test(hostname)) return `${origin}/${PATH}`;
  // A gateway of the application's own may have a path.
  const base = pathname.replace(/(?:\/sts\/v1\.0\/issuetoken)?\/*$/i, '');
  return `${origin}${base}/${PATH}`;
}

function prefixOf(region: string | undefined, hostname: string): string {
  if (region === undefined) throw new Error(`${hostname} issues no tokens: name the account's region.`);
  const name = region.toLowerCase().replaceAll(' ', '');
  return name === 'global' ? '' : `${name}.`;
}

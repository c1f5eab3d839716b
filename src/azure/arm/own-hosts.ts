// The hosts of one account alone, by which a holder shows that it sends its value to this account.
// It must not know holders.
import type { AccountDetails } from '../../operators/check/ports.ts';

/** Suffixes under which an account with a custom subdomain answers besides its endpoint, in the public cloud. */
export const OTHER_SUFFIXES = ['cognitiveservices.azure.com', 'openai.azure.com', 'services.ai.azure.com'];

/** Lower-cased. None for an account without a custom subdomain: all accounts of its region share one host. */
export function ownHosts({ endpoint, customSubDomainName }: AccountDetails): readonly string[] {
  if (customSubDomainName === undefined) return [];
  const others = OTHER_SUFFIXES.map((suffix) => `${customSubDomainName}.${suffix}`.toLowerCase());
  return [...new Set([new URL(endpoint).host.toLowerCase(), ...others])];
}

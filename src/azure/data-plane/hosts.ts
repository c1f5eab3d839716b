// The address below which the calls of an account go. Pure.
// It must not choose a call. Azure Resource Manager may list an endpoint with a path (`…/sts/v1.0/issuetoken`): a probe
// goes to its origin. Source: examples of the Cognitive Services management API, 2025-06-01.
import type { Cloud } from '../../config/cloud.ts';
import type { AccountDetails } from '../../operators/check/ports.ts';

/** Translator lists one of these. They serve translations and issue no tokens. */
const TRANSLATOR_HOST = /(?:^|\.)(?:microsofttranslator\.(?:com|us)|translator\.azure\.cn)$/;

/** With a trailing slash. */
export function baseOf(details: AccountDetails, cloud: Cloud): string {
  const url = new URL(details.endpoint);
  if (TRANSLATOR_HOST.test(url.hostname)) return tokenHostOf(details, cloud);
  const [first = ''] = url.pathname.slice(1).split('/');
  return cloud.isAccountInPath && first !== '' ? `${url.origin}/${first}/` : `${url.origin}/`;
}

/**
 * The custom subdomain, which is the only host that serves an account with network rules; else the host of the region,
 * or the shared host for a global account.
 */
function tokenHostOf({ customSubDomainName, location }: AccountDetails, cloud: Cloud): string {
  if (customSubDomainName !== undefined) return `https://${customSubDomainName}.${cloud.subdomainSuffix}/`;
  const region = location.toLowerCase().replaceAll(' ', '');
  return region === '' || region === 'global'
    ? `https://${cloud.regionSuffix}/`
    : `https://${region}.${cloud.regionSuffix}/`;
}

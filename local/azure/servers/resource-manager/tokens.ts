// How Azure Resource Manager refuses a token.

import type { TokenCheck, TokenIssuer } from '../../identity/tokens.ts';
import { type Answer, json } from '../http.ts';

const AUDIENCES = [
  'https://management.core.windows.net/',
  'https://management.core.windows.net',
  'https://management.azure.com/',
  'https://management.azure.com',
];

function refusalOf(check: TokenCheck, tenantId: string): { code: string; message: string } | undefined {
  switch (check.state) {
    case 'valid':
      return undefined;
    case 'missing':
      return { code: 'AuthenticationFailed', message: "Authentication failed. The 'Authorization' header is missing." };
    case 'malformed':
      return { code: 'InvalidAuthenticationToken', message: 'The access token is invalid.' };
    case 'expired': {
      const expiry = new Date(check.claims.exp * 1000).toISOString();
      const message = `The access token expiry UTC time '${expiry}' is earlier than current UTC time.`;
      return { code: 'ExpiredAuthenticationToken', message };
    }
    case 'wrongTenant': {
      const message =
        `The access token is from the wrong issuer '${check.claims.iss}'. It must match the tenant ` +
        `'https://sts.windows.net/${tenantId}/' associated with this subscription.`;
      return { code: 'InvalidAuthenticationTokenTenant', message };
    }
    case 'wrongAudience': {
      const message =
        `The access token has been obtained for wrong audience or resource '${check.claims.aud}'. It should exactly ` +
        `match with one of the allowed audiences ${AUDIENCES.map((audience) => `'${audience}'`).join(',')}.`;
      return { code: 'InvalidAuthenticationTokenAudience', message };
    }
  }
}

/** The 401 for this `Authorization` header, or undefined when it is good. */
export function refuseToken(tokens: TokenIssuer, authorization: string | undefined): Answer | undefined {
  const check = tokens.check(authorization, (audience) => AUDIENCES.includes(audience));
  const error = refusalOf(check, tokens.tenantId);
  if (error === undefined) return undefined;
  const challenge =
    check.state === 'missing' ? 'Bearer' : `Bearer error="invalid_token", error_description="${error.message}"`;
  return json(401, { error }, { 'www-authenticate': challenge, 'cache-control': 'no-cache' });
}

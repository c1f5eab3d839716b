// The refusals of Key Vault: challenges, tokens, versions, names, and the world's refusals.
import { randomUUID } from 'node:crypto';
import type { Denial } from '../../identity/access.ts';
import type { TokenCheck, TokenIssuer } from '../../identity/tokens.ts';
import { SECRET_NAME } from '../../world/key-vault.ts';
import type { WorldError } from '../../world/world-error.ts';
import { type Answer, json, type WireCall } from '../http.ts';

/** The only audience, without a trailing slash: Key Vault refuses a token with one. */
const RESOURCE = 'https://vault.azure.net';
/** All stable ones: SDKs of each year send their own. */
const API_VERSIONS = [
  '2015-06-01',
  '2016-10-01',
  '7.0',
  '7.1',
  '7.2',
  '7.3',
  '7.4',
  '7.5',
  '7.6',
  '2025-07-01',
  '2026-04-01',
];

/** An answer with the headers that every answer of Key Vault has. */
export function vaultAnswer(
  call: WireCall | undefined,
  status: number,
  body: unknown,
  headers: Answer['headers'] = {},
): Answer {
  const clientRequestId = call?.headers['x-ms-client-request-id'];
  return json(status, body, {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'x-ms-keyvault-region': 'westeurope',
    'x-ms-keyvault-service-version': '1.9.2000.0',
    'x-ms-keyvault-network-info': 'conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;',
    'x-ms-request-id': randomUUID(),
    ...(typeof clientRequestId === 'string' ? { 'x-ms-client-request-id': clientRequestId } : {}),
    ...headers,
  });
}

export function vaultError(
  call: WireCall | undefined,
  status: number,
  code: string,
  message: string,
  more: { readonly innerCode?: string; readonly headers?: Answer['headers'] } = {},
): Answer {
  const innererror = more.innerCode === undefined ? {} : { innererror: { code: more.innerCode } };
  return vaultAnswer(call, status, { error: { code, message, ...innererror } }, more.headers);
}

function tokenMessage(check: TokenCheck, tenantId: string): string | undefined {
  switch (check.state) {
    case 'valid':
      return undefined;
    case 'missing':
      return 'AKV10000: Request is missing a Bearer or PoP token.';
    case 'malformed':
      return 'Error validating token: the token is malformed or its signature is invalid.';
    case 'expired':
      return '[TokenExpired] Error validating token: the token is expired.';
    case 'wrongTenant':
      return `AKV10032: Invalid issuer. Expected one of https://sts.windows.net/${tenantId}/, found ${check.claims.iss}.`;
    case 'wrongAudience':
      return `AKV10022: Invalid audience. Expected ${RESOURCE}, found: ${check.claims.aud}.`;
  }
}

/** The 401 with the challenge, or undefined when the token is good. */
export function refuseToken(call: WireCall, tokens: TokenIssuer, authority: string): Answer | undefined {
  const check = tokens.check(call.headers.authorization, (audience) => audience === RESOURCE);
  const message = tokenMessage(check, tokens.tenantId);
  if (message === undefined) return undefined;
  const challenge = `Bearer authorization="${authority}/${tokens.tenantId}", resource="${RESOURCE}"`;
  return vaultError(call, 401, 'Unauthorized', message, { headers: { 'www-authenticate': challenge } });
}

export function refuseVersion(call: WireCall): Answer | undefined {
  const version = call.query.get('api-version');
  if (version === undefined) return vaultError(call, 400, 'BadParameter', 'api-version must be specified');
  if (API_VERSIONS.includes(version)) return undefined;
  const newest = API_VERSIONS.at(-1) ?? '';
  const message =
    `The specified version (${version}) is not recognized. ` +
    `Consider using the latest supported version (${newest}).`;
  return vaultError(call, 400, 'BadParameter', message);
}

/** The 403 for a call that no role allows. */
export function forbidden(call: WireCall, { claims, permission, scope }: Denial, vaultName: string): Answer {
  const resource = [scope, ...call.segments.slice(0, 2)].join('/').toLowerCase();
  const message =
    'Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role ' +
    'definitions were changed recently, please observe propagation time.\r\n' +
    `Caller: appid=${claims.appid};oid=${claims.oid};iss=${claims.iss}\r\nAction: '${permission}'\r\n` +
    `Resource: '${resource}'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\n` +
    `Vault: ${vaultName};location=westeurope\r\n`;
  return vaultError(call, 403, 'Forbidden', message, { innerCode: 'ForbiddenByRbac' });
}

export function refuseName(call: WireCall, name: string | undefined): Answer | undefined {
  if (name === undefined || SECRET_NAME.test(name)) return undefined;
  return vaultError(call, 400, 'BadParameter', `The request URI contains an invalid name: ${name}`);
}

/** The world's refusal in Key Vault's words. */
export function refused(call: WireCall, error: WorldError): Answer {
  const { code, subject, detail = '' } = error;
  if (code === 'BadParameter') return vaultError(call, 400, code, detail);
  if (code === 'SecretNotFound') {
    const message =
      `A secret with (name/id) ${subject} was not found in this key vault. If you recently deleted this secret you ` +
      'may be able to recover it using the correct recovery command. For help resolving this issue, please see ' +
      'https://go.microsoft.com/fwlink/?linkid=2125182';
    return vaultError(call, 404, 'SecretNotFound', message);
  }
  if (code === 'SecretDisabled') {
    const message = 'Operation get is not allowed on a disabled secret.';
    return vaultError(call, 403, 'Forbidden', message, { innerCode: 'SecretDisabled' });
  }
  if (code === 'ObjectIsDeletedButRecoverable') {
    const message =
      `Secret ${subject} is currently in a deleted but recoverable state, and its name cannot be reused; ` +
      'in this state, the secret can only be recovered or purged.';
    return vaultError(call, 409, 'Conflict', message, { innerCode: 'ObjectIsDeletedButRecoverable' });
  }
  throw error;
}

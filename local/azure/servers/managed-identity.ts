// App Service's endpoint for the managed identity of a Function App: plain http, guarded by a secret header.
import type { ManagedIdentities } from '../identity/managed-identities.ts';
import type { TokenIssuer } from '../identity/tokens.ts';
import { isKnownResource } from './entra.ts';
import { type Answer, json, type Plan, retryAfter, type WireCall, type WireService } from './http.ts';

export interface ManagedIdentityOptions {
  /** The required value of `X-IDENTITY-HEADER`. */
  readonly header: string;
  readonly identities: ManagedIdentities;
  readonly tokens: TokenIssuer;
  readonly now: () => number;
  resources(): readonly string[];
}

export const managedIdentityPath = 'msi/token';

const API_VERSION = '2019-08-01';
const LIFETIME_SECONDS = 24 * 3600;

function refused(status: number, message: string): Answer {
  return json(status, { statusCode: status, message });
}

function issue(options: ManagedIdentityOptions, call: WireCall): Answer {
  if (call.headers['x-identity-header'] !== options.header) {
    return refused(401, 'The X-IDENTITY-HEADER header is missing or wrong.');
  }
  if (call.query.get('api-version') !== API_VERSION) return refused(400, `The api-version must be ${API_VERSION}.`);
  const principal = options.identities.find(call.query.get('client_id'));
  if (principal === undefined) {
    const text = 'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.';
    return refused(400, text);
  }
  const resource = call.query.get('resource') ?? '';
  if (!isKnownResource(resource, options.resources())) {
    return refused(400, `AADSTS500011: The resource principal named ${resource} was not found in the tenant.`);
  }
  const claims = { aud: resource, oid: principal.objectId, appid: principal.clientId };
  const expiresOn = Math.floor(options.now() / 1000) + LIFETIME_SECONDS;
  return json(200, {
    access_token: options.tokens.issue(claims, LIFETIME_SECONDS),
    expires_on: String(expiresOn),
    resource,
    token_type: 'Bearer',
    client_id: principal.clientId,
  });
}

export function createManagedIdentity(options: ManagedIdentityOptions): WireService {
  const plan = (call: WireCall): Plan => {
    const isTokenPath = call.method === 'GET' && call.segments.join('/') === managedIdentityPath;
    if (isTokenPath) return { operation: 'managedIdentity', run: () => issue(options, call) };
    return { operation: 'unknown', run: () => ({ status: 404, headers: {} }) };
  };
  return {
    service: 'token',
    plan,
    throttled: (seconds) => {
      const answer = refused(429, 'Too many requests.');
      return { ...answer, headers: { ...answer.headers, ...retryAfter(seconds) } };
    },
    failed: (status) => refused(status, 'An unexpected error occurred while fetching the token.'),
  };
}

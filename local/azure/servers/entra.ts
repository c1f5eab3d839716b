// The Entra token endpoint for the applications of the tenant, and the discovery documents that identity libraries ask for.
import { randomUUID } from 'node:crypto';
import type { Directory } from '../identity/directory.ts';
import type { TokenIssuer } from '../identity/tokens.ts';
import { type Answer, json, type Plan, retryAfter, type WireCall, type WireService } from './http.ts';

export interface EntraOptions {
  readonly directory: Directory;
  readonly tokens: TokenIssuer;
  /** Base URL of this server: the authority host. */
  origin(): string;
  /** Resources besides Azure's own that tokens are issued for. */
  resources(): readonly string[];
}

const LIFETIME_SECONDS = 3599;

/** The Azure resources that this local Azure has, without trailing slash. */
const RESOURCES = [
  'https://management.azure.com',
  'https://management.core.windows.net',
  'https://vault.azure.net',
  'https://appconfig.azure.com',
  'https://azconfig.io',
  'https://cognitiveservices.azure.com',
  'https://ai.azure.com',
  'https://search.azure.com',
  'https://graph.microsoft.com',
  'https://storage.azure.com',
  'https://eventgrid.azure.net',
];

export function isKnownResource(resource: string, others: readonly string[]): boolean {
  const bare = resource.endsWith('/') ? resource.slice(0, -1) : resource;
  return [...RESOURCES, ...others].includes(bare);
}

function oauthError(status: number, error: string, code: number, text: string): Answer {
  const trace = randomUUID();
  const correlation = randomUUID();
  const timestamp = new Date().toISOString().slice(0, 19).replace('T', ' ') + 'Z';
  const description = `AADSTS${code}: ${text} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`;
  const body = { error, error_description: description, error_codes: [code], timestamp };
  return json(status, { ...body, trace_id: trace, correlation_id: correlation });
}

function basicCredentials(header: string | undefined): readonly (string | undefined)[] {
  const encoded = /^Basic\s+(\S+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return [];
  return Buffer.from(encoded, 'base64')
    .toString()
    .split(':')
    .map((part) => decodeURIComponent(part));
}

function issue(options: EntraOptions, call: WireCall, tenant: string): Answer {
  const { tenantId } = options.tokens;
  const form = new URLSearchParams(call.body.toString('utf8'));
  const [basicId, basicSecret] = basicCredentials(call.headers.authorization);
  const clientId = form.get('client_id') ?? basicId ?? '';
  const clientSecret = form.get('client_secret') ?? basicSecret;
  const scope = (form.get('scope') ?? '').split(' ').find((entry) => entry.includes('://')) ?? '';
  if (tenant.toLowerCase() !== tenantId) {
    return oauthError(400, 'invalid_request', 90002, `Tenant '${tenant}' not found.`);
  }
  if (form.get('grant_type') !== 'client_credentials') {
    const text = "The app requested an unsupported grant type. Only 'client_credentials' is known here.";
    return oauthError(400, 'unsupported_grant_type', 70003, text);
  }
  const application = options.directory.byClientId(clientId);
  // Without a service principal, the application is not of this tenant.
  if (application?.principalId === undefined) {
    const text = `Application with identifier '${clientId}' was not found in the directory.`;
    return oauthError(400, 'unauthorized_client', 700016, text);
  }
  if (!application.passwords.some(({ secret }) => secret === clientSecret)) {
    return oauthError(401, 'invalid_client', 7000215, `Invalid client secret provided for app '${clientId}'.`);
  }
  if (!scope.endsWith('/.default')) {
    const text = 'Client credential flows must have a scope value with /.default suffixed to the resource identifier.';
    return oauthError(400, 'invalid_scope', 1002012, text);
  }
  const aud = scope.slice(0, -'/.default'.length);
  if (!isKnownResource(aud, options.resources())) {
    const text = `The resource principal named ${aud} was not found in the tenant.`;
    return oauthError(400, 'invalid_resource', 500011, text);
  }
  const claims = { aud, oid: application.principalId, appid: application.appId };
  const token = options.tokens.issue(claims, LIFETIME_SECONDS);
  const lifetime = { expires_in: LIFETIME_SECONDS, ext_expires_in: LIFETIME_SECONDS };
  return json(200, { token_type: 'Bearer', ...lifetime, access_token: token }, { 'cache-control': 'no-store' });
}

function openIdConfiguration(origin: string, tenant: string): Answer {
  return json(200, {
    token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
    response_types_supported: ['code', 'id_token', 'token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    issuer: `${origin}/${tenant}/v2.0`,
    authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${origin}/${tenant}/oauth2/v2.0/logout`,
    tenant_region_scope: 'EU',
    cloud_instance_name: new URL(origin).host,
  });
}

function instanceDiscovery(origin: string, tenant: string): Answer {
  const { host } = new URL(origin);
  return json(200, {
    tenant_discovery_endpoint: `${origin}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  });
}

export function createEntra(options: EntraOptions): WireService {
  const plan = (call: WireCall): Plan => {
    const [tenant = '', ...rest] = call.segments;
    const path = rest.join('/');
    if (call.method === 'POST' && path === 'oauth2/v2.0/token') {
      return { operation: 'clientCredentials', run: () => issue(options, call, tenant) };
    }
    if (call.method === 'GET' && path === 'v2.0/.well-known/openid-configuration') {
      return { operation: 'openIdConfiguration', run: () => openIdConfiguration(options.origin(), tenant) };
    }
    if (call.method === 'GET' && path === 'discovery/instance') {
      const { tenantId } = options.tokens;
      return { operation: 'instanceDiscovery', run: () => instanceDiscovery(options.origin(), tenantId) };
    }
    return { operation: 'unknown', run: () => ({ status: 404, headers: {} }) };
  };
  return {
    service: 'token',
    plan,
    throttled: (seconds) => {
      const answer = oauthError(429, 'temporarily_unavailable', 90055, 'There are too many requests.');
      return { ...answer, headers: { ...answer.headers, ...retryAfter(seconds) } };
    },
    failed: (status) => oauthError(status, 'server_error', 90033, 'A transient error has occurred. Please try again.'),
  };
}

// The gateway in front of the AI services: one server for all accounts and all of their hosts. It checks the network
// rules first, then the key or token, and only then the route. The answers of the services are in `routes.ts`.
import { randomUUID } from 'node:crypto';
import type { AccessControl } from '../../identity/access.ts';
import type { TokenIssuer } from '../../identity/tokens.ts';
import { letsIn, type NetworkRules } from '../../world/network-rules.ts';
import type { AccountState, World } from '../../world/world.ts';
import {
  type Answer,
  isLengthStated,
  json,
  lengthRequired,
  type Plan,
  retryAfter,
  type WireCall,
  type WireService,
} from '../http.ts';
import { Addresses, headerOf, keyOf, type Located } from './located.ts';
import { MetNodes } from './met-nodes.ts';
import { type DataPlaneRoute, findDataPlaneRoute } from './routes.ts';

export interface DataPlaneOptions {
  readonly world: World;
  readonly tokens: TokenIssuer;
  readonly access: AccessControl;
}

/** Audience of the tokens that `issueToken` issues. */
const ISSUED_AUDIENCE = 'urn:ms.cognitiveservices';
const ENTRA_AUDIENCES = ['https://cognitiveservices.azure.com', 'https://cognitiveservices.azure.com/'];
/** Each service has permissions of its own. The role that people get for this has all of them. */
const USE = { name: 'Microsoft.CognitiveServices/accounts/any/action', isData: true };
const QUOTA_RETRY_AFTER_SECONDS = 15 * 86_400;

const INVALID_KEY =
  'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an ' +
  'active subscription and use a correct regional API endpoint for your resource.';
const MISSING_KEY =
  'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.';
const PUBLIC_ACCESS_DISABLED = 'Public access is disabled. Please configure private endpoint.';
const NO_SUBDOMAIN = 'Please provide a custom subdomain for token authentication, otherwise API key is required.';
const INVALID_TOKEN =
  'Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), ' +
  'or have expired.';

function gatewayAnswer(status: number, body: string, headers: Answer['headers'] = {}, reason?: string): Answer {
  return {
    status,
    ...(reason === undefined ? {} : { reason }),
    headers: { 'content-type': 'application/json', 'apim-request-id': randomUUID(), ...headers },
    body,
  };
}

function gatewayError(status: number, code: string, message: string, headers: Answer['headers'] = {}): Answer {
  return gatewayAnswer(status, JSON.stringify({ error: { code, message } }), headers);
}

function unauthorized(route: DataPlaneRoute | undefined, message: string): Answer {
  if (route?.isTranslator === true) return translatorUnauthorized(401_000);
  return gatewayAnswer(401, JSON.stringify({ error: { code: '401', message } }), {}, 'PermissionDenied');
}

/** 401001: the region header is missing. */
function translatorUnauthorized(code: 401_000 | 401_001): Answer {
  const message = 'The request is not authorized because credentials are missing or invalid.';
  return json(401, { error: { code, message } });
}

/** Translator's own host must be told the region of an account that has one. */
function refuseRegion(call: WireCall, { seed }: AccountState): Answer | undefined {
  if (seed.location === 'global') return undefined;
  const region = headerOf(call, 'ocp-apim-subscription-region');
  if (region === undefined) return translatorUnauthorized(401_001);
  return region.toLowerCase() === seed.location ? undefined : translatorUnauthorized(401_000);
}

/** A version stands in the query or is a part of the path. */
function isRetired(call: WireCall, { knobs }: AccountState): boolean {
  const version = call.query.get('api-version');
  return knobs.retiredVersions.some((retired) => retired === version || call.segments.includes(retired));
}

// The gateway sends exactly this one space.
const FIREWALL_BODY = '{"error":{"code":"403","message": "Access denied due to Virtual Network/Firewall rules."}}';

/** With rules, the hosts that many accounts share are closed to everybody. */
function isKeptOut(rules: NetworkRules | undefined, address: string, host: Located['host']): boolean {
  if (rules === undefined || rules.defaultAction === 'Allow') return false;
  return host !== 'own' || !letsIn(rules, address);
}

class Gateway {
  readonly #options: DataPlaneOptions;
  readonly #nodes: MetNodes;

  constructor(options: DataPlaneOptions) {
    this.#options = options;
    this.#nodes = new MetNodes(options.world);
  }

  answer(call: WireCall, account: AccountState, route: DataPlaneRoute | undefined, host: Located['host']): Answer {
    const { knobs, seed } = account;
    if (knobs.publicNetworkAccess === 'Disabled') return gatewayError(403, '403', PUBLIC_ACCESS_DISABLED);
    if (knobs.isDeniedByFirewall || isKeptOut(knobs.networkRules, call.address, host)) {
      return gatewayAnswer(403, FIREWALL_BODY, { 'policy-id': 'ThrowExceptionDueToTrafficDenied' });
    }
    const refusal = this.#refuseCredentials(call, account, route);
    if (refusal !== undefined) return refusal;
    const unknownRegion = host === 'translator' ? refuseRegion(call, account) : undefined;
    if (unknownRegion !== undefined) return unknownRegion;
    // Translator's own host serves nothing else: tokens are issued elsewhere.
    if (host === 'translator' && route?.isTranslator !== true) return gatewayError(404, '404', 'Resource not found');
    if (knobs.isOutOfQuota) {
      const message =
        `Out of call volume quota for ${seed.kind} F0 pricing tier. Please retry after 15 days. ` +
        'To increase your call volume switch to a paid tier.';
      return gatewayError(403, '403', message, { 'retry-after': String(QUOTA_RETRY_AFTER_SECONDS) });
    }
    const isServed = route?.kinds.includes(seed.kind.toLowerCase()) === true && !isRetired(call, account);
    if (!isServed) return gatewayError(404, '404', 'Resource not found');
    return route.answer({ call, issueToken: () => this.#issueToken(account) });
  }

  #refuseCredentials(call: WireCall, account: AccountState, route: DataPlaneRoute | undefined): Answer | undefined {
    const { world } = this.#options;
    const key = keyOf(call, account.seed.kind);
    if (key === undefined) {
      if (call.headers.authorization === undefined) return unauthorized(route, MISSING_KEY);
      return this.#refuseToken(call, account, route);
    }
    if (account.knobs.isLocalAuthDisabled) {
      const message = 'Key based authentication is disabled for this resource.';
      return gatewayError(403, 'AuthenticationTypeDisabled', message);
    }
    const node = this.#nodes.nodeOf(call.connection, account);
    return world.acceptsKey(account.id, key, node) ? undefined : unauthorized(route, INVALID_KEY);
  }

  #refuseToken(call: WireCall, account: AccountState, route: DataPlaneRoute | undefined): Answer | undefined {
    const isAudience = (audience: string): boolean =>
      ENTRA_AUDIENCES.includes(audience) || (audience === ISSUED_AUDIENCE && route?.takesIssuedToken === true);
    const check = this.#options.tokens.check(call.headers.authorization, isAudience);
    const isOfEntra = check.state === 'valid' && check.claims.aud !== ISSUED_AUDIENCE;
    if (isOfEntra && !account.knobs.hasCustomSubdomain) return gatewayError(400, 'BadRequest', NO_SUBDOMAIN);
    const isGood =
      check.state === 'valid' && (check.claims.aud !== ISSUED_AUDIENCE || check.claims.account === account.id);
    if (isOfEntra && this.#isRoleMissing(call, account)) {
      const message = `The principal \`${check.claims.oid}\` lacks the required data action to perform \`${call.method}\` operation.`;
      return gatewayError(401, 'PermissionDenied', message);
    }
    if (isGood) return undefined;
    return gatewayAnswer(401, JSON.stringify({ statusCode: 401, message: INVALID_TOKEN }));
  }

  /** A host of many accounts does not know which one a token means. */
  isEntraToken({ headers }: WireCall): boolean {
    const check = this.#options.tokens.check(headers.authorization, (audience) => ENTRA_AUDIENCES.includes(audience));
    return check.state === 'valid';
  }

  #isRoleMissing({ headers }: WireCall, { id, knobs }: AccountState): boolean {
    return knobs.isEntraRoleMissing || this.#options.access.denial(headers.authorization, USE, id) !== undefined;
  }

  #issueToken(account: AccountState): string {
    const claims = { aud: ISSUED_AUDIENCE, oid: account.id, appid: account.id, account: account.id };
    return this.#options.tokens.issue(claims, 600);
  }
}

export function createDataPlane(options: DataPlaneOptions): WireService {
  const gateway = new Gateway(options);
  const addresses = new Addresses(options.world);
  const plan = (call: WireCall): Plan => {
    const { account, segments, host } = addresses.locate(call);
    const route = findDataPlaneRoute(call.method, segments);
    const operation = route?.operation ?? 'unknown';
    const run = (): Answer => {
      if (call.method === 'POST' && !isLengthStated(call)) return lengthRequired();
      if (account !== undefined) return gateway.answer(call, account, route, host);
      // A shared host finds no account for a key that it does not know, for a key of another region, and for a token.
      if (host === 'region' && gateway.isEntraToken(call)) return gatewayError(400, 'BadRequest', NO_SUBDOMAIN);
      return host === 'own' ? gatewayError(404, '404', 'Resource not found') : unauthorized(route, INVALID_KEY);
    };
    return account === undefined ? { operation, run } : { operation, account: account.seed.name, run };
  };

  return {
    service: 'dataPlane',
    plan,
    throttled: (seconds) => {
      const message =
        'Requests to the Operation under API have exceeded rate limit of your current S0 pricing tier. ' +
        `Please retry after ${seconds ?? 1} second(s).`;
      return gatewayError(429, '429', message, retryAfter(seconds));
    },
    failed: (status) => gatewayError(status, 'InternalServerError', 'The server had an error while processing.'),
  };
}

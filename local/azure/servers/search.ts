// The data plane of Azure AI Search as far as definitions go: skillsets and indexes, with a token. It refuses with 403
// and no body: a token of another audience, a principal without a role, a service that takes keys only.
import type { Holders } from '../holders/holders.ts';
import type { SearchService } from '../holders/search-services.ts';
import type { AccessControl } from '../identity/access.ts';
import type { TokenIssuer } from '../identity/tokens.ts';
import { type Answer, json, type Plan, retryAfter, type WireCall, type WireService } from './http.ts';
import { permissionFor } from './permissions.ts';

export interface SearchOptions {
  readonly holders: Holders;
  readonly tokens: TokenIssuer;
  readonly access: AccessControl;
}

const AUDIENCES = ['https://search.azure.com', 'https://search.azure.com/'];
const VERSIONS = ['2023-11-01', '2024-07-01', '2025-09-01'];
const PUBLIC_HOST = /^([^.]+)\.search\.windows\.net$/i;
const PATH = /^(skillsets|indexes)(?:\('([^']*)'\))?$/;
const OPERATIONS = {
  skillsets: { all: 'listSkillsets', one: 'getSkillset' },
  indexes: { all: 'listIndexes', one: 'getIndex' },
} as const;

/** At `localhost` the first part of the path is the service. */
function locate({ headers, segments }: WireCall): { readonly name: string; readonly path: string } {
  const named = PUBLIC_HOST.exec(headers.host?.split(':')[0] ?? '')?.[1];
  const [first = '', ...rest] = segments;
  return named === undefined ? { name: first, path: rest.join('/') } : { name: named, path: segments.join('/') };
}

function error(status: number, message: string, headers: Answer['headers'] = {}): Answer {
  return json(status, { error: { code: '', message } }, headers);
}

export function createSearch({ holders, tokens, access }: SearchOptions): WireService {
  const refuse = (call: WireCall, service: SearchService, operation: string): Answer | undefined => {
    const { authorization } = call.headers;
    const isValid = tokens.check(authorization, (audience) => AUDIENCES.includes(audience)).state === 'valid';
    const denial = access.denial(authorization, permissionFor(operation), service.id);
    if (!isValid || denial !== undefined || service.isKeyOnly) return { status: 403, headers: {} };
    if (VERSIONS.includes(call.query.get('api-version') ?? '')) return undefined;
    return error(400, 'Invalid or missing api-version query string parameter.');
  };
  const plan = (call: WireCall): Plan => {
    const { name, path } = locate(call);
    const [, kind, asked] = PATH.exec(path) ?? [];
    const operations = kind === undefined ? undefined : OPERATIONS[kind as keyof typeof OPERATIONS];
    const operation = operations?.[asked === undefined ? 'all' : 'one'] ?? 'unknown';
    const run = (): Answer => {
      const service = holders.search.services.get(name.toLowerCase());
      if (service === undefined || kind === undefined || call.method !== 'GET') return error(404, 'Not found.');
      const refusal = refuse(call, service, operation);
      if (refusal !== undefined) return refusal;
      const definitions = service[kind as keyof typeof OPERATIONS];
      if (asked === undefined) return json(200, { value: definitions.map((one) => holders.search.show(one)) });
      const found = definitions.find((one) => one.name === asked);
      return found === undefined ? error(404, `No ${kind} '${asked}'.`) : json(200, holders.search.show(found));
    };
    return { operation, run };
  };
  return {
    service: 'dataPlane',
    plan,
    throttled: (seconds) => error(429, 'Too many requests.', retryAfter(seconds)),
    failed: (status) => error(status, 'An error has occurred.'),
  };
}

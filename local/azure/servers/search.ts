// The data plane of Azure AI Search: its statistics, and definitions of skillsets and indexes, with an admin key or a
// token. It refuses with 403 and no body, for each of these causes: a dead key, network rules that keep the caller out,
// keys switched off, a token of another audience, a principal without a role, a service that takes keys only.

import { searchHostOf } from '../data-plane-names.ts';
import type { Holders } from '../holders/holders.ts';
import type { SearchService } from '../holders/search-services.ts';
import type { AccessControl } from '../identity/access.ts';
import type { TokenIssuer } from '../identity/tokens.ts';
import { letsIn } from '../world/network-rules.ts';
import type { World } from '../world/world.ts';
import { MetNodes } from './data-plane/met-nodes.ts';
import { type Answer, json, type Plan, retryAfter, type WireCall, type WireService } from './http.ts';
import { permissionFor } from './permissions.ts';

export interface SearchOptions {
  readonly world: World;
  readonly holders: Holders;
  readonly tokens: TokenIssuer;
  readonly access: AccessControl;
}

const AUDIENCES = ['https://search.azure.com', 'https://search.azure.com/'];
const VERSIONS = ['2023-11-01', '2024-07-01', '2025-09-01'];
const PATH = /^(servicestats|skillsets|indexes)(?:\('([^']*)'\))?$/;
const OPERATIONS = {
  servicestats: { all: 'getServiceStatistics', one: 'unknown' },
  skillsets: { all: 'listSkillsets', one: 'getSkillset' },
  indexes: { all: 'listIndexes', one: 'getIndex' },
} as const;
type Kind = keyof typeof OPERATIONS;

interface Located {
  readonly service: SearchService | undefined;
  readonly path: string;
}

function error(status: number, message: string, headers: Answer['headers'] = {}): Answer {
  return json(status, { error: { code: '', message } }, headers);
}

const FORBIDDEN: Answer = { status: 403, headers: {} };

function statisticsOf({ indexes, skillsets }: SearchService): object {
  const counter = (usage: number, quota: number | null = null): object => ({ usage, quota });
  return {
    counters: {
      documentCount: counter(0),
      indexesCount: counter(indexes.length, 15),
      indexersCount: counter(0, 15),
      dataSourcesCount: counter(0, 15),
      storageSize: counter(0, 16_106_127_360),
      synonymMaps: counter(0, 3),
      skillsetCount: counter(skillsets.length, 15),
      vectorIndexSize: counter(0, 5_368_709_120),
    },
    limits: { maxFieldsPerIndex: 1_000 },
  };
}

class SearchGateway {
  readonly #options: SearchOptions;
  readonly #nodes: MetNodes;

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#nodes = new MetNodes(options.world);
  }

  /** At `localhost` the first part of the path is the service. */
  locate({ headers, segments }: WireCall): Located {
    const { search } = this.#options.holders;
    const host = searchHostOf(headers.host);
    const [first = '', ...rest] = segments;
    if (host === undefined) return { service: search.named(first), path: rest.join('/') };
    const found = search.named(host.name);
    const isHere = (found?.account.seed.cloud ?? 'public') === host.cloud;
    return { service: isHere ? found : undefined, path: segments.join('/') };
  }

  refuse(call: WireCall, service: SearchService, operation: string): Answer | undefined {
    const { knobs } = service.account;
    const isKeptOut = knobs.networkRules !== undefined && !letsIn(knobs.networkRules, call.address);
    if (knobs.isDeniedByFirewall || knobs.publicNetworkAccess === 'Disabled' || isKeptOut) return FORBIDDEN;
    if (!this.#isLetIn(call, service, operation)) return FORBIDDEN;
    const version = call.query.get('api-version') ?? '';
    if (VERSIONS.includes(version) && !knobs.retiredVersions.includes(version)) return undefined;
    return error(400, 'Invalid or missing api-version query string parameter.');
  }

  #isLetIn(call: WireCall, { account, isKeyOnly }: SearchService, operation: string): boolean {
    const { world, tokens, access } = this.#options;
    const { 'api-key': key, authorization } = call.headers;
    if (typeof key === 'string') {
      const node = this.#nodes.nodeOf(call.connection, account);
      return !account.knobs.isLocalAuthDisabled && world.acceptsKey(account.id, key, node);
    }
    const isValid = tokens.check(authorization, (audience) => AUDIENCES.includes(audience)).state === 'valid';
    const denial = access.denial(authorization, permissionFor(operation), account.id);
    return isValid && denial === undefined && !isKeyOnly && !account.knobs.isEntraRoleMissing;
  }
}

export function createSearch(options: SearchOptions): WireService {
  const gateway = new SearchGateway(options);
  const { search } = options.holders;
  const plan = (call: WireCall): Plan => {
    const { service, path } = gateway.locate(call);
    const [, kind, asked] = PATH.exec(path) ?? [];
    const operations = kind === undefined ? undefined : OPERATIONS[kind as Kind];
    const operation = operations?.[asked === undefined ? 'all' : 'one'] ?? 'unknown';
    const run = (): Answer => {
      if (service === undefined || operation === 'unknown' || call.method !== 'GET') return error(404, 'Not found.');
      const refusal = gateway.refuse(call, service, operation);
      if (refusal !== undefined) return refusal;
      if (kind === 'servicestats') return json(200, statisticsOf(service));
      const definitions = kind === 'skillsets' ? service.skillsets : service.indexes;
      if (asked === undefined) return json(200, { value: definitions.map((one) => search.show(one)) });
      const found = definitions.find((one) => one.name === asked);
      return found === undefined ? error(404, `No ${kind ?? ''} '${asked}'.`) : json(200, search.show(found));
    };
    return { operation, run, ...(service === undefined ? {} : { account: service.name }) };
  };
  return {
    service: 'dataPlane',
    plan,
    throttled: (seconds) => error(429, 'Too many requests.', retryAfter(seconds)),
    failed: (status) => error(status, 'An error has occurred.'),
  };
}

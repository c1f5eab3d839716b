// A configuration store on the wire: key-values, lists, locks, their conditions and ETags.
// It must not decide the effect of a write on a key-value: the world does.

import { createHash } from 'node:crypto';
import type { AccessControl } from '../../identity/access.ts';
import type { TokenIssuer } from '../../identity/tokens.ts';
import type { Places } from '../../places.ts';
import type { Condition, ConfigurationStore, KeyValueState } from '../../world/configuration-store.ts';
import { WorldError } from '../../world/world-error.ts';
import type { Answer, Plan, WireCall, WireService } from '../http.ts';
import { permissionFor } from '../permissions.ts';
import {
  configurationAnswer,
  forbidden,
  KEY_VALUE_SET_TYPE,
  KEY_VALUE_TYPE,
  keyValueBody,
  problem,
  refused,
  refuseToken,
  refuseVersion,
  type SyncTokens,
} from './answers.ts';
import { acceptsOf, afterOf, afterTokenOf, labelOf, readKeyValue, refuseParameters, selectOf } from './query.ts';

export interface AppConfigurationOptions {
  readonly store: ConfigurationStore;
  readonly tokens: TokenIssuer;
  readonly access: AccessControl;
  readonly places: Places;
  readonly syncTokens: SyncTokens;
  /** Base URL of this server: an audience of its tokens. */
  origin(): string;
}

const PAGE_SIZE = 100;

/** `"etag"` and `*` in the world's form; absent when the header is absent. */
function conditionOf(call: WireCall): Condition {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = call.headers;
  return {
    ...(ifMatch === undefined ? {} : { ifMatch: unquote(ifMatch) }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: unquote(ifNoneMatch) }),
  };
}

function unquote(etag: string): string {
  return etag.trim().replace(/^"(.*)"$/, '$1');
}

class StoreServer {
  readonly #options: AppConfigurationOptions;

  constructor(options: AppConfigurationOptions) {
    this.#options = options;
  }

  get(call: WireCall, key: string): Answer {
    const found = this.#options.store.get(key, labelOf(call));
    if (found === undefined) return this.#empty(404);
    const { ifMatch, ifNoneMatch } = conditionOf(call);
    if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== found.etag) return this.#empty(412);
    if (ifNoneMatch !== undefined && (ifNoneMatch === '*' || ifNoneMatch === found.etag)) {
      return { ...this.#entry(found, undefined), status: 304 };
    }
    return this.#entry(found, selectOf(call));
  }

  put(call: WireCall, key: string): Answer {
    const content = readKeyValue(call, key);
    if ('refusal' in content) return problem(content.refusal);
    const written = this.#options.store.set(key, labelOf(call), content, conditionOf(call));
    this.#options.syncTokens.advance();
    return this.#entry(written, undefined);
  }

  delete(call: WireCall, key: string): Answer {
    const deleted = this.#options.store.delete(key, labelOf(call), conditionOf(call));
    if (deleted === undefined) return configurationAnswer(this.#options.syncTokens, 204, undefined, KEY_VALUE_TYPE);
    this.#options.syncTokens.advance();
    return this.#entry(deleted, undefined);
  }

  lock(call: WireCall, key: string, isLocked: boolean): Answer {
    const changed = this.#options.store.setLock(key, labelOf(call), isLocked, conditionOf(call));
    this.#options.syncTokens.advance();
    return this.#entry(changed, undefined);
  }

  list(call: WireCall): Answer {
    const accepts = acceptsOf(call);
    if ('refusal' in accepts) return problem(accepts.refusal);
    const after = afterOf(call);
    if ('refusal' in after) return problem(after.refusal);
    const matching = this.#options.store.list(accepts.accepts).filter(after.isBehind);
    const page = matching.slice(0, PAGE_SIZE);
    const last = page.at(-1);
    const next = last !== undefined && matching.length > page.length ? this.#nextLink(call, last) : undefined;
    const digest = createHash('sha256').update(page.map((entry) => entry.etag).join('\n'));
    const etag = digest.digest('base64url');
    const headers = { etag: `"${etag}"`, ...(next === undefined ? {} : { link: `<${next}>; rel="next"` }) };
    const { ifNoneMatch, ifMatch } = conditionOf(call);
    if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== etag) return this.#empty(412);
    const select = selectOf(call);
    const body = {
      items: page.map((entry) => keyValueBody(entry, select)),
      etag,
      ...(next === undefined ? {} : { '@nextLink': next }),
    };
    const status = ifNoneMatch === etag ? 304 : 200;
    return configurationAnswer(this.#options.syncTokens, status, body, KEY_VALUE_SET_TYPE, headers);
  }

  /** `after` comes last, because the SDK cannot read it at the front of a query. */
  #nextLink(call: WireCall, last: KeyValueState): string {
    const query = new URLSearchParams({ 'api-version': call.query.get('api-version') ?? '' });
    for (const name of ['key', 'label', '$Select', 'tags']) {
      for (const value of call.query.all(name)) query.append(name, value);
    }
    query.append('after', afterTokenOf(last));
    return `/kv?${query.toString()}`;
  }

  #entry(entry: KeyValueState, select: readonly string[] | undefined): Answer {
    const headers = { etag: `"${entry.etag}"`, 'last-modified': new Date(entry.lastModified).toUTCString() };
    const body = keyValueBody(entry, select);
    return configurationAnswer(this.#options.syncTokens, 200, body, KEY_VALUE_TYPE, headers);
  }

  /** Azure sends nothing with a 404 or 412, not even a sync token. */
  #empty(status: 404 | 412): Answer {
    return { status, headers: {} };
  }
}

interface Operation {
  readonly operation: string;
  run(): Answer;
}

/** Keys may contain slashes: everything after the first part of the path is the key. */
function keyOf(call: WireCall, prefix: '/kv/' | '/locks/'): string | undefined {
  if (!call.path.startsWith(prefix) || call.path.length === prefix.length) return undefined;
  return decodeURIComponent(call.path.slice(prefix.length));
}

function operationOf(server: StoreServer, call: WireCall): Operation | undefined {
  const { method } = call;
  const isRead = method === 'GET' || method === 'HEAD';
  if (isRead && call.path === '/kv') return { operation: 'listKeyValues', run: () => server.list(call) };
  const key = keyOf(call, '/kv/');
  if (key !== undefined) {
    if (isRead) return { operation: 'getKeyValue', run: () => server.get(call, key) };
    if (method === 'PUT') return { operation: 'setKeyValue', run: () => server.put(call, key) };
    if (method === 'DELETE') return { operation: 'deleteKeyValue', run: () => server.delete(call, key) };
  }
  const locked = keyOf(call, '/locks/');
  if (locked !== undefined) {
    if (method === 'PUT') return { operation: 'lockKeyValue', run: () => server.lock(call, locked, true) };
    if (method === 'DELETE') return { operation: 'unlockKeyValue', run: () => server.lock(call, locked, false) };
  }
  return undefined;
}

export function createAppConfiguration(options: AppConfigurationOptions): WireService {
  const server = new StoreServer(options);
  const plan = (call: WireCall): Plan => {
    const found = operationOf(server, call);
    const run = (): Answer => {
      const refusal = refuseToken(call, options.tokens, options.origin()) ?? refuseVersion(call, options.origin());
      if (refusal !== undefined) return refusal;
      if (found === undefined) return { status: 404, headers: {} };
      const unknown = refuseParameters(call);
      if (unknown !== undefined) return problem(unknown);
      const permission = permissionFor(found.operation);
      const denial = options.access.denial(call.headers.authorization, permission, options.places.store.id);
      if (denial !== undefined) return forbidden(denial);
      try {
        return found.run();
      } catch (error) {
        if (error instanceof WorldError) return refused(error);
        throw error;
      }
    };
    return { operation: found?.operation ?? 'unknown', run };
  };
  return {
    service: 'appConfiguration',
    plan,
    throttled: (seconds) =>
      problem(
        {
          type: 'https://azconfig.io/errors/too-many-requests',
          title: 'Resource utilization has surpassed the assigned quota',
          policy: 'Total Requests',
          status: 429,
        },
        seconds === undefined ? {} : { 'retry-after-ms': String(seconds * 1000) },
      ),
    failed: (status) => ({ status, headers: {} }),
  };
}

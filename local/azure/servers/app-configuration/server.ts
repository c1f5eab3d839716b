// A configuration store on the wire: key-values, lists, locks, their conditions and ETags.
// It must not decide the effect of a write on a key-value: the world does.
import type { AccessControl } from '../../identity/access.ts';
import type { TokenIssuer } from '../../identity/tokens.ts';
import type { Places } from '../../places.ts';
import type { ConfigurationStore } from '../../world/configuration-store.ts';
import type { KeyValueState } from '../../world/key-value.ts';
import { WorldError } from '../../world/world-error.ts';
import type { Answer, Plan, WireCall, WireService } from '../http.ts';
import { permissionFor } from '../permissions.ts';
import {
  configurationAnswer,
  forbidden,
  KEY_SET_TYPE,
  KEY_VALUE_SET_TYPE,
  KEY_VALUE_TYPE,
  keyValueBody,
  LABEL_SET_TYPE,
  problem,
  refused,
  refuseToken,
  refuseVersion,
  type SyncTokens,
} from './answers.ts';
import { type Item, itemOf, pageOf } from './pages.ts';
import {
  acceptsOf,
  conditionOf,
  instantOf,
  labelOf,
  matchOf,
  NO_LABEL,
  readKeyValue,
  refuseParameters,
  selectOf,
} from './query.ts';

export interface AppConfigurationOptions {
  readonly store: ConfigurationStore;
  readonly tokens: TokenIssuer;
  readonly access: AccessControl;
  readonly places: Places;
  readonly syncTokens: SyncTokens;
  /** Base URL of this server: an audience of its tokens. */
  origin(): string;
}

class StoreServer {
  readonly #options: AppConfigurationOptions;

  constructor(options: AppConfigurationOptions) {
    this.#options = options;
  }

  get(call: WireCall, key: string): Answer {
    const label = labelOf(call);
    const instant = instantOf(call);
    const found =
      instant === undefined
        ? this.#options.store.get(key, label)
        : this.#past(instant).find((entry) => entry.key === key && entry.label === label);
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
    const { store } = this.#options;
    return this.#select(call, (accepts) => {
      const instant = instantOf(call);
      const entries = instant === undefined ? store.list(accepts) : this.#past(instant).filter(accepts);
      return entries.map((entry) => itemOf(entry, 0));
    });
  }

  /** The newest first, for each key-value. */
  listRevisions(call: WireCall): Answer {
    const latest = instantOf(call) ?? Number.POSITIVE_INFINITY;
    return this.#select(call, (accepts) => {
      const known = this.#options.store.history?.revisions ?? [];
      const revisions = known.filter(({ at, entry }) => at <= latest && accepts(entry));
      return revisions.map(({ entry, number }) => itemOf(entry, -number));
    });
  }

  listKeys(call: WireCall): Answer {
    return this.#listNames(call, KEY_SET_TYPE, ({ key }) => key);
  }

  listLabels(call: WireCall): Answer {
    return this.#listNames(call, LABEL_SET_TYPE, ({ label }) => label);
  }

  #select(call: WireCall, itemsOf: (accepts: (entry: KeyValueState) => boolean) => readonly Item[]): Answer {
    const accepts = acceptsOf(call);
    if ('refusal' in accepts) return problem(accepts.refusal);
    return pageOf(call, itemsOf(accepts.accepts), KEY_VALUE_SET_TYPE, this.#options.syncTokens);
  }

  #listNames(call: WireCall, type: string, nameOf: (entry: KeyValueState) => string | null): Answer {
    const accepts = matchOf('name', call.query.get('name'));
    if (typeof accepts !== 'function') return problem(accepts.refusal);
    const instant = instantOf(call);
    const entries = instant === undefined ? this.#options.store.list(() => true) : this.#past(instant);
    const names = [...new Set(entries.map(nameOf))].filter((name) => accepts(name ?? NO_LABEL));
    const items = names.map((name): Item => ({ place: [name ?? '', '', 0], etag: name ?? '', body: () => ({ name }) }));
    return pageOf(call, items, type, this.#options.syncTokens);
  }

  #past(instant: number): readonly KeyValueState[] {
    return this.#options.store.history?.at(instant) ?? [];
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
  /** Names of query parameters, besides the version of the API. */
  readonly parameters: readonly string[];
  run(): Answer;
}

const ONE = ['label'];
const READ_ONE = ['label', 'tags', '$select'];
const LIST = ['key', 'label', 'tags', 'after', '$select'];
const NAMES = ['name', 'after', '$select'];

/** Keys may contain slashes: everything after the first part of the path is the key. */
function keyOf(call: WireCall, prefix: '/kv/' | '/locks/'): string | undefined {
  if (!call.path.startsWith(prefix) || call.path.length === prefix.length) return undefined;
  return decodeURIComponent(call.path.slice(prefix.length));
}

function listOf(server: StoreServer, call: WireCall): Operation | undefined {
  switch (call.path) {
    case '/kv':
      return { operation: 'listKeyValues', parameters: LIST, run: () => server.list(call) };
    case '/revisions':
      return { operation: 'listRevisions', parameters: LIST, run: () => server.listRevisions(call) };
    case '/keys':
      return { operation: 'listKeyNames', parameters: NAMES, run: () => server.listKeys(call) };
    case '/labels':
      return { operation: 'listLabels', parameters: NAMES, run: () => server.listLabels(call) };
  }
  return undefined;
}

function operationOf(server: StoreServer, call: WireCall): Operation | undefined {
  const { method } = call;
  const isRead = method === 'GET' || method === 'HEAD';
  const key = keyOf(call, '/kv/');
  if (key !== undefined) {
    if (isRead) return { operation: 'getKeyValue', parameters: READ_ONE, run: () => server.get(call, key) };
    if (method === 'PUT') return { operation: 'setKeyValue', parameters: ONE, run: () => server.put(call, key) };
    if (method === 'DELETE') {
      return { operation: 'deleteKeyValue', parameters: ONE, run: () => server.delete(call, key) };
    }
  }
  const locked = keyOf(call, '/locks/');
  if (locked !== undefined) {
    const lock = (isLocked: boolean) => () => server.lock(call, locked, isLocked);
    if (method === 'PUT') return { operation: 'lockKeyValue', parameters: ONE, run: lock(true) };
    if (method === 'DELETE') return { operation: 'unlockKeyValue', parameters: ONE, run: lock(false) };
  }
  return isRead ? listOf(server, call) : undefined;
}

/** The emulator decodes a path twice, so it refuses an encoded `%`; a client's library takes `.` and `..` away. */
function isRefusedPath({ path }: WireCall): boolean {
  return path.includes('%25') || /^\/(?:kv|locks)\/\.{1,2}$/.test(path.replaceAll(/%2e/gi, '.'));
}

export function createAppConfiguration(options: AppConfigurationOptions): WireService {
  const server = new StoreServer(options);
  const plan = (call: WireCall): Plan => {
    const found = operationOf(server, call);
    const run = (): Answer => {
      const refusal = refuseToken(call, options.tokens, options.origin()) ?? refuseVersion(call, options.origin());
      if (refusal !== undefined) return refusal;
      if (isRefusedPath(call)) return { status: 400, headers: {} };
      if (found === undefined) return { status: 404, headers: {} };
      const unknown = refuseParameters(call, found.parameters);
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

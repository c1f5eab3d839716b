// A vault's secrets on the wire: routes, paging, and the words in which Key Vault refuses.
// It must not decide the effect of a call on a secret: the world does.

import type { AccessControl } from '../../identity/access.ts';
import type { TokenIssuer } from '../../identity/tokens.ts';
import type { Places } from '../../places.ts';
import type { KeyVault, SecretState } from '../../world/key-vault.ts';
import type { VaultResources } from '../../world/vault-resources.ts';
import { WorldError } from '../../world/world-error.ts';
import {
  type Answer,
  findRoute,
  type Params,
  type Plan,
  type Route,
  retryAfter,
  type WireCall,
  type WireService,
} from '../http.ts';
import { bundleOf, deletedOf, itemOf, readPatch, readSecret } from './bodies.ts';
import { refused, refuseName, refuseToken, refuseVersion, vaultAnswer, vaultError } from './refusals.ts';
import { refuseCaller } from './rights.ts';

export interface KeyVaultOptions {
  readonly vault: KeyVault;
  readonly tokens: TokenIssuer;
  readonly access: AccessControl;
  readonly places: Places;
  readonly vaults: VaultResources;
  /** Base URL of this server: the vault's URL. */
  origin(): string;
  /** Base URL of the Entra authority, for the challenge. */
  authority(): string;
}

const PAGE_SIZE = 25;

interface Operation {
  readonly name: string;
  handle(call: WireCall, params: Params): Answer;
}

/** One page of `entries`, from the position in `$skiptoken`. */
function pageOf(origin: string, call: WireCall, entries: readonly object[]): Answer {
  const asked = call.query.get('maxresults');
  const size = asked === undefined ? PAGE_SIZE : Number(asked);
  if (!Number.isInteger(size) || size < 1 || size > PAGE_SIZE) {
    return vaultError(call, 400, 'BadParameter', `Invalid maxresults value ${asked ?? ''}.`);
  }
  const start = Number(call.query.get('$skiptoken') ?? 0);
  const value = entries.slice(start, start + size);
  const end = start + value.length;
  const version = call.query.get('api-version') ?? '';
  const next = `${origin}${call.path}?api-version=${version}&$skiptoken=${end}&maxresults=${size}`;
  return vaultAnswer(call, 200, { value, nextLink: end < entries.length ? next : null });
}

function readOperations(options: KeyVaultOptions) {
  const { vault } = options;
  const get: Operation['handle'] = (call, { name = '', version }) => {
    const { name: spelled } = vault.secret(name);
    return vaultAnswer(call, 200, bundleOf(options.origin(), spelled, vault.get(name, version), true));
  };
  const listVersions: Operation['handle'] = (call, { name = '' }) => {
    const secret = vault.secret(name);
    // Azure promises no order of versions, and does not sort them by time. Order by id is as good, and not by time
    // either.
    const versions = secret.versions.toSorted((a, b) => (a.version < b.version ? -1 : 1));
    const items = versions.map((version) => itemOf(options.origin(), secret.name, version, true));
    return pageOf(options.origin(), call, items);
  };
  const listSecrets: Operation['handle'] = (call) => {
    const present = [...vault.secrets.values()].filter((secret) => secret.deletedAt === undefined);
    const items = present.flatMap((secret) => {
      const newest = secret.versions.at(-1);
      return newest === undefined ? [] : [itemOf(options.origin(), secret.name, newest, false)];
    });
    return pageOf(options.origin(), call, items);
  };
  return { get, listVersions, listSecrets };
}

function writeOperations(options: KeyVaultOptions) {
  const { vault } = options;
  const set: Operation['handle'] = (call, { name = '' }) => {
    const content = readSecret(call.body);
    if (typeof content === 'string') return vaultError(call, 400, 'BadParameter', content);
    const version = vault.set(name, content);
    return vaultAnswer(call, 200, bundleOf(options.origin(), vault.secret(name).name, version, true));
  };
  const update: Operation['handle'] = (call, { name = '', version }) => {
    const patch = readPatch(call.body);
    if (typeof patch === 'string') return vaultError(call, 400, 'BadParameter', patch);
    const updated = vault.update(name, version, patch);
    return vaultAnswer(call, 200, bundleOf(options.origin(), vault.secret(name).name, updated, false));
  };
  return { set, update };
}

function deletionOperations(options: KeyVaultOptions) {
  const { vault } = options;
  const answer = (call: WireCall, secret: SecretState): Answer =>
    vaultAnswer(call, 200, deletedOf(options.origin(), secret));
  const listDeleted: Operation['handle'] = (call) => {
    const deleted = [...vault.secrets.values()].filter((secret) => secret.deletedAt !== undefined);
    const items = deleted.map((secret) => deletedOf(options.origin(), secret));
    return pageOf(options.origin(), call, items);
  };
  const recover: Operation['handle'] = (call, { name = '' }) => {
    const secret = vault.recover(name);
    const newest = vault.find(name);
    return vaultAnswer(call, 200, bundleOf(options.origin(), secret.name, newest, false));
  };
  const purge: Operation['handle'] = (call, { name = '' }) => {
    vault.purge(name);
    return { ...vaultAnswer(call, 204, {}), body: '' };
  };
  return {
    remove: ((call, { name = '' }) => answer(call, vault.delete(name))) satisfies Operation['handle'],
    getDeleted: ((call, { name = '' }) => answer(call, vault.findDeleted(name))) satisfies Operation['handle'],
    listDeleted,
    recover,
    purge,
  };
}

function routesOf(options: KeyVaultOptions): Route<Operation>[] {
  const { get, listVersions, listSecrets } = readOperations(options);
  const { set, update } = writeOperations(options);
  const { remove, getDeleted, listDeleted, recover, purge } = deletionOperations(options);
  const route = (method: string, pattern: string, name: string, handle: Operation['handle']): Route<Operation> => ({
    method,
    pattern,
    handler: { name, handle },
  });
  return [
    route('PUT', 'secrets/:name', 'setSecret', set),
    route('GET', 'secrets', 'listSecrets', listSecrets),
    route('GET', 'secrets/:name', 'getSecret', get),
    route('GET', 'secrets/:name/versions', 'listSecretVersions', listVersions),
    route('GET', 'secrets/:name/:version', 'getSecretVersion', get),
    route('PATCH', 'secrets/:name', 'updateSecret', update),
    route('PATCH', 'secrets/:name/:version', 'updateSecret', update),
    route('DELETE', 'secrets/:name', 'deleteSecret', remove),
    route('GET', 'deletedsecrets', 'listDeletedSecrets', listDeleted),
    route('GET', 'deletedsecrets/:name', 'getDeletedSecret', getDeleted),
    route('DELETE', 'deletedsecrets/:name', 'purgeDeletedSecret', purge),
    route('POST', 'deletedsecrets/:name/recover', 'recoverDeletedSecret', recover),
  ];
}

export function createKeyVaultServer(options: KeyVaultOptions): WireService {
  const routes = routesOf(options);
  const plan = (call: WireCall): Plan => {
    const found = findRoute(routes, call.method, call.segments);
    const run = (): Answer => {
      const refusal = refuseToken(call, options.tokens, options.authority()) ?? refuseVersion(call);
      if (refusal !== undefined) return refusal;
      if (found === undefined) return vaultError(call, 404, 'NotFound', 'The requested resource was not found.');
      const { handler, params } = found;
      const denied = refuseCaller(options, call, handler.name);
      if (denied !== undefined) return denied;
      try {
        return refuseName(call, params['name']) ?? handler.handle(call, params);
      } catch (error) {
        if (error instanceof WorldError) return refused(call, error);
        throw error;
      }
    };
    const isChallenge = call.headers.authorization === undefined;
    return { operation: found?.handler.name ?? 'unknown', isChallenge, run };
  };
  const throttled =
    'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached';
  return {
    service: 'keyVault',
    plan,
    throttled: (seconds) => vaultError(undefined, 429, 'Throttled', throttled, { headers: retryAfter(seconds) }),
    failed: (status) => vaultError(undefined, status, 'InternalServerError', 'An internal server error occurred.'),
  };
}

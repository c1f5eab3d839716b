// Finds the account that a request means: by its own host name, by the first part of the path, or by the key.
// It must not answer anything.
import { type DataPlaneHost, dataPlaneHostOf } from '../../data-plane-names.ts';
import { type AccountState, isSearchService, type World } from '../../world/world.ts';
import type { WireCall } from '../http.ts';

export interface Located {
  /** Undefined when no account is at this address, or when the credentials name none. */
  readonly account: AccountState | undefined;
  /** Path below the account, decoded. */
  readonly segments: readonly string[];
  /** `own`: the address belongs to the account. The others serve many accounts. */
  readonly host: 'own' | 'region' | 'global' | 'translator';
}

/** Header names of a key, in lower case, by kind in lower case. Every other kind takes only the first. */
const KEY_HEADERS: Readonly<Record<string, readonly string[]>> = {
  openai: ['ocp-apim-subscription-key', 'api-key'],
  aiservices: ['ocp-apim-subscription-key', 'api-key'],
  'customvision.training': ['training-key'],
  'customvision.prediction': ['prediction-key'],
};
const ANY_KEY_HEADER = [...new Set(Object.values(KEY_HEADERS).flat())];
const DEFAULT_KEY_HEADERS = ['ocp-apim-subscription-key'];

export function headerOf(call: WireCall, name: string): string | undefined {
  const value = call.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** The key of a request in a header that this kind of account reads. */
export function keyOf(call: WireCall, kind: string): string | undefined {
  const headers = KEY_HEADERS[kind.toLowerCase()] ?? DEFAULT_KEY_HEADERS;
  return headers.map((name) => headerOf(call, name)).find((value) => value !== undefined);
}

/** A host that serves many accounts knows the account by its key. It does not serve accounts of another place. */
function sharedAccount(world: World, call: WireCall, host: DataPlaneHost): AccountState | undefined {
  const key = ANY_KEY_HEADER.map((name) => headerOf(call, name)).find((value) => value !== undefined);
  const account = key === undefined ? undefined : world.accountOfKey(key);
  if (account === undefined || isSearchService(account.seed)) return undefined;
  if ((account.seed.cloud ?? 'public') !== host.cloud) return undefined;
  const { location, kind } = account.seed;
  switch (host.form) {
    case 'subdomain':
      return undefined;
    case 'region':
      return location === host.region ? account : undefined;
    case 'global':
      return location === 'global' ? account : undefined;
    case 'translator':
      return ['texttranslation', 'cognitiveservices', 'aiservices'].includes(kind.toLowerCase()) ? account : undefined;
  }
}

export class Addresses {
  readonly #world: World;
  #byName = new Map<string, AccountState>();
  #indexed = 0;

  constructor(world: World) {
    this.#world = world;
  }

  locate(call: WireCall): Located {
    const host = dataPlaneHostOf(call.headers.host);
    if (host === undefined) {
      const [name = '', ...segments] = call.segments;
      return { account: this.#named(name), segments, host: 'own' };
    }
    const { segments } = call;
    if (host.form !== 'subdomain') {
      return { account: sharedAccount(this.#world, call, host), segments, host: host.form };
    }
    const account = this.#named(host.name);
    const isHere = account?.knobs.hasCustomSubdomain === true && (account.seed.cloud ?? 'public') === host.cloud;
    return { account: isHere ? account : undefined, segments, host: 'own' };
  }

  /** The index is made again when there are more accounts, or when one was moved. */
  #named(name: string): AccountState | undefined {
    const { accounts } = this.#world;
    const known = this.#byName.get(name.toLowerCase());
    const isMoved = known !== undefined && accounts.get(known.id.toLowerCase()) !== known;
    if (this.#indexed !== accounts.size || isMoved) {
      this.#indexed = accounts.size;
      const own = [...accounts.values()].filter(({ seed }) => !isSearchService(seed));
      this.#byName = new Map(own.map((account) => [account.seed.name.toLowerCase(), account]));
    }
    return this.#byName.get(name.toLowerCase());
  }
}

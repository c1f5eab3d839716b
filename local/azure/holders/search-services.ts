// Azure AI Search: the definitions of each service, skillsets and indexes, in JSON. The service itself, with its keys and
// network rules, is an account of the world. A definition is shown without the keys in it, unless a knob says otherwise.
// It must not know HTTP.
import { type AccountState, isSearchService, SEARCH_KIND, type World } from '../world/world.ts';

export type SearchDefinition = Readonly<Record<string, unknown>> & { readonly name: string };

export interface SearchService {
  readonly id: string;
  readonly name: string;
  readonly account: AccountState;
  /** Azure's default for a new service: it takes keys only, and refuses every token. */
  isKeyOnly: boolean;
  /** What Azure Resource Manager lists in place of the service's own endpoint. */
  listedEndpoint?: string;
  readonly skillsets: SearchDefinition[];
  readonly indexes: SearchDefinition[];
}

const KEY_NAMES = ['apiKey', 'key', 'api-key', 'Ocp-Apim-Subscription-Key'];

export class SearchServices {
  readonly #world: Pick<World, 'accounts' | 'addAccount'>;
  /** An entry ends with its account. */
  readonly #services = new WeakMap<AccountState, SearchService>();
  /** How a key in a definition is shown. Which of the first two Azure does is not documented. */
  keys: 'redacted' | 'null' | 'shown' = 'redacted';

  constructor(world: Pick<World, 'accounts' | 'addAccount'>) {
    this.#world = world;
  }

  all(): readonly SearchService[] {
    return [...this.#world.accounts.values()]
      .filter(({ seed }) => isSearchService(seed))
      .map((account) => this.#serviceOf(account));
  }

  /** By its name, which is unique in Azure. */
  named(name: string): SearchService | undefined {
    return this.all().find((service) => service.name.toLowerCase() === name.toLowerCase());
  }

  /** Adds a service that takes keys and tokens. */
  addService(id: string): SearchService {
    const [, , subscriptionId = '', , resourceGroup = '', , , , name = ''] = id.split('/');
    const seed = { subscriptionId, resourceGroup, name, kind: SEARCH_KIND, location: 'westeurope' } as const;
    return this.#serviceOf(this.#world.addAccount({ ...seed, keyShape: 'hex32' }));
  }

  clear(): void {
    for (const { id } of this.all()) this.#world.accounts.delete(id.toLowerCase());
  }

  #serviceOf(account: AccountState): SearchService {
    const present = this.#services.get(account);
    if (present !== undefined) return present;
    const { id, seed } = account;
    const made: SearchService = { id, name: seed.name, account, isKeyOnly: false, skillsets: [], indexes: [] };
    this.#services.set(account, made);
    return made;
  }

  /** The definition as a caller sees it. */
  show(definition: SearchDefinition): unknown {
    const text = JSON.stringify(definition, (name, value: unknown) => {
      if (this.keys === 'shown' || typeof value !== 'string' || !KEY_NAMES.includes(name)) return value;
      return this.keys === 'redacted' ? '<redacted>' : null;
    });
    return JSON.parse(text);
  }
}

// Azure AI Search: services with skillsets and indexes, as definitions in JSON. A definition is shown without the keys
// in it, unless a knob says otherwise. It must not know HTTP.

export type SearchDefinition = Readonly<Record<string, unknown>> & { readonly name: string };

export interface SearchService {
  readonly id: string;
  readonly name: string;
  /** Azure's default for a new service: it takes keys only, and refuses every token. */
  isKeyOnly: boolean;
  /** What Azure Resource Manager lists in place of the service's own endpoint. */
  listedEndpoint?: string;
  readonly skillsets: SearchDefinition[];
  readonly indexes: SearchDefinition[];
}

const KEY_NAMES = ['apiKey', 'key', 'api-key', 'Ocp-Apim-Subscription-Key'];

export class SearchServices {
  /** By lower-cased name: names are unique in Azure. */
  readonly services = new Map<string, SearchService>();
  /** How a key in a definition is shown. Which of the first two Azure does is not documented. */
  keys: 'redacted' | 'null' | 'shown' = 'redacted';

  addService(id: string): SearchService {
    const name = id.slice(id.lastIndexOf('/') + 1);
    const made: SearchService = { id, name, isKeyOnly: false, skillsets: [], indexes: [] };
    this.services.set(name.toLowerCase(), made);
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

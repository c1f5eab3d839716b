// API Management services and their named values. A reference to a vault is fetched when it is made, then every four
// hours, and some seconds after a refresh; until then a policy uses the former value. A reference to one version stays
// with it. It must not know HTTP.
import type { KeyVault } from '../world/key-vault.ts';
import type { Nature } from '../world/nature.ts';
import { WorldError } from '../world/world-error.ts';

const FETCH_EVERY_MS = 4 * 3_600_000;
/** Between the answer of a refresh and the fetch. A value of this local Azure: no source names the real one. */
const REFRESH_LAG_MS = 5_000;
const SECRET_PATH = /^\/secrets\/([^/]+)(?:\/([0-9a-f]{32}))?\/?$/;

export interface NamedValueContent {
  /** Ignored if there is an identifier. */
  readonly value?: string;
  /** `https://<vault>/secrets/<name>[/<version>]`. This local Azure has one vault, so the host is not compared. */
  readonly secretIdentifier?: string;
  /** A reference is always secret. */
  readonly isSecret?: boolean;
}

export interface NamedValue {
  readonly name: string;
  readonly secretIdentifier: string | undefined;
  readonly isSecret: boolean;
  /** The value that policies use; undefined until the first successful fetch. */
  value: string | undefined;
  etag: string;
  /** The last fetch, milliseconds since the epoch. */
  fetchedAt: number;
  /** The platform's word for the last fetch. */
  status: string;
  /** When a refresh that was answered will fetch. */
  refreshAt: number | undefined;
}

export interface ApiService {
  readonly id: string;
  /** By lower-cased name. */
  readonly namedValues: Map<string, NamedValue>;
}

export class ApiManagement {
  /** By lower-cased ARM id. */
  readonly services = new Map<string, ApiService>();
  refreshLagMs = REFRESH_LAG_MS;
  readonly #nature: Pick<Nature, 'now' | 'newETag'>;
  readonly #vault: KeyVault;

  constructor(nature: Pick<Nature, 'now' | 'newETag'>, vault: KeyVault) {
    this.#nature = nature;
    this.#vault = vault;
  }

  addService(id: string): void {
    this.services.set(id.toLowerCase(), { id, namedValues: new Map() });
  }

  put(serviceId: string, name: string, { value, secretIdentifier, isSecret = false }: NamedValueContent): void {
    const made: NamedValue = {
      name,
      secretIdentifier,
      isSecret: isSecret || secretIdentifier !== undefined,
      value: secretIdentifier === undefined ? value : undefined,
      etag: this.#newETag(),
      fetchedAt: this.#nature.now(),
      status: 'Success',
      refreshAt: undefined,
    };
    this.#fetch(made, made.fetchedAt);
    this.services.get(serviceId.toLowerCase())?.namedValues.set(name.toLowerCase(), made);
  }

  /** As it is now. Undefined if there is none. */
  find(serviceId: string, name: string): NamedValue | undefined {
    const found = this.services.get(serviceId.toLowerCase())?.namedValues.get(name.toLowerCase());
    if (found !== undefined) this.#settle(found);
    return found;
  }

  all({ id, namedValues }: ApiService): readonly NamedValue[] {
    return [...namedValues.values()].flatMap(({ name }) => this.find(id, name) ?? []);
  }

  setValue(namedValue: NamedValue, value: string): void {
    namedValue.value = value;
    namedValue.etag = this.#newETag();
  }

  refresh(namedValue: NamedValue): void {
    namedValue.refreshAt ??= this.#nature.now() + this.refreshLagMs;
    this.#settle(namedValue);
  }

  /** Carries out the fetches that are due by now. */
  #settle(namedValue: NamedValue): void {
    const now = this.#nature.now();
    if (namedValue.secretIdentifier === undefined) return;
    for (let at = this.#nextFetch(namedValue); at <= now; at = this.#nextFetch(namedValue)) {
      if (at === namedValue.refreshAt) namedValue.refreshAt = undefined;
      this.#fetch(namedValue, at);
    }
  }

  #nextFetch({ fetchedAt, refreshAt = Number.POSITIVE_INFINITY }: NamedValue): number {
    return Math.min(fetchedAt + FETCH_EVERY_MS, refreshAt);
  }

  /** A fetch that fails leaves the value in use. */
  #fetch(namedValue: NamedValue, at: number): void {
    if (namedValue.secretIdentifier === undefined) return;
    const [, name = '', version] = SECRET_PATH.exec(new URL(namedValue.secretIdentifier).pathname) ?? [];
    namedValue.fetchedAt = at;
    try {
      namedValue.value = this.#vault.get(name, version).value;
      namedValue.status = 'Success';
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      namedValue.status = error.code;
    }
  }

  #newETag(): string {
    return `"${this.#nature.newETag()}"`;
  }
}

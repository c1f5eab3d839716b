// Web apps, function apps and their slots: settings, the platform's cache of references to Key Vault, and the
// environment of the process. A process reads its environment when it starts, and never again.
// Azure's documents do not settle whether a refresh restarts the application: `restartsOnRefresh` is both.
// It must not know HTTP, nor the clock of the machine.
import { randomUUID } from 'node:crypto';
import { isReference, readReference } from './key-vault-references.ts';
import { type Resolution, readSecret, type VaultReaderOptions } from './vault-reader.ts';

export interface SiteSeed {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  /** Absent: the site itself. */
  readonly slot?: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Default: `westeurope`. */
  readonly location?: string;
  /** Default: `app`. */
  readonly kind?: string;
  /** False: without a managed identity no reference is resolved. Default: true. */
  readonly hasIdentity?: boolean;
}

export interface SiteState {
  /** ARM id of the site or slot. */
  readonly id: string;
  readonly seed: SiteSeed;
  readonly location: string;
  readonly kind: string;
  /** Object id of its managed identity. */
  readonly identity: string | undefined;
  /** Its owner has stopped it. A restart starts it. */
  isStopped: boolean;
  settings: Readonly<Record<string, string>>;
  /** What the platform last fetched, by setting. */
  fetched: ReadonlyMap<string, Resolution>;
  fetchedAt: number;
  environment: Readonly<Record<string, string>>;
}

/** The platform fetches every reference again after this long. */
const FETCHED_FOR_MS = 24 * 3_600_000;

export function siteIdOf({ subscriptionId, resourceGroup, name, slot }: Omit<SiteSeed, 'settings'>): string {
  const site = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Web/sites/${name}`;
  return slot === undefined ? site : `${site}/slots/${slot}`;
}

export class Sites {
  /** True: a refresh also restarts the application. */
  restartsOnRefresh = false;
  /** True: the list of references names the version that was fetched. A published answer shows none. */
  showsActiveVersion = false;
  readonly #options: VaultReaderOptions;
  readonly #sites = new Map<string, SiteState>();

  constructor(options: VaultReaderOptions) {
    this.#options = options;
  }

  /** Makes or replaces a site: its references are fetched and its process starts. The identity of a site stays. */
  put(seed: SiteSeed): SiteState {
    const { world } = this.#options;
    const { subscriptionId, resourceGroup, location = 'westeurope', kind = 'app', hasIdentity = true } = seed;
    if (world.group(subscriptionId, resourceGroup) === undefined) {
      world.addGroup(subscriptionId, resourceGroup, location);
    }
    const id = siteIdOf(seed);
    const identity = hasIdentity ? (this.find(id)?.identity ?? randomUUID()) : undefined;
    const unfetched = { settings: seed.settings, fetched: new Map(), fetchedAt: 0, environment: {}, isStopped: false };
    const site = { id, seed, location, kind, identity, ...unfetched };
    this.#sites.set(id.toLowerCase(), site);
    this.#fetch(site);
    start(site);
    return site;
  }

  /** With its slots. */
  remove(id: string): void {
    for (const key of this.#sites.keys()) {
      if (key === id.toLowerCase() || key.startsWith(`${id.toLowerCase()}/`)) this.#sites.delete(key);
    }
  }

  find(id: string): SiteState | undefined {
    const site = this.#sites.get(id.toLowerCase());
    if (site !== undefined) this.#catchUp(site);
    return site;
  }

  get all(): readonly SiteState[] {
    return [...this.#sites.values()];
  }

  hasIdentity(objectId: string): boolean {
    return this.all.some(({ identity }) => identity === objectId.toLowerCase());
  }

  /** Fetches every reference now. */
  refresh(site: SiteState): void {
    this.#fetch(site);
    if (this.restartsOnRefresh) start(site);
  }

  /** The process starts again, with what was fetched before: nothing is fetched. */
  restart(site: SiteState): void {
    site.isStopped = false;
    start(site);
  }

  /** A variable as the application has it now. An unresolved reference is there as its text. */
  environmentOf(id: string, name: string): string | undefined {
    return this.find(id)?.environment[name];
  }

  /** What the platform has done by itself since the last look: a fetch each day, and a start if the values changed. */
  #catchUp(site: SiteState): void {
    const days = Math.floor((this.#options.world.nature.now() - site.fetchedAt) / FETCHED_FOR_MS);
    if (days < 1) return;
    this.#fetch(site, site.fetchedAt + days * FETCHED_FOR_MS);
    const wanted = environmentFrom(site);
    if (Object.entries(wanted).some(([name, value]) => site.environment[name] !== value)) start(site);
  }

  /** `at`: for a fetch in the past. */
  #fetch(site: SiteState, at?: number): void {
    const resolve = (text: string): Resolution => {
      const reference = readReference(text);
      if (reference === undefined) return { status: 'InvalidSyntax' };
      return readSecret(this.#options, site.identity, reference, at);
    };
    const references = Object.entries(site.settings).filter(([, text]) => isReference(text));
    site.fetched = new Map(references.map(([name, text]) => [name, resolve(text)]));
    site.fetchedAt = at ?? this.#options.world.nature.now();
  }
}

function environmentFrom({ settings, fetched }: SiteState): Readonly<Record<string, string>> {
  const valueOf = (name: string, text: string): string => {
    const resolution = fetched.get(name);
    return resolution?.status === 'Resolved' ? resolution.value : text;
  };
  return Object.fromEntries(Object.entries(settings).map(([name, text]) => [name, valueOf(name, text)]));
}

function start(site: SiteState): void {
  site.environment = environmentFrom(site);
}

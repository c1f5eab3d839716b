// Azure AI Foundry: projects of accounts, and connections of both. A change replaces all properties of a connection
// (the unkind reading: no source says that others are kept), and there is no ETag. It must not know HTTP.

export interface ConnectionContent {
  readonly authType: string;
  readonly category: string;
  readonly target: string;
  /** Undefined for other ways to sign in. */
  readonly key?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** The projects of the account list it, too. */
  readonly isSharedToAll?: boolean;
}

export interface Connection extends ConnectionContent {
  readonly id: string;
  readonly name: string;
}

export class Foundry {
  /** ARM ids, by lower-cased id. */
  readonly projects = new Map<string, string>();
  /** By lower-cased id of the account or project, then by lower-cased name. */
  readonly #connections = new Map<string, Map<string, Connection>>();
  /** `unknown`: the service does not know `listSecrets`. `blanked`: it answers without the key. */
  secrets: 'listed' | 'blanked' | 'unknown' = 'listed';

  addProject(accountId: string, name: string): string {
    const id = `${accountId}/projects/${name}`;
    this.projects.set(id.toLowerCase(), id);
    return id;
  }

  projectsOf(accountId: string): readonly string[] {
    const account = `${accountId}/`.toLowerCase();
    return [...this.projects].filter(([id]) => id.startsWith(account)).map(([, id]) => id);
  }

  put(parentId: string, name: string, content: ConnectionContent): Connection {
    const made = { ...content, id: `${parentId}/connections/${name}`, name };
    const present = this.#connections.get(parentId.toLowerCase()) ?? new Map<string, Connection>();
    this.#connections.set(parentId.toLowerCase(), present.set(name.toLowerCase(), made));
    return made;
  }

  find(parentId: string, name: string): Connection | undefined {
    return this.#connections.get(parentId.toLowerCase())?.get(name.toLowerCase());
  }

  /** Those of a project, with those that its account shares. */
  all(parentId: string): readonly Connection[] {
    const own = [...(this.#connections.get(parentId.toLowerCase())?.values() ?? [])];
    const account = /^(.+)\/projects\/[^/]+$/.exec(parentId)?.[1];
    const shared = account === undefined ? [] : this.all(account).filter(({ isSharedToAll }) => isSharedToAll === true);
    return [...own, ...shared];
  }

  clear(): void {
    this.projects.clear();
    this.#connections.clear();
    this.secrets = 'listed';
  }
}

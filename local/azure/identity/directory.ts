// Applications of the tenant, their passwords, and their service principals. It must not know what they may do.
import { randomBytes, randomUUID } from 'node:crypto';
import type { LocalIdentity } from '../local-azure.ts';

export interface Password {
  readonly keyId: string;
  readonly displayName: string;
  readonly secret: string;
}

export interface Application {
  /** Object id of the application. */
  readonly id: string;
  /** Client id. */
  readonly appId: string;
  readonly displayName: string;
  passwords: readonly Password[];
  /** Object id of its service principal, as role assignments and policies name it. */
  principalId: string | undefined;
}

export class Directory {
  readonly #applications = new Map<string, Application>();

  /** `administrator` is there from the start. */
  constructor({ clientId, clientSecret, objectId }: LocalIdentity) {
    const first = { keyId: randomUUID(), displayName: 'administrator', secret: clientSecret };
    const id = randomUUID();
    this.#applications.set(id, {
      id,
      appId: clientId,
      displayName: 'local-administrator',
      passwords: [first],
      principalId: objectId,
    });
  }

  get applications(): readonly Application[] {
    return [...this.#applications.values()];
  }

  byId(id: string): Application | undefined {
    return this.#applications.get(id);
  }

  byClientId(clientId: string): Application | undefined {
    return this.applications.find(({ appId }) => appId === clientId.toLowerCase());
  }

  byPrincipal(principalId: string): Application | undefined {
    return this.applications.find((application) => application.principalId === principalId.toLowerCase());
  }

  register(displayName: string): Application {
    const id = randomUUID();
    const application = { id, appId: randomUUID(), displayName, passwords: [], principalId: undefined };
    this.#applications.set(id, application);
    return application;
  }

  addPassword(application: Application, displayName: string): Password {
    const password = { keyId: randomUUID(), displayName, secret: randomBytes(30).toString('base64url') };
    application.passwords = [...application.passwords, password];
    return password;
  }

  /** Its passwords and its service principal go with it. */
  remove(id: string): void {
    this.#applications.delete(id);
  }
}

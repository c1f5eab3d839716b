// The managed identities for which App Service's endpoint issues tokens. It must not know their permissions.

export interface Principal {
  /** Names the identity in token requests. */
  readonly clientId: string;
  /** Names the identity in role assignments. */
  readonly objectId: string;
}

export class ManagedIdentities {
  systemAssigned: Principal;
  /** The identities of the Function App; a deployment sets them. */
  userAssigned: readonly Principal[];

  /** `only` is both the system-assigned identity and a user-assigned one, known by its client id. */
  constructor(only: Principal) {
    this.systemAssigned = only;
    this.userAssigned = [only];
  }

  has(objectId: string): boolean {
    return [this.systemAssigned, ...this.userAssigned].some((identity) => identity.objectId === objectId);
  }

  /** `clientId` absent: the system-assigned one. */
  find(clientId: string | undefined): Principal | undefined {
    if (clientId === undefined) return this.systemAssigned;
    return this.userAssigned.find((identity) => identity.clientId === clientId.toLowerCase());
  }
}

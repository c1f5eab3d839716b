// Which managed identities the endpoint of App Service gives tokens for. It must not know what they may do.

export interface Principal {
  /** As tokens are asked for. */
  readonly clientId: string;
  /** As role assignments name it. */
  readonly objectId: string;
}

export class ManagedIdentities {
  systemAssigned: Principal;
  /** A deployment says which ones the Function App has. */
  userAssigned: readonly Principal[];

  /** The one identity is both system-assigned and known by its client id. */
  constructor(only: Principal) {
    this.systemAssigned = only;
    this.userAssigned = [only];
  }

  /** `clientId` absent: the system-assigned one. */
  find(clientId: string | undefined): Principal | undefined {
    if (clientId === undefined) return this.systemAssigned;
    return this.userAssigned.find((identity) => identity.clientId === clientId.toLowerCase());
  }
}

// The ARM ids of this local Azure's vault, store, storage account and Function App, and with them the names that
// clients use. A deployment sets them to the names in its template. It must not know the resources' contents.

/** A resource by its ARM id, as spelled. */
export class Place {
  readonly id: string;
  /** Last part of the id. */
  readonly name: string;

  constructor(id: string) {
    this.id = id;
    this.name = id.slice(id.lastIndexOf('/') + 1);
  }
}

/** One of each resource, and no Function App before its deployment. The last deployment that makes one decides. */
export class Places {
  vault: Place;
  store: Place;
  storage: Place;
  site: Place | undefined;

  constructor(subscriptionId: string, resourceGroup: string) {
    const of = (resource: string): Place =>
      new Place(`/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${resource}`);
    this.vault = of('Microsoft.KeyVault/vaults/local-vault');
    this.store = of('Microsoft.AppConfiguration/configurationStores/local-store');
    this.storage = of('Microsoft.Storage/storageAccounts/localstorage');
  }
}

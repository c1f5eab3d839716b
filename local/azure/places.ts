// Which vault, store, storage account and Function App this local Azure's are: their ARM ids, and with them the names under
// which clients know them. A deployment gives them the names that its template says. It must not know what they hold.

/** A resource by its ARM id, as it was spelled. */
export class Place {
  readonly id: string;
  /** Last part of the id. */
  readonly name: string;

  constructor(id: string) {
    this.id = id;
    this.name = id.slice(id.lastIndexOf('/') + 1);
  }
}

/** There is one of each, and no Function App before it is deployed; the last deployment that makes one decides. */
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

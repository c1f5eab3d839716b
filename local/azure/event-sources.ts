// Turns what happens in the world into the events that Azure would raise: versions of secrets, actions on accounts,
// key-values written.
import type { EventGrid } from './event-grid.ts';
import type { World } from './world/world.ts';

export interface EventSourceOptions {
  readonly world: World;
  readonly grid: EventGrid;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Origin of the vault. */
  readonly vaultUrl: string;
  /** Origin of the configuration store. */
  readonly storeUrl: string;
}

const VAULT_NAME = 'local-vault';
const STORE_NAME = 'local-store';
/** A version whose validity is shorter than this nears its expiry from birth. */
const NEAR_EXPIRY_SECONDS = 30 * 86_400;

export function connectEventSources(options: EventSourceOptions): void {
  raiseSecretEvents(options);
  raiseActionEvents(options);
  raiseKeyValueEvents(options);
}

function resourceId({ subscriptionId, resourceGroup }: EventSourceOptions, resource: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${resource}`;
}

function raiseSecretEvents(options: EventSourceOptions): void {
  const { world, grid, vaultUrl } = options;
  const topic = resourceId(options, `Microsoft.KeyVault/vaults/${VAULT_NAME}`);
  world.vault.onNewVersion = (name, { version, notBefore, expires, created }) => {
    const data = {
      Id: `${vaultUrl}/secrets/${name}/${version}`,
      VaultName: VAULT_NAME,
      ObjectType: 'Secret',
      ObjectName: name,
      Version: version,
      NBF: notBefore ?? null,
      EXP: expires ?? null,
    };
    const event = { topic, subject: name, data, dataVersion: '1' };
    grid.publish({ ...event, type: 'Microsoft.KeyVault.SecretNewVersionCreated' });
    if (expires !== undefined && expires - created < NEAR_EXPIRY_SECONDS) {
      grid.publish({ ...event, type: 'Microsoft.KeyVault.SecretNearExpiry' });
    }
  };
}

function raiseActionEvents({ world, grid, subscriptionId }: EventSourceOptions): void {
  world.onAction = (id, action) => {
    const operationName = `Microsoft.CognitiveServices/accounts/${action}/action`;
    grid.publish({
      topic: `/subscriptions/${subscriptionId}`,
      subject: id,
      type: 'Microsoft.Resources.ResourceActionSuccess',
      data: {
        authorization: { scope: id, action: operationName },
        resourceProvider: 'Microsoft.CognitiveServices',
        resourceUri: id,
        operationName,
        status: 'Succeeded',
        subscriptionId,
      },
      dataVersion: '2',
    });
  };
}

/** Without the sync token, which a reader need not have. */
function raiseKeyValueEvents(options: EventSourceOptions): void {
  const { world, grid, storeUrl } = options;
  const topic = resourceId(options, `microsoft.appconfiguration/configurationstores/${STORE_NAME}`);
  world.store.onModified = ({ key, label, etag }) => {
    const query = label === null ? '' : `?label=${encodeURIComponent(label)}`;
    grid.publish({
      topic,
      subject: `${storeUrl}/kv/${encodeURIComponent(key)}${query}`,
      type: 'Microsoft.AppConfiguration.KeyValueModified',
      data: { key, ...(label === null ? {} : { label }), etag },
      dataVersion: '1',
    });
  };
}

// Turns changes of the world into the events that Azure would raise: new versions of secrets, actions on accounts,
// key-values written.

import type { Places } from '../places.ts';
import type { World } from '../world/world.ts';
import type { EventGrid } from './event-grid.ts';

export interface EventSourceOptions {
  readonly world: World;
  readonly grid: EventGrid;
  readonly subscriptionId: string;
  readonly places: Places;
  /** Origin of the vault. */
  vaultUrl(): string;
  /** Origin of the configuration store. */
  storeUrl(): string;
}

/** A version that is valid for less than this nears its expiry from birth. */
const NEAR_EXPIRY_SECONDS = 30 * 86_400;

export function connectEventSources(options: EventSourceOptions): void {
  raiseSecretEvents(options);
  raiseActionEvents(options);
  raiseKeyValueEvents(options);
}

function raiseSecretEvents(options: EventSourceOptions): void {
  const { world, grid, places } = options;
  world.vault.onNewVersion = (name, { version, notBefore, expires, created }) => {
    const data = {
      Id: `${options.vaultUrl()}/secrets/${name}/${version}`,
      VaultName: places.vault.name,
      ObjectType: 'Secret',
      ObjectName: name,
      Version: version,
      NBF: notBefore ?? null,
      EXP: expires ?? null,
    };
    const event = { topic: places.vault.id, subject: name, data, dataVersion: '1' };
    grid.publish({ ...event, type: 'Microsoft.KeyVault.SecretNewVersionCreated' });
    if (expires !== undefined && expires - created < NEAR_EXPIRY_SECONDS) {
      grid.publish({ ...event, type: 'Microsoft.KeyVault.SecretNearExpiry' });
    }
  };
}

function raiseActionEvents({ world, grid, subscriptionId }: EventSourceOptions): void {
  world.onAction = (id, action) => {
    const [, type = ''] = /\/providers\/([^/]+\/[^/]+)\//.exec(id) ?? [];
    const operationName = `${type}/${action}/action`;
    grid.publish({
      topic: `/subscriptions/${subscriptionId}`,
      subject: id,
      type: 'Microsoft.Resources.ResourceActionSuccess',
      data: {
        authorization: { scope: id, action: operationName },
        resourceProvider: type.split('/')[0],
        resourceUri: id,
        operationName,
        status: 'Succeeded',
        subscriptionId,
      },
      dataVersion: '2',
    });
  };
}

/** Without the sync token: a reader does not need it. */
function raiseKeyValueEvents(options: EventSourceOptions): void {
  const { world, grid, places } = options;
  world.store.onModified = ({ key, label, etag }) => {
    const query = label === null ? '' : `?label=${encodeURIComponent(label)}`;
    grid.publish({
      topic: places.store.id,
      subject: `${options.storeUrl()}/kv/${encodeURIComponent(key)}${query}`,
      type: 'Microsoft.AppConfiguration.KeyValueModified',
      data: { key, ...(label === null ? {} : { label }), etag },
      dataVersion: '1',
    });
  };
}

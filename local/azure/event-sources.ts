// Turns what happens in the world into the events that Azure would raise: versions of secrets, actions on accounts.
import type { EventGrid } from './event-grid.ts';
import type { World } from './world/world.ts';

export interface EventSourceOptions {
  readonly world: World;
  readonly grid: EventGrid;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Origin of the vault. */
  readonly vaultUrl: string;
}

const VAULT_NAME = 'local-vault';
/** A version whose validity is shorter than this nears its expiry from birth. */
const NEAR_EXPIRY_SECONDS = 30 * 86_400;

export function connectEventSources({
  world,
  grid,
  subscriptionId,
  resourceGroup,
  vaultUrl,
}: EventSourceOptions): void {
  const vaultId = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.KeyVault/vaults/${VAULT_NAME}`;
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
    const event = { topic: vaultId, subject: name, data, dataVersion: '1' };
    grid.publish({ ...event, type: 'Microsoft.KeyVault.SecretNewVersionCreated' });
    if (expires !== undefined && expires - created < NEAR_EXPIRY_SECONDS) {
      grid.publish({ ...event, type: 'Microsoft.KeyVault.SecretNearExpiry' });
    }
  };
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

// The parts of the service over an in-memory Azure: the adapters on the table, the settings and the documents as they
// are, the other services from memory. It must not compose the SDK's clients.
import { createMemoryPorts } from '../../../local/azure/memory/memory-ports.ts';
import type { MemoryTable } from '../../../local/azure/memory/memory-table.ts';
import type { AccountState, World } from '../../../local/azure/world/world.ts';
import { createTableCampaigns } from '../../../src/azure/table/campaigns.ts';
import { createCheckStore } from '../../../src/azure/table/checks.ts';
import { createDiscoveryStore } from '../../../src/azure/table/discovery.ts';
import { createTableNotifications } from '../../../src/azure/table/notifications.ts';
import { createTableRecords } from '../../../src/azure/table/records.ts';
import type { FoundAccount } from '../../../src/config/accounts/discovered-account.ts';
import { type Fleet, readFleet } from '../../../src/config/fleet.ts';
import { parseSettings } from '../../../src/config/settings.ts';
import type { DiscoveryParts } from '../../../src/fleet/discovery/ports.ts';
import type { ReceiverPort } from '../../../src/notify/ports.ts';
import type { CheckStore } from '../../../src/operators/check/ports.ts';
import type { RequestParts } from '../../../src/operators/ports.ts';
import { RotationError } from '../../../src/rotation/errors.ts';
import type { Account, AccountId, OwnerId } from '../../../src/rotation/model.ts';
import type { NotificationParts } from '../../../src/triggers/delivery.ts';
import type { QueueParts } from '../../../src/triggers/queue.ts';
import type { TickParts } from '../../../src/triggers/tick.ts';

const SETTINGS = {
  KEY_VAULT_URL: 'https://vault.test',
  APP_CONFIGURATION_ENDPOINT: 'https://store.test',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  NOTIFICATION_URL: 'https://hooks.example.org/',
  NOTIFICATION_SECRET: '0123456789abcdefghijklmnopqrstuv',
};

export type ReleaseParts = Omit<DiscoveryParts, 'checks'> &
  TickParts &
  QueueParts &
  NotificationParts &
  RequestParts & { readonly checks: CheckStore };

/** The stage that the parts work on. */
export interface Surroundings extends ReceiverPort {
  now: number;
  made: number;
  readonly table: MemoryTable;
  readonly world: World;
  /** `KeyRotation:*`, by the name behind the colon. */
  readonly documents: ReadonlyMap<string, object>;
  /** Names of accounts for which the service behind this effect does not answer. */
  readonly refused: Readonly<Record<'regenerate' | 'publish', ReadonlySet<string>>>;
}

export function createParts(stage: Surroundings): ReleaseParts {
  const { table, world } = stage;
  const settings = parseSettings(SETTINGS);
  if (!settings.ok) throw new Error('The settings of this stage are wrong.');
  const discovered = createDiscoveryStore({ table });
  let read: { readonly text: string; readonly fleet: Promise<Fleet> } | undefined;
  const fleetWith: ReleaseParts['fleetWith'] = (found) => {
    const keyValues = [...stage.documents].map(([key, value]) => ({
      key: `KeyRotation:${key}`,
      value: JSON.stringify(value),
    }));
    // Parsed again only if something has changed, as in the service.
    const text = JSON.stringify([keyValues, found]);
    if (read?.text !== text) read = { text, fleet: readFleet(keyValues, settings.settings, found) };
    return read.fleet;
  };
  return {
    settings,
    ports: createPorts(stage),
    campaigns: createTableCampaigns({ table }),
    checks: createCheckStore({ table }),
    outbox: createTableNotifications({ table }),
    receiver: stage,
    kinds: { obstacleTo: () => Promise.resolve(undefined) },
    room: () => Promise.resolve(() => Number.POSITIVE_INFINITY),
    discovered,
    accountSearch: {
      list: () => Promise.resolve([...world.accounts.values()].map(foundOf)),
      nameOf: (id) => Promise.resolve(`Subscription ${id}`),
      lookFor: (id) => Promise.resolve(world.accounts.has(id) ? 'exists' : 'gone'),
    },
    fleetWith,
    fleet: async () => fleetWith(await discovered.read()),
    site: { name: 'func-upgrade' },
    clock: { now: () => stage.now },
    sleep: async (ms) => {
      await new Promise(setImmediate);
      stage.now += ms;
    },
    newOwner: () => `owner-${++stage.made}` as OwnerId,
  };
}

function createPorts({ table, world, refused }: Surroundings): ReleaseParts['ports'] {
  const { keys, secrets, ...memory } = createMemoryPorts(world);
  const refuse = (operation: keyof typeof refused, service: 'arm' | 'keyVault', { name }: Account): void => {
    if (!refused[operation].has(name)) return;
    throw new RotationError({ code: 'Unavailable', service, operation, message: 'No answer.' });
  };
  return {
    ...memory,
    keys: {
      ...keys,
      regenerate: async (account, slot, ...rest) => {
        refuse('regenerate', 'arm', account);
        return keys.regenerate(account, slot, ...rest);
      },
    },
    secrets: {
      ...secrets,
      publish: async (account, content) => {
        refuse('publish', 'keyVault', account);
        return secrets.publish(account, content);
      },
    },
    records: createTableRecords({ table, isNotifying: true }),
  };
}

function foundOf({ id, tags, createdAt }: AccountState): FoundAccount {
  return {
    id: id.toLowerCase() as AccountId,
    resourceId: id,
    isTagged: tags['key-rotation'] === 'enabled',
    createdAt: new Date(createdAt).toISOString(),
    provisioningState: tags['state'] ?? 'Succeeded',
    isKeyAccessOff: false,
  };
}

// A local Azure with sites, on a clock that the test sets, and the adapters of App Service on its wire.
import { ClientSecretCredential } from '@azure/identity';
import type { Role } from '../../local/azure/identity/access.ts';
import type { LocalAzure } from '../../local/azure/local-azure.ts';
import { createArmRest } from '../../src/azure/client/arm-rest.ts';
import { createAppServiceReferences, createAppServiceSettings } from '../../src/azure/holders/app-service.ts';
import { localCloud } from '../../src/config/cloud.ts';
import type { HolderAdapter } from '../../src/holders/ports.ts';
import { startAzureUnderTest } from './local-azure-clients.ts';

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
export const GROUP = 'rg-apps';
export const HOUR = 3_600_000;

export interface Adapters {
  readonly references: HolderAdapter;
  readonly settings: HolderAdapter;
}

export interface AppServiceStage {
  readonly azure: LocalAzure;
  advance(ms: number): void;
  /** Makes a site, or a slot `site/slot`. Returns its id, lower-cased. */
  site(name: string, settings: Readonly<Record<string, string>>, resourceGroup?: string): string;
  /** `SecretUri` of a secret in the local vault. */
  uri(path: string): string;
  /** New ones: they have a new token, and nothing holds them off. Waits are noted, and over at once. */
  adapters(): Adapters;
  /** How long the adapters were told to wait. */
  readonly pauses: number[];
  /** Gives the caller these actions on these scopes, and takes everything else. */
  grant(...roles: readonly { readonly actions: readonly string[]; readonly scope: string }[]): void;
}

export async function startAppServiceStage(): Promise<AppServiceStage> {
  let nowMs = Date.UTC(2031, 4, 1, 12);
  const { azure } = await startAzureUnderTest({ accounts: [], now: () => nowMs });
  const { resourceManager, authority } = azure.endpoints;
  const cloud = localCloud({ resourceManagerEndpoint: resourceManager, authorityHost: authority });
  const { tenantId, clientId, clientSecret, objectId } = azure.servicePrincipal;
  const pauses: number[] = [];
  const pause = async (ms: number): Promise<void> => void pauses.push(ms);
  return {
    azure,
    pauses,
    advance: (ms) => {
      nowMs += ms;
    },
    site: (name, settings, resourceGroup = GROUP) => {
      const [site = '', slot] = name.split('/');
      const seed = { subscriptionId: SUBSCRIPTION, resourceGroup, name: site, settings };
      return azure.sites.put(slot === undefined ? seed : { ...seed, slot }).id.toLowerCase();
    },
    uri: (path) => `@Microsoft.KeyVault(SecretUri=${azure.endpoints.keyVault}/secrets/${path})`,
    adapters: () => {
      const options = { authorityHost: authority, disableInstanceDiscovery: true };
      const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, options);
      const rest = createArmRest({ credential, cloud });
      const { vaultSuffix } = cloud;
      return {
        references: createAppServiceReferences({ rest, vaultSuffix, pause }),
        settings: createAppServiceSettings({ rest, pause }),
      };
    },
    grant: (...roles) => {
      const { access } = azure;
      access.isEnforced = true;
      access.revoke(objectId);
      for (const [index, { actions, scope }] of roles.entries()) {
        const role: Role = { id: `role-${index}`, actions, dataActions: [] };
        access.define(role);
        access.assign({ id: `assignment-${index}`, principalId: objectId, roleId: role.id, scope });
      }
    },
  };
}

// The adapters of all kinds of holders, on shared clients. One module, imported when the first of them is needed.
import type { TokenCredential } from '@azure/identity';
import type { Cloud } from '../../config/cloud.ts';
import type { HolderParts } from '../../holders/ports.ts';
import { createArmRest } from '../client/arm-rest.ts';
import { createNamedValues } from './api-management.ts';
import { createAppServiceReferences, createAppServiceSettings } from './app-service.ts';
import { createFoundryConnections } from './foundry-connections.ts';
import { createSearchKeys } from './search-keys.ts';

export interface HolderDependencies {
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
}

export function createHolderAdapters({ credential, cloud }: HolderDependencies): HolderParts['adapters'] {
  const rest = createArmRest({ credential, cloud });
  return {
    appServiceReference: createAppServiceReferences({ rest, vaultSuffix: cloud.vaultSuffix }),
    appServiceSetting: createAppServiceSettings({ rest }),
    namedValue: createNamedValues({ rest }),
    foundryConnection: createFoundryConnections({ rest }),
    searchKey: createSearchKeys({ rest, credential, cloud }),
  };
}

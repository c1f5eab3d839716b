// Finds the accounts of a subscription in Azure Resource Manager, page by page: names, tags and states, never a key.
// It must not decide which of them join the fleet.

import type { Account as ArmAccount, CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import type { FoundAccount } from '../../config/accounts/discovered-account.ts';
import type { AccountSearch } from '../../fleet/discovery/ports.ts';
import { asRotationError } from '../../rotation/errors.ts';
import type { AccountId } from '../../rotation/model.ts';
import { classified } from '../client/classify-error.ts';
import { deadlineIn } from '../client/client-options.ts';

/** For all pages of one subscription. */
const SEARCH_DEADLINE_MS = 120_000;
const LOOK_DEADLINE_MS = 20_000;

export interface AccountSearchDependencies {
  readonly clientOf: (subscriptionId: string) => CognitiveServicesManagementClient;
}

export function createAccountSearch({ clientOf }: AccountSearchDependencies): AccountSearch {
  return {
    list: (subscriptionId, tag) =>
      classified('arm', 'listAccounts', async () => {
        const found: FoundAccount[] = [];
        for await (const account of clientOf(subscriptionId).accounts.list(deadlineIn(SEARCH_DEADLINE_MS))) {
          const read = readAccount(account, tag.toLowerCase());
          if (read !== undefined) found.push(read);
        }
        return found;
      }),
    lookFor: async (id) => {
      const [, , subscriptionId = '', , resourceGroup = '', , , , name = ''] = id.split('/');
      const { accounts } = clientOf(subscriptionId);
      try {
        await classified('arm', 'getAccount', () => accounts.get(resourceGroup, name, deadlineIn(LOOK_DEADLINE_MS)));
        return 'exists';
      } catch (error) {
        const { code } = asRotationError(error);
        if (code === 'NotFound') return 'gone';
        if (code === 'Forbidden') return 'refused';
        throw error;
      }
    },
  };
}

/** Undefined for a resource without an id: it cannot be used. */
function readAccount({ id, tags, properties, systemData }: ArmAccount, tag: string): FoundAccount | undefined {
  if (id === undefined) return undefined;
  const values = lowerCased(tags ?? {});
  const policy = values.get(`${tag}-policy`);
  const createdAt = properties?.dateCreated ?? systemData?.createdAt?.toISOString();
  return {
    id: id.toLowerCase() as AccountId,
    resourceId: id,
    isTagged: values.get(tag)?.trim().toLowerCase() === 'enabled',
    ...(policy === undefined ? {} : { policy: policy.trim() }),
    ...(createdAt === undefined ? {} : { createdAt }),
    provisioningState: properties?.provisioningState ?? 'Succeeded',
    isKeyAccessOff: properties?.disableLocalAuth ?? false,
  };
}

/** In Azure tag names are case-insensitive, and tag values are not. */
function lowerCased(tags: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]));
}

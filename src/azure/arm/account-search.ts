// Finds the accounts of a subscription in Azure Resource Manager, page by page: names, tags and states, never a key.
// It must not decide which of them join the fleet.

import type { Account as ArmAccount, CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import * as z from 'zod';
import { defined } from '../../base/defined.ts';
import { mayHoldKey, visible } from '../../base/free-text.ts';
import type { FoundAccount } from '../../config/accounts/discovered-account.ts';
import type { AccountSearch } from '../../fleet/discovery/ports.ts';
import { asRotationError } from '../../rotation/errors.ts';
import type { AccountId } from '../../rotation/model.ts';
import { type ArmRestDependencies, createArmRest } from '../client/arm-rest.ts';
import { classified } from '../client/classify-error.ts';
import { deadlineIn } from '../client/client-options.ts';

/** For all pages of one subscription. */
const SEARCH_DEADLINE_MS = 120_000;
const LOOK_DEADLINE_MS = 20_000;
/** An Azure tag may have 256 characters. */
const OWNER_MAXIMUM = 100;

export interface AccountSearchDependencies extends ArmRestDependencies {
  readonly clientOf: (subscriptionId: string) => CognitiveServicesManagementClient;
}

const subscription = z.object({ displayName: z.string().min(1) });

export function createAccountSearch({ clientOf, ...dependencies }: AccountSearchDependencies): AccountSearch {
  const rest = createArmRest(dependencies);
  return {
    nameOf: async (subscriptionId) => {
      const path = `/subscriptions/${subscriptionId}?api-version=2022-12-01`;
      const found = await rest.get('getSubscription', path, subscription, deadlineIn(LOOK_DEADLINE_MS));
      return visible(found.displayName).trim();
    },
    list: (subscriptionId, { tag, ownerTag }) =>
      classified('arm', 'listAccounts', async () => {
        const found: FoundAccount[] = [];
        for await (const account of clientOf(subscriptionId).accounts.list(deadlineIn(SEARCH_DEADLINE_MS))) {
          const read = readAccount(account, tag.toLowerCase(), ownerTag.toLowerCase());
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
function readAccount(account: ArmAccount, tag: string, ownerTag: string): FoundAccount | undefined {
  const { id, tags, kind, location, properties, systemData } = account;
  if (id === undefined) return undefined;
  const values = lowerCased(tags ?? {});
  const policy = values.get(`${tag}-policy`);
  const createdAt = properties?.dateCreated ?? systemData?.createdAt?.toISOString();
  return {
    id: id.toLowerCase() as AccountId,
    resourceId: id,
    isTagged: values.get(tag)?.trim().toLowerCase() === 'enabled',
    ...(policy === undefined ? {} : { policy: policy.trim() }),
    ...defined({ kind, location, owner: ownerOf(values.get(ownerTag)) }),
    ...(createdAt === undefined ? {} : { createdAt }),
    provisioningState: properties?.provisioningState ?? 'Succeeded',
    isKeyAccessOff: properties?.disableLocalAuth ?? false,
  };
}

/** A tag is free text of other people. */
function ownerOf(value: string | undefined): string | undefined {
  const owner = visible(value ?? '').trim();
  if (owner === '' || mayHoldKey(owner)) return undefined;
  return owner.length <= OWNER_MAXIMUM ? owner : `${owner.slice(0, OWNER_MAXIMUM - 1)}…`;
}

/** In Azure tag names are case-insensitive, and tag values are not. */
function lowerCased(tags: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]));
}

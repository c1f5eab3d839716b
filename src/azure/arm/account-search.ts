// Finds the accounts of a subscription in Azure Resource Manager, page by page: names, tags and states, never a key.
// It must not decide which of them join the fleet.

import * as z from 'zod';
import { defined } from '../../base/defined.ts';
import { mayHoldKey, visible } from '../../base/free-text.ts';
import { RESOURCE_TYPES, type ResourceType } from '../../base/resource-types.ts';
import type { DiscoveryScope, FoundAccount } from '../../config/accounts/discovered-account.ts';
import type { AccountSearch } from '../../fleet/discovery/ports.ts';
import { asRotationError, RotationError } from '../../rotation/errors.ts';
import type { AccountId } from '../../rotation/model.ts';
import { classified } from '../client/classify-error.ts';
import { deadlineIn } from '../client/client-options.ts';
import type { Management } from './account-keys.ts';
import { pathOfId } from './account-path.ts';
import { RESOURCE_SHAPE, type ResourceBody, readResource } from './resource-body.ts';

/** For all pages of one subscription and type. */
const SEARCH_DEADLINE_MS = 120_000;
const LOOK_DEADLINE_MS = 20_000;
/** An Azure tag may have 256 characters. */
const OWNER_MAXIMUM = 100;
/** Azure allows fewer resources of one type in a subscription. */
const LISTED_MAXIMUM = 20_000;

type TagNames = Pick<DiscoveryScope, 'tag' | 'ownerTag'>;

const subscription = z.object({ displayName: z.string().min(1) });

export function createAccountSearch({ rest }: Pick<Management, 'rest'>): AccountSearch {
  const listOf = async (
    subscriptionId: string,
    row: ResourceType,
    tags: TagNames,
  ): Promise<readonly FoundAccount[]> => {
    const path = `/subscriptions/${subscriptionId}/providers/${row.type}?api-version=${row.apiVersion}`;
    const limits = { deadline: deadlineIn(SEARCH_DEADLINE_MS), maximum: LISTED_MAXIMUM };
    const { items, isComplete } = await rest.list('listAccounts', path, RESOURCE_SHAPE, limits);
    if (!isComplete) throw tooMany();
    return items.flatMap((body) => readAccount(body, row, tags));
  };
  return {
    nameOf: async (subscriptionId) => {
      const path = `/subscriptions/${subscriptionId}?api-version=2022-12-01`;
      const found = await rest.get('getSubscription', path, subscription, deadlineIn(LOOK_DEADLINE_MS));
      return visible(found.displayName).trim();
    },
    list: (subscriptionId, { tag, ownerTag }) =>
      classified('arm', 'listAccounts', async () => {
        const found: FoundAccount[] = [];
        const tags = { tag: tag.toLowerCase(), ownerTag: ownerTag.toLowerCase() };
        for (const row of RESOURCE_TYPES) {
          found.push(...(await withoutProvider(listOf(subscriptionId, row, tags))));
        }
        return found;
      }),
    lookFor: async (id) => {
      try {
        await classified('arm', 'getAccount', () =>
          rest.get('getAccount', pathOfId(id), RESOURCE_SHAPE, deadlineIn(LOOK_DEADLINE_MS)),
        );
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

/** A subscription that has never used a type has no resource of it, and Azure refuses to list them. */
async function withoutProvider(listed: Promise<readonly FoundAccount[]>): Promise<readonly FoundAccount[]> {
  try {
    return await listed;
  } catch (error) {
    if (asRotationError(error).providerCode === 'MissingSubscriptionRegistration') return [];
    throw error;
  }
}

function tooMany(): RotationError {
  return new RotationError({
    code: 'Misconfigured',
    service: 'arm',
    operation: 'listAccounts',
    message: `More than ${LISTED_MAXIMUM} resources of one type: list these accounts one by one instead.`,
  });
}

/** Empty for a resource without an id: it cannot be used. */
function readAccount(body: ResourceBody, row: ResourceType, { tag, ownerTag }: TagNames): readonly FoundAccount[] {
  const { id, tags } = body;
  if (id === undefined || id === null) return [];
  const values = lowerCased(tags ?? {});
  const policy = values.get(`${tag}-policy`);
  const { kind, createdAt, provisioningState, isKeyAccessOff } = readResource(body, row);
  return [
    {
      id: id.toLowerCase() as AccountId,
      resourceId: id,
      isTagged: values.get(tag)?.trim().toLowerCase() === 'enabled',
      ...(policy === undefined ? {} : { policy: policy.trim() }),
      ...defined({ kind, location: body.location ?? undefined, owner: ownerOf(values.get(ownerTag)) }),
      ...(createdAt === undefined ? {} : { createdAt }),
      provisioningState,
      isKeyAccessOff,
    },
  ];
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

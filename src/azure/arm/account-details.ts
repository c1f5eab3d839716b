// An account's details in ARM, besides its keys. A probe needs kind and endpoint: they determine its call and its
// address.
// It must not decide anything from them. They are kept for a day, or until a probe suggests that they are out of date.

import type { ResourceType } from '../../base/resource-types.ts';
import type { Cloud } from '../../config/cloud.ts';
import type { AccountDetails } from '../../operators/check/ports.ts';
import type { KindsPort } from '../../operators/ports.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { Account, AccountId } from '../../rotation/model.ts';
import type { Clock } from '../../rotation/ports.ts';
import { classified } from '../client/classify-error.ts';
import { deadlineOf } from '../client/client-options.ts';
import { obstacleOf } from '../data-plane/find-kind.ts';
import type { Management } from './account-keys.ts';
import { pathOf, typeOf } from './account-path.ts';
import { RESOURCE_SHAPE, readResource } from './resource-body.ts';

export interface AccountDetailsSource {
  /** Throws `RotationError` when ARM does not answer or the account has no endpoint. */
  get(account: Account): Promise<AccountDetails>;
  /** Drops the kept details: the next `get` asks ARM. */
  forget(account: Account): void;
}

const KEPT_FOR_MS = 24 * 3_600_000;
const KEPT_MAXIMUM = 10_000;

export interface KnownDetails {
  readonly details: AccountDetails;
  readonly at: number;
}

/** What this process has read so far, by account; for people also after a day. */
export type KeptDetails = Map<AccountId, KnownDetails>;

/** How Azure Resource Manager is asked, and the hosts of the cloud. */
export type DetailsRead = Pick<Management, 'rest' | 'cloud'>;

export interface AccountDetailsDependencies extends DetailsRead {
  readonly clock: Clock;
  /** Empty when absent. */
  readonly kept?: KeptDetails;
}

export function createAccountDetails(dependencies: AccountDetailsDependencies): AccountDetailsSource {
  const { rest, cloud, clock, kept = new Map<AccountId, KnownDetails>() } = dependencies;
  return {
    async get(account) {
      const present = kept.get(account.id);
      const now = clock.now();
      // An `at` in the future means that the clock was set back since. The age is unknown, so ARM is asked again.
      if (present !== undefined && now >= present.at && now - present.at < KEPT_FOR_MS) return present.details;
      const details = await classified('arm', 'getDetails', () => fetchDetails({ rest, cloud }, account));
      if (kept.size >= KEPT_MAXIMUM) kept.clear();
      kept.set(account.id, { details, at: now });
      return details;
    },
    forget: (account) => void kept.delete(account.id),
  };
}

/** Always asks ARM. Throws `RotationError`. */
export async function fetchDetails({ rest, cloud }: DetailsRead, account: Account): Promise<AccountDetails> {
  const row = typeOf(account);
  const body = await rest.get('getDetails', pathOf(account), RESOURCE_SHAPE, deadlineOf(account));
  const { kind, customSubDomainName, publicNetworkAccess, networkRules, ...read } = readResource(body, row);
  const own = ownEndpoint(account, row, cloud);
  const endpoint = own ?? read.endpoint;
  if (endpoint === undefined || kind === undefined) {
    throw new RotationError({
      code: 'Misconfigured',
      service: 'arm',
      operation: 'getDetails',
      message: 'The account has no kind or no endpoint: it is not completely created.',
    });
  }
  const obstacle = obstacleOf(kind);
  return {
    kind,
    ...(obstacle === undefined ? {} : { obstacle }),
    endpoint: endpoint.endsWith('/') ? endpoint : `${endpoint}/`,
    location: body.location ?? '',
    disableLocalAuth: read.isKeyAccessOff,
    provisioningState: read.provisioningState,
    ...(row.hostSuffix === undefined ? {} : { hasOwnHost: true }),
    ...(customSubDomainName === undefined ? {} : { customSubDomainName }),
    ...(publicNetworkAccess === undefined ? {} : { publicNetworkAccess }),
    ...(networkRules === undefined ? {} : { networkRules }),
  };
}

/** In a local Azure all resources have one host, so that the listed endpoint counts. */
function ownEndpoint({ name }: Account, { hostSuffix }: ResourceType, cloud: Cloud): string | undefined {
  return hostSuffix === undefined || cloud.isAccountInPath ? undefined : `https://${name}.${cloud[hostSuffix]}/`;
}

export function createKinds(details: AccountDetailsSource): KindsPort {
  return { obstacleTo: async (account) => (await details.get(account)).obstacle };
}

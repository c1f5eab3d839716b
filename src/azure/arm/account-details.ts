// An account's details in ARM, besides its keys. A probe needs kind and endpoint: they determine its call and its
// address.
// It must not decide anything from them. They are kept for a day, or until a probe suggests that they are out of date.

import type { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import type { AccountDetails } from '../../operators/check/ports.ts';
import type { KindsPort } from '../../operators/ports.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { Account, AccountId } from '../../rotation/model.ts';
import type { Clock } from '../../rotation/ports.ts';
import { classified } from '../client/classify-error.ts';
import { deadlineOf } from '../client/client-options.ts';
import { obstacleOf } from '../data-plane/kinds.ts';

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

export interface AccountDetailsDependencies {
  readonly clientOf: (subscriptionId: string) => CognitiveServicesManagementClient;
  readonly clock: Clock;
  /** Empty when absent. */
  readonly kept?: KeptDetails;
}

export function createAccountDetails(dependencies: AccountDetailsDependencies): AccountDetailsSource {
  const { clientOf, clock, kept = new Map<AccountId, KnownDetails>() } = dependencies;
  return {
    async get(account) {
      const present = kept.get(account.id);
      const now = clock.now();
      // An `at` in the future means that the clock was set back since. The age is unknown, so ARM is asked again.
      if (present !== undefined && now >= present.at && now - present.at < KEPT_FOR_MS) return present.details;
      const details = await classified('arm', 'getDetails', () => fetchDetails(clientOf, account));
      if (kept.size >= KEPT_MAXIMUM) kept.clear();
      kept.set(account.id, { details, at: now });
      return details;
    },
    forget: (account) => void kept.delete(account.id),
  };
}

/** Always asks ARM. Throws the SDK's errors, or `RotationError`. */
export async function fetchDetails(
  clientOf: AccountDetailsDependencies['clientOf'],
  account: Account,
): Promise<AccountDetails> {
  const { accounts } = clientOf(account.subscriptionId);
  const found = await accounts.get(account.resourceGroup, account.name, deadlineOf(account));
  const { endpoint, customSubDomainName, disableLocalAuth, publicNetworkAccess, provisioningState, networkAcls } =
    found.properties ?? {};
  if (endpoint === undefined || found.kind === undefined) {
    throw new RotationError({
      code: 'Misconfigured',
      service: 'arm',
      operation: 'getDetails',
      message: 'The account has no kind or no endpoint: it is not completely created.',
    });
  }
  const obstacle = obstacleOf(found.kind);
  return {
    kind: found.kind,
    ...(obstacle === undefined ? {} : { obstacle }),
    endpoint: endpoint.endsWith('/') ? endpoint : `${endpoint}/`,
    location: found.location ?? '',
    disableLocalAuth: disableLocalAuth ?? false,
    provisioningState: provisioningState ?? 'Succeeded',
    ...(customSubDomainName === undefined ? {} : { customSubDomainName }),
    ...(publicNetworkAccess === undefined ? {} : { publicNetworkAccess }),
    ...(networkAcls === undefined
      ? {}
      : {
          networkRules: {
            isDenyByDefault: networkAcls.defaultAction === 'Deny',
            addresses: (networkAcls.ipRules ?? []).map(({ value }) => value),
            subnets: networkAcls.virtualNetworkRules?.length ?? 0,
          },
        }),
  };
}

export function createKinds(details: AccountDetailsSource): KindsPort {
  return { obstacleTo: async (account) => (await details.get(account)).obstacle };
}

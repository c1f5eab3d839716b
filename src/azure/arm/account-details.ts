// What ARM says about an account besides its keys: kind and endpoint tell a probe which call to send where.
// It must not decide anything from it. Answers are kept for a day, or until a probe could not be sent as they say.

import type { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import type { AccountDetails } from '../../operators/check/ports.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { Account, AccountId } from '../../rotation/model.ts';
import type { Clock } from '../../rotation/ports.ts';
import { classified } from '../client/classify-error.ts';
import { deadlineOf } from '../client/client-options.ts';

export interface AccountDetailsSource {
  /** Throws `RotationError` when ARM does not answer or the account has no endpoint. */
  get(account: Account): Promise<AccountDetails>;
  /** Lets go of what is kept: the next call asks ARM. */
  forget(account: Account): void;
}

const KEPT_FOR_MS = 24 * 3_600_000;
const KEPT_MAXIMUM = 10_000;

export interface AccountDetailsDependencies {
  readonly clientOf: (subscriptionId: string) => CognitiveServicesManagementClient;
  readonly clock: Clock;
}

export function createAccountDetails({ clientOf, clock }: AccountDetailsDependencies): AccountDetailsSource {
  const kept = new Map<AccountId, { readonly details: AccountDetails; readonly at: number }>();
  return {
    async get(account) {
      const present = kept.get(account.id);
      const now = clock.now();
      // What seems to be asked for later was asked for by a clock that has been set back since: its age is unknown.
      if (present !== undefined && now >= present.at && now - present.at < KEPT_FOR_MS) return present.details;
      const details = await classified('arm', 'getDetails', () => fetchDetails(clientOf, account));
      if (kept.size >= KEPT_MAXIMUM) kept.clear();
      kept.set(account.id, { details, at: now });
      return details;
    },
    forget: (account) => void kept.delete(account.id),
  };
}

/** Asks ARM, whatever is kept. Throws what the SDK throws, or `RotationError`. */
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
  return {
    kind: found.kind,
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

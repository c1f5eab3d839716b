// The account's two keys in Azure Resource Manager: list them, regenerate one.
// It must not send a call twice (see client-options.ts), nor compare or judge keys.
import { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import type { HttpHeaders, PipelinePolicy } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { Cloud } from '../../config/cloud.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { Slot } from '../../rotation/model.ts';
import type { KeyPair, KeysPort } from '../../rotation/ports.ts';
import { SecretValue } from '../../rotation/secret.ts';
import { classified } from '../client/classify-error.ts';
import { clientOptions, deadlineOf, memoise } from '../client/client-options.ts';
import { retryAfterOf } from '../client/retry-after.ts';
import type { Governor } from './governor.ts';

/** ARM's names of the slots; their case matters. */
const KEY_NAMES = { key1: 'Key1', key2: 'Key2' } as const satisfies Record<Slot, string>;

export interface ManagementDependencies {
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
  readonly governor: Governor;
}

/** One client per subscription, shared by keys and details. */
export function createManagementClients({
  credential,
  cloud,
  governor,
}: ManagementDependencies): (subscriptionId: string) => CognitiveServicesManagementClient {
  return memoise((subscriptionId) => {
    const options = clientOptions();
    options.additionalPolicies.push({ policy: reportTo(governor, subscriptionId), position: 'perRetry' });
    return new CognitiveServicesManagementClient(credential, subscriptionId, {
      ...options,
      endpoint: cloud.resourceManagerEndpoint,
      // Without it the SDK derives the scope from the endpoint.
      credentialScopes: cloud.resourceManagerScope,
    });
  });
}

/**
 * Reports each finished POST to the governor, even after an error, with ARM's count of the writes left in the
 * subscription. A GET is not reported: its refusal says nothing about writes.
 */
function reportTo(governor: Governor, subscriptionId: string): PipelinePolicy {
  return {
    name: 'reportToGovernorPolicy',
    async sendRequest(request, next) {
      if (request.method !== 'POST') return next(request);
      try {
        const response = await next(request);
        const remaining = remainingOf(response.headers);
        if (response.status === 429) governor.close(subscriptionId, retryAfterOf(response.headers));
        else governor.learn(subscriptionId, remaining);
        return response;
      } catch (error) {
        governor.learn(subscriptionId, undefined);
        throw error;
      }
    },
  };
}

/** Undefined without the count: ARM's own errors lack it. */
function remainingOf(headers: HttpHeaders): number | undefined {
  const remaining = Number(headers.get('x-ms-ratelimit-remaining-subscription-writes') ?? Number.NaN);
  return Number.isFinite(remaining) ? remaining : undefined;
}

export interface AccountKeysDependencies {
  readonly clientOf: (subscriptionId: string) => CognitiveServicesManagementClient;
  readonly governor: Governor;
}

export function createAccountKeys({ clientOf, governor }: AccountKeysDependencies): KeysPort {
  return {
    admit: ({ subscriptionId }, call, urgency) =>
      classified('arm', call, () => {
        governor.admit(subscriptionId, call, urgency);
        return Promise.resolve();
      }),
    list: (account) =>
      classified('arm', 'list', async () => {
        const { accounts } = clientOf(account.subscriptionId);
        return keyPair('list', await accounts.listKeys(account.resourceGroup, account.name, deadlineOf(account)));
      }),
    regenerate: (account, slot) =>
      classified('arm', 'regenerate', async () => {
        const { accounts } = clientOf(account.subscriptionId);
        const { resourceGroup, name } = account;
        return keyPair(
          'regenerate',
          await accounts.regenerateKey(resourceGroup, name, KEY_NAMES[slot], deadlineOf(account)),
        );
      }),
  };
}

function keyPair(operation: string, { key1, key2 }: { key1?: string; key2?: string }): KeyPair {
  if (key1 === undefined || key1 === '' || key2 === undefined || key2 === '') {
    throw new RotationError({
      code: 'Unavailable',
      service: 'arm',
      operation,
      message: 'The answer names fewer than two keys; the next pass lists them again.',
    });
  }
  return { key1: new SecretValue(key1), key2: new SecretValue(key2) };
}

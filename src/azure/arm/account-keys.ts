// The account's two keys in Azure Resource Manager: list them, regenerate one, as the row of its type says.
// It must not send a call twice (see client-options.ts), nor compare or judge keys.
import type { HttpHeaders, PipelinePolicy } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import type { KeyRequest, ResourceType } from '../../base/resource-types.ts';
import type { Cloud } from '../../config/cloud.ts';
import { RotationError } from '../../rotation/errors.ts';
import type { Account } from '../../rotation/model.ts';
import type { KeyPair, KeysCall, KeysPort } from '../../rotation/ports.ts';
import { SecretValue } from '../../rotation/secret.ts';
import { type ArmRest, createArmRest } from '../client/arm-rest.ts';
import { classified } from '../client/classify-error.ts';
import { type Deadline, deadlineOf } from '../client/client-options.ts';
import { retryAfterOf } from '../client/retry-after.ts';
import { pathOf, typeOf } from './account-path.ts';
import type { Governor } from './governor.ts';

export interface ManagementDependencies {
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
  readonly governor: Governor;
}

/** What the adapters on Azure Resource Manager share: the calls, and the count of them. */
export interface Management {
  readonly rest: ArmRest;
  readonly cloud: Cloud;
  readonly governor: Governor;
}

export function createManagement({ credential, cloud, governor }: ManagementDependencies): Management {
  const policyOf = (subscriptionId: string): PipelinePolicy => reportTo(governor, subscriptionId);
  return { rest: createArmRest({ credential, cloud, policyOf }), cloud, governor };
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

export function createAccountKeys({ rest, governor }: Pick<Management, 'rest' | 'governor'>): KeysPort {
  const post = (account: Account, call: KeysCall, { path, body }: KeyRequest, deadline: Deadline): Promise<unknown> =>
    rest.send(
      call,
      { method: 'POST', path: pathOf(account, path), ...(body === undefined ? {} : { body }) },
      z.unknown(),
      deadline,
    );
  return {
    admit: ({ subscriptionId }, call, urgency) =>
      classified('arm', call, () => {
        governor.admit(subscriptionId, call, urgency);
        return Promise.resolve();
      }),
    list: (account) =>
      classified('arm', 'list', async () => {
        const row = typeOf(account);
        return keyPair('list', row, await post(account, 'list', row.list, deadlineOf(account)));
      }),
    regenerate: (account, slot) =>
      classified('arm', 'regenerate', async () => {
        const row = typeOf(account);
        const deadline = deadlineOf(account);
        const answer = await post(account, 'regenerate', row.regenerate[slot], deadline);
        const isPair = row.regenerate.returns === 'pair';
        return keyPair('regenerate', row, isPair ? answer : await post(account, 'regenerate', row.list, deadline));
      }),
  };
}

const fields = z.record(z.string(), z.unknown());

function keyPair(operation: KeysCall, { keyFields }: ResourceType, answer: unknown): KeyPair {
  const read = fields.safeParse(answer);
  const [key1, key2] = [read.data?.[keyFields.key1], read.data?.[keyFields.key2]];
  if (typeof key1 !== 'string' || key1 === '' || typeof key2 !== 'string' || key2 === '') {
    throw new RotationError({
      code: 'Unavailable',
      service: 'arm',
      operation,
      message: 'The answer names fewer than two keys; the next pass lists them again.',
    });
  }
  return { key1: new SecretValue(key1), key2: new SecretValue(key2) };
}

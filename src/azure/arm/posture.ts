// How an account is set up, for a check: what ARM says about it, what the identity may do to it, whether it could do
// without keys. It must not change or decide anything; passes never ask it.
import type { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import type { Cloud } from '../../config/cloud.ts';
import type { Account } from '../../rotation/model.ts';
import type { SecretValue } from '../../rotation/secret.ts';
import { classified } from '../client/classify-error.ts';
import { type Deadline, deadlineOf, USER_AGENT_PREFIX } from '../client/client-options.ts';
import { send } from '../client/send.ts';
import { sendCall } from '../data-plane/call.ts';
import { probeCallOf, tokenCallOf } from '../data-plane/probe-calls.ts';
import { type AccountDetails, fetchDetails } from './account-details.ts';

/** One role's worth of permissions, with wildcards. */
export interface Grant {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

/** How the data plane answered a call that carried a token of Microsoft Entra in place of a key. */
export interface EntraAnswer {
  readonly status: number;
  /** False for a call that is not documented to take such a token: a refusal says little then. */
  readonly isConclusive: boolean;
}

export interface TokenExchange {
  readonly status: number;
  readonly isIssued: boolean;
}

/** Each method throws `RotationError` when there is no usable answer. */
export interface PosturePort {
  read(account: Account): Promise<AccountDetails>;
  listGrants(account: Account): Promise<readonly Grant[]>;
  callWithEntra(account: Account, details: AccountDetails): Promise<EntraAnswer>;
  /** Exchanges a key for a token, which is thrown away; undefined for kinds that have no such exchange. */
  exchangeToken(account: Account, details: AccountDetails, value: SecretValue): Promise<TokenExchange | undefined>;
}

export interface PostureDependencies {
  readonly clientOf: (subscriptionId: string) => CognitiveServicesManagementClient;
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
}

const PERMISSIONS_VERSION = '2022-04-01';

export function createPosture({ clientOf, credential, cloud }: PostureDependencies): PosturePort {
  return {
    read: (account) => classified('arm', 'getDetails', () => fetchDetails(clientOf, account)),
    listGrants: (account) =>
      classified('arm', 'listPermissions', async () => {
        const deadline = deadlineOf(account);
        const token = await tokenFor(credential, cloud.resourceManagerScope, deadline);
        const path = `${account.id}/providers/Microsoft.Authorization/permissions?api-version=${PERMISSIONS_VERSION}`;
        return readGrants(await get(`${cloud.resourceManagerEndpoint}${path}`, token, deadline));
      }),
    callWithEntra: (account, details) =>
      classified('dataPlane', 'callWithEntra', async () => {
        const deadline = deadlineOf(account);
        const token = await tokenFor(credential, cloud.dataPlaneScope, deadline);
        const { status } = await sendCall(probeCallOf(details), { Authorization: `Bearer ${token}` }, deadline);
        return { status, isConclusive: tokenCallOf(details) === undefined };
      }),
    exchangeToken: (account, details, value) =>
      classified('dataPlane', 'exchangeToken', async () => {
        const call = tokenCallOf(details);
        if (call === undefined) return undefined;
        const { status, body } = await sendCall(call, { [call.keyHeader]: value.reveal() }, deadlineOf(account));
        return { status, isIssued: status === 200 && body !== '' };
      }),
  };
}

async function tokenFor(credential: TokenCredential, scope: string, deadline: Deadline): Promise<string> {
  const given = await credential.getToken(scope, deadline);
  if (given === null) throw new RestError('No token was given.', { statusCode: 401, code: 'NoToken' });
  return given.token;
}

async function get(url: string, token: string, deadline: Deadline): Promise<string> {
  const headers = createHttpHeaders({ Authorization: `Bearer ${token}`, 'User-Agent': USER_AGENT_PREFIX });
  const request = createPipelineRequest({ method: 'GET', url, headers, ...deadline });
  const response = await send(request);
  if (response.status === 200) return response.bodyAsText ?? '';
  // What names the call is added by the caller; the body stays where only its structured parts are read.
  throw new RestError('The permissions were not listed.', { statusCode: response.status, response });
}

const actions = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const grantsShape = z.object({ value: z.array(z.object({ actions, notActions: actions })) });

function readGrants(body: string): readonly Grant[] {
  return grantsShape.parse(JSON.parse(body)).value;
}

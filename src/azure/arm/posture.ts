// How an account is set up, for a check: its details in ARM, the identity's permissions on it, and whether it would
// work without keys. It must not change or decide anything; passes never ask it.

import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import type { EntraAnswer, Grant, PosturePort } from '../../operators/check/ports.ts';
import type { ArmRest } from '../client/arm-rest.ts';
import { classified } from '../client/classify-error.ts';
import { type Deadline, deadlineOf, USER_AGENT_PREFIX } from '../client/client-options.ts';
import { send } from '../client/send.ts';
import { sendCalls } from '../data-plane/call.ts';
import { type ProbeCall, type ProbeOptions, probeCallsOf, tokenCallsOf } from '../data-plane/probe-calls.ts';
import type { ProbeAnswer } from '../data-plane/probe-verdict.ts';
import { fetchDetails } from './account-details.ts';
import { typeOf } from './account-path.ts';

export interface PostureDependencies extends ProbeOptions {
  readonly rest: ArmRest;
  readonly credential: TokenCredential;
}

const PERMISSIONS_VERSION = '2022-04-01';

export function createPosture({ rest, credential, ...options }: PostureDependencies): PosturePort {
  const { cloud } = options;
  return {
    read: (account) => classified('arm', 'getDetails', () => fetchDetails({ rest, cloud }, account)),
    listGrants: (account) =>
      classified('arm', 'listPermissions', async () => {
        const deadline = deadlineOf(account);
        const token = await tokenFor(credential, cloud.resourceManagerScope, deadline);
        const path = `${account.id}/providers/Microsoft.Authorization/permissions?api-version=${PERMISSIONS_VERSION}`;
        return readGrants(await get(`${cloud.resourceManagerEndpoint}${path}`, token, deadline));
      }),
    callWithEntra: (account, details) =>
      classified('dataPlane', 'callWithEntra', async () => {
        const [call, ...others] = probeCallsOf(details, options);
        if (call === undefined) return undefined;
        const deadline = deadlineOf(account);
        const scope = cloud[typeOf(account).dataPlaneScope];
        const token = await tokenFor(credential, scope, deadline);
        const answer = await sendCalls([call, ...others], { Authorization: `Bearer ${token}` }, deadline);
        return {
          status: answer.status,
          token: tokenIn(answer, call),
          command: commandOf(call, scope),
        };
      }),
    exchangeToken: (account, details, value) =>
      classified('dataPlane', 'exchangeToken', async () => {
        const [call, ...others] = tokenCallsOf(details, options);
        if (call === undefined) return undefined;
        const credentials = { [call.keyHeader]: value.reveal() };
        const { status, body } = await sendCalls([call, ...others], credentials, deadlineOf(account));
        return { status, isIssued: status === 200 && body !== '' };
      }),
  };
}

/** The gateway says `PermissionDenied` of a token that it has understood, whose principal has no role. */
function tokenIn({ status, body }: ProbeAnswer, { takesEntra }: ProbeCall): EntraAnswer['token'] {
  if ((status >= 200 && status < 300) || /"code"\s*:\s*"PermissionDenied"/.test(body)) return 'taken';
  return status === 401 && takesEntra ? 'refused' : 'unknown';
}

function commandOf({ method, url, body }: ProbeCall, scope: string): string {
  const resource = scope.replace(/\/\.default$/, '');
  const content = body === undefined ? '' : ` --body '${body}'`;
  return `az rest --method ${method.toLowerCase()} --resource ${resource} --url "${url}"${content}`;
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
  // The caller adds the name of the call. The body stays in `response`, of which only the structured parts are read.
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

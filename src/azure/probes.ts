// Asks the data plane about one key: one call, one verdict. It must not throw for an answer, retry, or follow a
// redirect: that would hand the key to whatever host the answer names.
import { createDefaultHttpClient, createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import type { Account } from '../rotation/model.ts';
import type { ProbeResult, ProbesPort } from '../rotation/ports.ts';
import type { SecretValue } from '../rotation/secret.ts';
import type { AccountDetails, AccountDetailsSource } from './account-details.ts';
import { classifyError, retryAfterOf } from './classify-error.ts';
import { deadlineOf, USER_AGENT_PREFIX } from './client-options.ts';
import { probeCallOf } from './probe-calls.ts';
import { judge, type ProbeAnswer } from './probe-verdict.ts';

export interface ProbesDependencies {
  readonly details: AccountDetailsSource;
}

export function createProbes({ details }: ProbesDependencies): ProbesPort {
  const http = createDefaultHttpClient();
  const send = async (account: Account, found: AccountDetails, value: SecretValue): Promise<ProbeResult> => {
    const call = probeCallOf(found);
    const response = await http.sendRequest(
      createPipelineRequest({
        method: call.method,
        url: call.url,
        headers: createHttpHeaders({
          [call.keyHeader]: value.reveal(),
          'User-Agent': USER_AGENT_PREFIX,
          ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...(call.method === 'POST' && call.body === undefined ? { 'Content-Length': '0' } : {}),
        }),
        ...(call.body === undefined ? {} : { body: call.body }),
        ...deadlineOf(account),
      }),
    );
    const retryAfterMs = retryAfterOf(response.headers);
    const answer: ProbeAnswer = {
      status: response.status,
      body: response.bodyAsText ?? '',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
    const { isDocumentedForKind } = call;
    return judge(answer, { isDocumentedForKind, isKeyAuthenticationOff: found.disableLocalAuth });
  };
  return {
    async probe(account, value) {
      try {
        return await send(account, await details.get(account), value);
      } catch (error) {
        const { message, status } = classifyError('dataPlane', 'probe', error);
        return {
          verdict: 'inconclusive',
          finding: 'unreachable',
          detail: message,
          ...(status === undefined ? {} : { status }),
        };
      }
    },
  };
}

// Asks the data plane about one key: one call on a connection of its own, one verdict, which is that of the gateway's node
// that the connection met. It must not throw for an answer, retry, or follow a redirect: that would hand the key to
// whatever host the answer names.

import type { AccountDetails } from '../../operators/check/ports.ts';
import type { Account } from '../../rotation/model.ts';
import type { ProbeResult, ProbesPort } from '../../rotation/ports.ts';
import type { SecretValue } from '../../rotation/secret.ts';
import type { AccountDetailsSource } from '../arm/account-details.ts';
import { classifyError } from '../client/classify-error.ts';
import { deadlineOf } from '../client/client-options.ts';
import { sendCall } from './call.ts';
import { probeCallOf } from './probe-calls.ts';
import { judge } from './probe-verdict.ts';

export interface ProbesDependencies {
  readonly details: AccountDetailsSource;
}

/** Findings of an answer that shows kind and endpoint to be right; any other may come from details that are out of date. */
const ANSWERED: ReadonlySet<ProbeResult['finding']> = new Set<ProbeResult['finding']>([
  'live',
  'liveOutOfQuota',
  'dead',
  'throttled',
]);

export function createProbes({ details }: ProbesDependencies): ProbesPort {
  const send = async (account: Account, found: AccountDetails, value: SecretValue): Promise<ProbeResult> => {
    const call = probeCallOf(found);
    const answer = await sendCall(call, { [call.keyHeader]: value.reveal() }, deadlineOf(account));
    const { isDocumentedForKind } = call;
    return judge(answer, { isDocumentedForKind, isKeyAuthenticationOff: found.disableLocalAuth });
  };
  return {
    async probe(account, value) {
      try {
        const result = await send(account, await details.get(account), value);
        if (!ANSWERED.has(result.finding)) details.forget(account);
        return result;
      } catch (error) {
        details.forget(account);
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

// Asks the data plane about one key: one verdict, from one answer on a connection of its own. It is the verdict of the
// one gateway node that the connection met.
// It must not throw for an answer, retry, or follow a redirect: that would send the key to any host that the answer
// names.

import type { AccountDetails } from '../../operators/check/ports.ts';
import type { Account } from '../../rotation/model.ts';
import type { ProbeResult, ProbesPort } from '../../rotation/ports.ts';
import type { SecretValue } from '../../rotation/secret.ts';
import type { AccountDetailsSource } from '../arm/account-details.ts';
import { classifyError } from '../client/classify-error.ts';
import { deadlineOf } from '../client/client-options.ts';
import { sendCalls } from './call.ts';
import { type ProbeOptions, probeCallsOf } from './probe-calls.ts';
import { judge } from './probe-verdict.ts';

export interface ProbesDependencies extends ProbeOptions {
  readonly details: AccountDetailsSource;
}

/**
 * Findings which show that kind and endpoint are right. Any other may come from outdated details: an ambiguous answer,
 * from keys that were switched off since.
 */
const ANSWERED: ReadonlySet<ProbeResult['finding']> = new Set<ProbeResult['finding']>([
  'live',
  'liveOutOfQuota',
  'dead',
  'throttled',
  'noProof',
]);

export function createProbes({ details, ...options }: ProbesDependencies): ProbesPort {
  const send = async (account: Account, found: AccountDetails, value: SecretValue): Promise<ProbeResult> => {
    const [call, ...others] = probeCallsOf(found, options);
    // Nothing is sent: no answer would be a verdict.
    if (call === undefined) return { verdict: 'inconclusive', finding: 'noProof', detail: found.obstacle ?? '' };
    const credentials = { [call.keyHeader]: value.reveal() };
    const answer = await sendCalls([call, ...others], credentials, deadlineOf(account));
    const { ambiguousStatuses } = call;
    return judge(answer, { isKeyAuthenticationOff: found.disableLocalAuth, ambiguousStatuses });
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

// Stores a consumer's acknowledgement of a version. If it was the last one missing, a pass runs at once.
// It must not decide when an overlap is over: a pass does.

import type { Log } from '../../base/log.ts';
import { passInline } from '../../fleet/inline-pass.ts';
import { ALL_HOLDERS } from '../../holders/requirement.ts';
import { missingConsumers } from '../../rotation/decide/schedule.ts';
import type { Account, SecretVersion } from '../../rotation/model.ts';
import type { AcknowledgementStatus } from '../answers/account.ts';
import type { RequestParts } from '../ports.ts';
import { statusOf } from '../status/account-status.ts';

/**
 * The consumer's name as the policy spells it. Case does not count. Undefined if the policy does not name it, and for the
 * word that stands for the holders: only what is seen of them counts.
 */
export function consumerNamed({ policy }: Account, name: string): string | undefined {
  const named = policy.consumers.filter((consumer) => consumer !== ALL_HOLDERS);
  return named.find((consumer) => consumer.toLowerCase() === name.toLowerCase());
}

export async function acknowledge(
  parts: RequestParts,
  account: Account,
  { consumer, version }: { readonly consumer: string; readonly version: SecretVersion },
  log: Log,
): Promise<AcknowledgementStatus> {
  const { records } = parts.ports;
  await records.acknowledge(account, { consumer, version, at: parts.clock.now() });
  let stored = await records.read(account);
  const record = stored.record.state === 'present' ? stored.record.record : undefined;
  const isCounted = record !== undefined && 'versions' in record && record.versions.includes(version);
  const isLast =
    record?.phase === 'propagating' && missingConsumers(record, account.policy, stored.acknowledgements).length === 0;
  if (isCounted && isLast) {
    // Otherwise an overlap that waits for this acknowledgement would last until the timer looks again, an hour or more.
    await passInline(parts, account, log);
    stored = await records.read(account);
  }
  const { phase, publishedVersion, overlap } = statusOf(account, stored, parts.clock.now());
  return {
    account: account.alias,
    consumer,
    version,
    isCounted,
    phase,
    ...(publishedVersion === undefined ? {} : { publishedVersion }),
    missingConsumers: overlap?.missingConsumers ?? [],
    ...(overlap === undefined ? {} : { overlap }),
  };
}

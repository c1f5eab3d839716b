// Makes a pass look again later when no call proves a key of the account's kind: only a person can change that.
// It must not change a step or a verdict. It goes when the core knows such kinds: docs/adr/0020.
import type { Account } from '../rotation/model.ts';
import { LOOK_WITHIN_MS, type Ports, type RecordWrite } from '../rotation/ports.ts';
import type { BlockedReason } from '../rotation/reasons.ts';

/** The blocks that wait for a key to be accepted. Built in, they look again after 15 seconds, so in each tick. */
const WAITS_FOR_A_VERDICT: ReadonlySet<string> = new Set<BlockedReason>([
  'AdoptionKeyNotAccepted',
  'PublishedKeyNotAccepted',
]);

/** The ports of one pass. */
export function backOffUnproven(ports: Ports, { policy }: Account): Ports {
  const { probes, records } = ports;
  let isUnproven = false;
  const later = (change: RecordWrite): RecordWrite => {
    const { entity, at } = change;
    const { lastPass } = entity;
    if (!isUnproven || lastPass?.isBlocked !== true || !WAITS_FOR_A_VERDICT.has(lastPass.reason)) return change;
    const latest = at + Math.min(policy.backOffMaximumMs, LOOK_WITHIN_MS);
    const nextObservationAt = Math.max(entity.nextObservationAt, latest);
    return { ...change, entity: { ...entity, nextObservationAt } };
  };
  return {
    ...ports,
    probes: {
      probe: async (account, value) => {
        const result = await probes.probe(account, value);
        isUnproven = result.finding === 'noProof';
        return result;
      },
    },
    records: {
      read: (account) => records.read(account),
      readNamesakes: (account) => records.readNamesakes(account),
      write: (account, expected, change) => records.write(account, expected, later(change)),
    },
  };
}

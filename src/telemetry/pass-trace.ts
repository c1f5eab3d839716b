// One pass as plain data: its calls, its steps and the changes of the record. It is noted while the pass runs.
// The log and the telemetry read it afterwards. It must not hold a key value, nor change a call.

import type { Origin } from '../base/log.ts';
import type { ActingStep } from '../rotation/decide/step.ts';
import type { Account, AccountAlias, Observation, RotationRecord, Slot } from '../rotation/model.ts';
import type { PassReport } from '../rotation/pass/reconcile.ts';
import type { HistoryEntry, Ports, ProbeResult } from '../rotation/ports.ts';
import type { TracedCall } from './call-trace.ts';

export interface PassTrace {
  readonly account: AccountAlias;
  readonly origin: Origin | undefined;
  /** Milliseconds since the epoch, as all instants here. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly report: PassReport;
  readonly isOverdue: boolean;
  readonly calls: readonly TracedCall[];
  /** Steps that were carried out, in order. */
  readonly steps: readonly TracedStep[];
  /** Writes of the account's entity that succeeded, in order. */
  readonly changes: readonly RecordChange[];
}

export interface TracedStep {
  readonly kind: ActingStep['kind'];
  readonly slot: Slot | undefined;
  /** Phase of the record when the step was decided. */
  readonly phase: RotationRecord['phase'] | undefined;
  /** Why something was published. */
  readonly reason: string | undefined;
  readonly finding: ProbeResult['finding'] | undefined;
  readonly endedAt: number;
  /** How many calls of the pass had ended when the step ended. */
  readonly callsBefore: number;
}

export interface RecordChange {
  readonly from: RotationRecord | undefined;
  readonly to: RotationRecord | undefined;
  readonly history: readonly HistoryEntry[];
  readonly at: number;
}

export function tracedStep(
  step: ActingStep,
  { record }: Observation,
  probed: ProbeResult | undefined,
  ended: Pick<TracedStep, 'endedAt' | 'callsBefore'>,
): TracedStep {
  return {
    kind: step.kind,
    slot: 'slot' in step ? step.slot : undefined,
    phase: record.state === 'present' ? record.record.phase : undefined,
    reason: step.kind === 'publish' ? step.reason : undefined,
    finding: probed?.finding,
    ...ended,
  };
}

export interface RecordWatch {
  readonly ports: Ports;
  readonly changes: readonly RecordChange[];
  /** The record as the pass last saw it; undefined if it is absent or unreadable. */
  latest(): RotationRecord | undefined;
}

/** Wraps the ports, and remembers the record that they have read and written. */
export function watchRecord(ports: Ports): RecordWatch {
  const { records } = ports;
  const changes: RecordChange[] = [];
  let latest: RotationRecord | undefined;
  const watching: Ports['records'] = {
    ...records,
    read: async (account: Account) => {
      const stored = await records.read(account);
      latest = stored.record.state === 'present' ? stored.record.record : undefined;
      return stored;
    },
    write: async (account, expected, change) => {
      const etag = await records.write(account, expected, change);
      const to = change.entity.record;
      changes.push({ from: latest, to, history: change.history, at: change.at });
      latest = to;
      return etag;
    },
  };
  return { ports: { ...ports, records: watching }, changes, latest: () => latest };
}

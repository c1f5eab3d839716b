// The metrics of passes. No attribute names an account, so that the number of series does not grow with the fleet.
// It must not count a pass twice: only the invocation that ran a pass notes it.

import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import { phaseSince } from '../rotation/decide/schedule.ts';
import type { RotationRecord } from '../rotation/model.ts';
import type { TracedCall } from './call-trace.ts';
import type { PassTrace, RecordChange, TracedStep } from './pass-trace.ts';

const PASS_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** From the minutes that a preparing account takes to the months that an account rests. */
const PHASE_SECONDS = [
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  4 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  30 * DAY,
].concat([60 * DAY, 90 * DAY, 180 * DAY, 365 * DAY]);

interface Instruments {
  readonly passes: Histogram;
  readonly phases: Histogram;
  readonly rotations: Counter;
  readonly repairs: Counter;
  readonly calls: Counter;
  readonly throttled: Counter;
}

export function createPassMetrics(meter: Meter): (pass: PassTrace) => void {
  const instruments: Instruments = {
    passes: meter.createHistogram('key_rotation.pass.duration', {
      description: 'How long passes took, by what ran them and how they ended.',
      unit: 's',
      advice: { explicitBucketBoundaries: PASS_SECONDS },
    }),
    phases: meter.createHistogram('key_rotation.phase.duration', {
      description: 'How long accounts were in a phase, recorded when they leave it.',
      unit: 's',
      advice: { explicitBucketBoundaries: PHASE_SECONDS },
    }),
    rotations: meter.createCounter('key_rotation.rotations', {
      description: 'Rotations by outcome: started, completed, completedWithoutProof, rolledBack.',
      unit: '{rotation}',
    }),
    repairs: meter.createCounter('key_rotation.drift.repaired', {
      description: 'Keys published again because another party had changed them or removed their secret.',
      unit: '{repair}',
    }),
    calls: meter.createCounter('key_rotation.calls', {
      description: 'Calls of Azure by service, operation and how they ended.',
      unit: '{call}',
    }),
    throttled: meter.createCounter('key_rotation.throttled', {
      description: 'Calls and probes that Azure throttled, by service.',
      unit: '{call}',
    }),
  };
  return (pass) => {
    const { startedAt, endedAt, report, origin, calls, steps, changes } = pass;
    const attributes = { trigger: origin?.trigger ?? 'unknown', outcome: report.outcome.kind };
    instruments.passes.record((endedAt - startedAt) / 1000, attributes);
    for (const call of calls) noteCall(instruments, call);
    for (const step of steps) noteStep(instruments, step);
    for (const change of changes) noteChange(instruments, change);
  };
}

function noteCall({ calls, throttled }: Instruments, { service, operation, outcome, status }: TracedCall): void {
  const statusClass = status === undefined ? {} : { status_class: `${Math.floor(status / 100)}xx` };
  calls.add(1, { service, operation, outcome, ...statusClass });
  if (outcome === 'Throttled') throttled.add(1, { service });
}

function noteStep({ repairs, throttled }: Instruments, { kind, reason, finding }: TracedStep): void {
  if (finding === 'throttled') throttled.add(1, { service: 'dataPlane' });
  if (kind === 'publish' && (reason === 'PublishedKeyDrifted' || reason === 'SecretMissing')) {
    repairs.add(1, { reason });
  }
}

function noteChange({ phases, rotations }: Instruments, { from, to, history, at }: RecordChange): void {
  if (from !== undefined && to !== undefined && from.phase !== to.phase) {
    phases.record(Math.max(0, at - phaseSince(from)) / 1000, { phase: from.phase });
  }
  for (const { kind, reason } of history) {
    if (kind === 'RotationStarted') rotations.add(1, { outcome: 'started', reason: reason ?? 'unknown' });
    if (kind === 'RotationCompleted') rotations.add(1, { outcome: outcomeOf(to) });
  }
}

function outcomeOf(record: RotationRecord | undefined): string {
  const last = record?.phase === 'idle' ? record.last : undefined;
  if (last?.outcome === 'rolledBack') return 'rolledBack';
  return last?.provenAt === undefined ? 'completedWithoutProof' : 'completed';
}

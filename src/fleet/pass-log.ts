// Logs a pass: one line for each step that was carried out, and one for the pass. Fingerprints and versions, never
// values. It must not judge.
import type { Log, LogFields } from '../base/log.ts';
import type { WaitStep } from '../rotation/decide/step.ts';
import type { ServiceName } from '../rotation/errors.ts';
import type { Observation } from '../rotation/model.ts';
import type { PassReport, StepListener } from '../rotation/pass/reconcile.ts';
import type { ProbeResult } from '../rotation/ports.ts';

type ActingStep = Parameters<StepListener>[0];

/** One line per step that was carried out. A sacrificed key cuts applications off: a warning. */
export function stepLog(log: Log, account: string): StepListener {
  return (step, seen, probed) => {
    const fields = {
      account,
      step: step.kind,
      ...recordOf(seen),
      ...fieldsOf(step, seen),
      ...(probed === undefined ? {} : probeFields(probed)),
    };
    if (step.kind === 'sacrifice') log('warn', 'step', fields);
    else log('info', 'step', fields);
  };
}

function recordOf({ record }: Observation): LogFields {
  if (record.state !== 'present') return {};
  return { phase: record.record.phase, rotationId: record.record.rotationId };
}

function fieldsOf(step: ActingStep, seen: Observation): LogFields {
  switch (step.kind) {
    case 'probe':
      return { fingerprint: step.fingerprint, ...roleOf(step.fingerprint, seen) };
    case 'publish':
      return { slot: step.slot, fingerprint: step.fingerprint, reason: step.reason };
    case 'regenerate': {
      const { slot, fingerprint, intent } = step;
      return { slot, before: fingerprint, to: intent.phase, rotationId: intent.rotationId };
    }
    case 'sacrifice':
      return { slot: step.slot, before: step.fingerprint, requestId: step.requestId };
    case 'announceReference':
    case 'readSupersededVersion':
    case 'disable':
      return { version: step.version };
    case 'announceFlag':
      return { slot: step.slot, version: step.version };
    case 'record':
      return { to: step.record.phase, rotationId: step.record.rotationId, slot: step.record.published.slot };
  }
}

/** The role of the probed value at the moment of the probe. */
function roleOf(fingerprint: string, { published, keys, record }: Observation): LogFields {
  if (published.state === 'live' && published.fingerprint === fingerprint)
    return { role: 'published', slot: published.slot };
  if (record.state === 'present' && 'superseded' in record.record) {
    const { superseded } = record.record;
    if (superseded.fingerprint === fingerprint) return { role: 'superseded', slot: superseded.slot };
  }
  if (keys.key1 === fingerprint) return { role: 'standby', slot: 'key1' };
  if (keys.key2 === fingerprint) return { role: 'standby', slot: 'key2' };
  return {};
}

function probeFields({ verdict, finding, status, detail }: ProbeResult): LogFields {
  return { verdict, finding, ...(status === undefined ? {} : { status }), ...(detail === undefined ? {} : { detail }) };
}

export interface PassCounts {
  /** The port calls of the pass, by service. */
  readonly calls: ReadonlyMap<ServiceName, number>;
  /** Whether the rotation, or the present phase of the account, should have ended long ago. */
  readonly isOverdue: boolean;
}

/** One line per pass. */
export function logPass(log: Log, account: string, report: PassReport, { calls, isOverdue }: PassCounts): void {
  const { outcome, steps, phase, rotationId } = report;
  const trigger = log.origin?.trigger;
  const about = { account, trigger, outcome: outcome.kind, steps, phase, rotationId, isOverdue };
  const fields = { ...about, ...Object.fromEntries(calls) };
  switch (outcome.kind) {
    case 'waiting':
      log(outcome.wait.isBlocked ? 'warn' : 'info', 'pass', { ...fields, ...waitFields(outcome.wait) });
      break;
    case 'failed': {
      const { code, service, operation, message, providerCode, status } = outcome.error;
      const until = new Date(outcome.retryAt).toISOString();
      const level = code === 'UnsafeStep' ? 'error' : 'warn';
      log(level, 'pass', { ...fields, code, service, operation, message, providerCode, status, until });
      break;
    }
    case 'leaseHeld':
      log('info', 'pass', { ...fields, until: new Date(outcome.until).toISOString() });
      break;
    case 'budgetSpent':
      log('info', 'pass', fields);
      break;
  }
}

function waitFields({ reason, isBlocked, until, detail }: WaitStep): LogFields {
  return { reason, isBlocked, until: new Date(until).toISOString(), detail };
}

// What is said while working: one JSON object per line, for people and for queries. Fingerprints and versions, never values.
// It must not know where the lines go: the caller hands in the sink of its invocation.
import type { ServiceName } from '../rotation/errors.ts';
import type { Observation, WaitStep } from '../rotation/model.ts';
import type { ProbeResult } from '../rotation/ports.ts';
import type { PassReport, StepListener } from '../rotation/reconcile.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  (level: LogLevel, event: string, fields: LogFields): void;
}

/** Where an invocation's lines go; `InvocationContext` is one. */
export type Sink = Readonly<Record<LogLevel, (line: string) => void>>;

export function logTo(sink: Sink): Log {
  return (level, event, fields) => sink[level](JSON.stringify({ event, ...fields }));
}

type ActingStep = Parameters<StepListener>[0];

/** One line per step that was carried out. */
export function stepLog(log: Log, account: string): StepListener {
  return (step, seen, probed) =>
    log('info', 'step', {
      account,
      step: step.kind,
      ...recordOf(seen),
      ...fieldsOf(step, seen),
      ...(probed === undefined ? {} : probeFields(probed)),
    });
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

/** What the probed value is at the moment of the probe. */
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

/** One line per pass; `calls` are the port calls that it made, by service. */
export function logPass(
  log: Log,
  account: string,
  { outcome, steps, phase, rotationId }: PassReport,
  calls: ReadonlyMap<ServiceName, number>,
): void {
  const fields = { account, outcome: outcome.kind, steps, phase, rotationId, ...Object.fromEntries(calls) };
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

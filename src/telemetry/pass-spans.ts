// Makes one trace per pass from its `PassTrace`, when the pass is over: pass → steps → calls. A pass is linked to the
// invocation that ran it. The passes of one rotation share its id. Fingerprints, versions and values stay out.

import {
  type Context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace as traceApi,
} from '@opentelemetry/api';
import { defined } from '../base/defined.ts';
import type { TracedCall } from './call-trace.ts';
import type { PassTrace, TracedStep } from './pass-trace.ts';

/** The reads of a pass before it decides anything. */
const OBSERVING: ReadonlySet<string> = new Set([
  'table.read',
  'keyVault.readNewest',
  'appConfiguration.read',
  'arm.list',
]);

export function recordPass(tracer: Tracer, pass: PassTrace): void {
  const { startedAt, endedAt, calls, steps, report } = pass;
  const links = linksOf(pass.origin?.traceParent);
  const root = tracer.startSpan(
    'pass',
    { startTime: startedAt, attributes: passAttributes(pass), links },
    ROOT_CONTEXT,
  );
  const { outcome } = report;
  if (outcome.kind === 'failed') root.setStatus({ code: SpanStatusCode.ERROR, message: outcome.error.code });
  const parts = partsOf(calls, steps);
  const context = traceApi.setSpan(ROOT_CONTEXT, root);
  const common = commonAttributes(pass);
  for (const part of parts) {
    if (part.name === undefined) {
      recordCalls(tracer, context, part.calls, common);
      continue;
    }
    const startTime = part.calls[0]?.startedAt ?? part.endedAt;
    const span = tracer.startSpan(part.name, { startTime, attributes: { ...common, ...part.attributes } }, context);
    recordCalls(tracer, traceApi.setSpan(ROOT_CONTEXT, span), part.calls, common);
    span.end(part.endedAt);
  }
  root.end(endedAt);
}

interface Part {
  /** Undefined for calls of the pass itself: the calls of a failed step, and the writes that end a pass. */
  readonly name: string | undefined;
  readonly attributes: SpanAttributes;
  readonly calls: readonly TracedCall[];
  readonly endedAt: number;
}

/** The calls of a pass in order, grouped by their purpose. */
function partsOf(calls: readonly TracedCall[], steps: readonly TracedStep[]): readonly Part[] {
  const parts: Part[] = [];
  const firstOther = calls.findIndex(({ service, operation }) => !OBSERVING.has(`${service}.${operation}`));
  let next = firstOther === -1 ? calls.length : firstOther;
  const observing = calls.slice(0, next);
  const last = observing.at(-1);
  if (last !== undefined) parts.push({ name: 'observe', attributes: {}, calls: observing, endedAt: last.endedAt });
  for (const step of steps) {
    const own = calls.slice(next, step.callsBefore);
    parts.push({ name: `step ${step.kind}`, attributes: stepAttributes(step), calls: own, endedAt: step.endedAt });
    next = Math.max(next, step.callsBefore);
  }
  const rest = calls.slice(next);
  const end = rest.at(-1);
  if (end !== undefined) parts.push({ name: undefined, attributes: {}, calls: rest, endedAt: end.endedAt });
  return parts;
}

function recordCalls(tracer: Tracer, context: Context, calls: readonly TracedCall[], common: SpanAttributes): void {
  for (const { service, operation, startedAt, endedAt, outcome, status } of calls) {
    const attributes = defined<SpanAttributes>({
      ...common,
      'key_rotation.service': service,
      'key_rotation.operation': operation,
      'key_rotation.outcome': outcome,
      'http.response.status_code': status,
    });
    const options = { kind: SpanKind.CLIENT, startTime: startedAt, attributes };
    const span = tracer.startSpan(`${service}.${operation}`, options, context);
    if (outcome !== 'answered') span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
    span.end(endedAt);
  }
}

/** The attributes of spans that are this service's own; docs/observability.md names each. */
export const SPAN_ATTRIBUTES = [
  'account',
  'finding',
  'invocation_id',
  'is_blocked',
  'is_overdue',
  'operation',
  'outcome',
  'phase',
  'reason',
  'rotation_id',
  'service',
  'slot',
  'step',
  'steps',
  'trigger',
] as const;
type OwnAttribute = `key_rotation.${(typeof SPAN_ATTRIBUTES)[number]}`;
/** The service's own attributes, and two of OpenTelemetry's conventions. */
type SpanAttributes = Partial<
  Record<OwnAttribute | 'http.response.status_code' | 'error.type', string | number | boolean>
>;

/** The attributes by which passes and spans are searched. */
function commonAttributes({ account, report }: PassTrace): SpanAttributes {
  return defined<SpanAttributes>({ 'key_rotation.account': account, 'key_rotation.rotation_id': report.rotationId });
}

function passAttributes(pass: PassTrace): SpanAttributes {
  const { origin, report, isOverdue } = pass;
  const { outcome } = report;
  return defined<SpanAttributes>({
    ...commonAttributes(pass),
    'key_rotation.trigger': origin?.trigger,
    'key_rotation.invocation_id': origin?.invocationId,
    'key_rotation.outcome': outcome.kind,
    'key_rotation.reason': outcome.kind === 'waiting' ? outcome.wait.reason : undefined,
    'key_rotation.is_blocked': outcome.kind === 'waiting' ? outcome.wait.isBlocked : undefined,
    'key_rotation.is_overdue': isOverdue,
    'key_rotation.phase': report.phase,
    'key_rotation.steps': report.steps,
    'error.type': outcome.kind === 'failed' ? outcome.error.code : undefined,
  });
}

function stepAttributes({ kind, slot, phase, reason, finding }: TracedStep): SpanAttributes {
  return defined<SpanAttributes>({
    'key_rotation.step': kind,
    'key_rotation.slot': slot,
    'key_rotation.phase': phase,
    'key_rotation.reason': reason,
    'key_rotation.finding': finding,
  });
}

/** W3C Trace Context: version, trace id, span id, flags. An unreadable value gives no link. */
function linksOf(traceParent: string | undefined): Link[] {
  const [, traceId = '', spanId = '', flags = ''] =
    /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})/.exec(traceParent ?? '') ?? [];
  const context: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(context) ? [{ context }] : [];
}

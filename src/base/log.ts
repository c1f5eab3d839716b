// Log lines: one JSON object per line, for people and for queries. Fingerprints and versions, never values.
// It must not know where the lines go: the caller passes the sink of its invocation.

/** Every event of a log line. docs/observability.md has a row for each; alerts and workbook query some of them. */
export const LOG_EVENTS = [
  'accountDiscovered',
  'accountMadeAnew',
  'accountNotListed',
  'aliasesNotKnown',
  'call',
  'callFailed',
  'campaign',
  'campaignHalted',
  'campaignMemberNotRead',
  'campaignNotWhole',
  'campaignRing',
  'campaignTurnEnded',
  'campaignsNotRead',
  'check',
  'checkNotKept',
  'configurationProblem',
  'delivery',
  'discovery',
  'eventIgnored',
  'freeze',
  'holderBrought',
  'holderNotBrought',
  'holdersNotKept',
  'messageGivenUp',
  'messageIgnored',
  'notificationDead',
  'notificationFailed',
  'notificationPostponed',
  'notificationsForgotten',
  'pass',
  'request',
  'requestWithdrawn',
  'rowsForgotten',
  'rowsNotForgotten',
  'settingProblem',
  'step',
  'subscriptionNotSearched',
  'telemetryNotSent',
  'tick',
  'tickNotNoted',
  'unexpected',
] as const;
export type LogEvent = (typeof LOG_EVENTS)[number];

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** Every field of a log line besides its event. Alerts and workbook query some of them. */
export const LOG_FIELDS = [
  'account',
  'accountId',
  'accountIds',
  'accounts',
  'appConfiguration',
  'arm',
  'attempts',
  'before',
  'by',
  'campaign',
  'campaigns',
  'changed',
  'code',
  'count',
  'dataPlane',
  'dead',
  'delivered',
  'detail',
  'due',
  'enrolled',
  'expected',
  'failed',
  'finding',
  'fingerprint',
  'found',
  'isBlocked',
  'isDone',
  'isHealthy',
  'isOverdue',
  'isVaultSearched',
  'keyVault',
  'kind',
  'leaving',
  'left',
  'message',
  'ms',
  'name',
  'operation',
  'outcome',
  'passes',
  'phase',
  'postponed',
  'problems',
  'providerCode',
  'reason',
  'remedy',
  'requestId',
  'resourceId',
  'result',
  'ring',
  'role',
  'rotationId',
  'row',
  'service',
  'setting',
  'skipped',
  'slot',
  'state',
  'status',
  'step',
  'steps',
  'subscriptionId',
  'subscriptions',
  'table',
  'to',
  'trigger',
  'until',
  'verdict',
  'version',
] as const;
export type LogField = (typeof LOG_FIELDS)[number];
export type LogFields = Readonly<Partial<Record<LogField, string | number | boolean | undefined>>>;

/** The invocation that the work belongs to. */
export interface Origin {
  /** Name of the function. */
  readonly trigger: string;
  readonly invocationId: string;
  /** W3C Trace Context of the host's own span, if the host has one. */
  readonly traceParent: string | undefined;
}

export interface Log {
  (level: LogLevel, event: LogEvent, fields: LogFields): void;
  /** Absent outside an invocation. */
  readonly origin?: Origin;
}

/** Receives the lines of an invocation; `InvocationContext` is one. */
export interface Sink extends Readonly<Record<LogLevel, (line: string) => void>> {
  readonly functionName: string;
  readonly invocationId: string;
  readonly traceContext?: { readonly traceParent?: string | undefined } | undefined;
}

export function logTo(sink: Sink): Log {
  const write = (level: LogLevel, event: LogEvent, fields: LogFields): void =>
    sink[level](JSON.stringify({ event, ...fields }));
  const { functionName: trigger, invocationId, traceContext } = sink;
  return Object.assign(write, { origin: { trigger, invocationId, traceParent: traceContext?.traceParent } });
}

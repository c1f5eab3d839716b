// What is said while working: one JSON object per line, for people and for queries. Fingerprints and versions, never values.
// It must not know where the lines go: the caller hands in the sink of its invocation.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The invocation on whose behalf something is done. */
export interface Origin {
  /** Name of the function. */
  readonly trigger: string;
  readonly invocationId: string;
  /** W3C Trace Context of the host's own span, where the host has one. */
  readonly traceParent: string | undefined;
}

export interface Log {
  (level: LogLevel, event: string, fields: LogFields): void;
  /** Absent outside an invocation. */
  readonly origin?: Origin;
}

/** Where an invocation's lines go; `InvocationContext` is one. */
export interface Sink extends Readonly<Record<LogLevel, (line: string) => void>> {
  readonly functionName: string;
  readonly invocationId: string;
  readonly traceContext?: { readonly traceParent?: string | undefined } | undefined;
}

export function logTo(sink: Sink): Log {
  const write = (level: LogLevel, event: string, fields: LogFields): void =>
    sink[level](JSON.stringify({ event, ...fields }));
  const { functionName: trigger, invocationId, traceContext } = sink;
  return Object.assign(write, { origin: { trigger, invocationId, traceParent: traceContext?.traceParent } });
}

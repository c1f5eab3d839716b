// The interface of the telemetry export: which signals are wanted, and the methods that take them.
// It must not load an SDK: `otlp.ts` does.

import type { Environment } from '../config/settings.ts';
import type { Account } from '../rotation/model.ts';
import type { StatusRow } from '../rotation/ports.ts';
import type { PassTrace } from './pass-trace.ts';

/** An account as the table knows it; `row` is undefined until it is adopted. */
export interface FleetEntry {
  readonly account: Account;
  readonly row: StatusRow | undefined;
}

/** The SDK's side; `otlp.ts` implements it. */
export interface Exporting {
  notePass(trace: PassTrace): void;
  noteFleet(fleet: readonly FleetEntry[], now: number): void;
  /** Rejects if something was not taken. */
  flush(): Promise<void>;
}

export interface Signals {
  readonly traces: boolean;
  readonly metrics: boolean;
}

/** Which signals have an exporter that this service can serve: OTLP over HTTP. */
export function signalsOf(environment: Environment): Signals {
  const set = (name: string): string | undefined => {
    const value = environment[name]?.trim();
    return value === undefined || value === '' ? undefined : value.toLowerCase();
  };
  const isOn = (signal: 'TRACES' | 'METRICS'): boolean => {
    const hasEndpoint =
      (set(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) ?? set('OTEL_EXPORTER_OTLP_ENDPOINT')) !== undefined;
    const protocol = set(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`) ?? set('OTEL_EXPORTER_OTLP_PROTOCOL');
    return hasEndpoint && protocol !== 'grpc' && set(`OTEL_${signal}_EXPORTER`) !== 'none';
  };
  if (set('OTEL_SDK_DISABLED') === 'true') return { traces: false, metrics: false };
  return { traces: isOn('TRACES'), metrics: isOn('METRICS') };
}

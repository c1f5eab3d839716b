// Exports traces and metrics of passes if the standard OTEL_* settings ask for it. The first pass of a process imports
// the OpenTelemetry SDK. Without an exporter the SDK is never imported.
// It must not fail a pass, nor keep an invocation waiting for longer than FLUSH_MS.

import { firstEnded } from '../base/lanes.ts';
import type { Log } from '../base/log.ts';
import type { Environment } from '../config/settings.ts';
import type { Exporting, FleetEntry, Signals } from './exporting.ts';
import { signalsOf } from './exporting.ts';
import type { PassTrace } from './pass-trace.ts';

/** How long the end of an invocation waits for its telemetry to be taken. */
export const FLUSH_MS = 2_000;

/** None of these throws. */
export interface Telemetry {
  readonly signals: Signals;
  notePass(trace: PassTrace): Promise<void>;
  noteFleet(fleet: readonly FleetEntry[], now: number): Promise<void>;
  /** Sends everything noted since the last flush. Logs a failure. */
  flush(log: Log): Promise<void>;
}

/** Undefined when there is no exporter. */
export function createTelemetry(environment: Environment): Telemetry | undefined {
  const signals = signalsOf(environment);
  if (!signals.traces && !signals.metrics) return undefined;
  let starting: Promise<Exporting | undefined> | undefined;
  let isAnythingNoted = false;
  // An SDK that cannot be started is not tried again: its settings last as long as the process.
  const start = (): Promise<Exporting | undefined> =>
    (starting ??= import('./otlp.ts').then(
      ({ startExporting }) => startExporting(signals),
      () => undefined,
    )).catch(() => undefined);
  const note = async (write: (exporting: Exporting) => void): Promise<void> => {
    const exporting = await start();
    if (exporting === undefined) return;
    try {
      write(exporting);
      isAnythingNoted = true;
    } catch {
      // A failure to note a pass must not fail it.
    }
  };
  return {
    signals,
    notePass: (trace) => note((exporting) => exporting.notePass(trace)),
    noteFleet: (fleet, now) => note((exporting) => exporting.noteFleet(fleet, now)),
    flush: async (log) => {
      if (!isAnythingNoted) return;
      isAnythingNoted = false;
      const exporting = await start();
      if (exporting === undefined) return;
      const result = await bounded(exporting.flush(), FLUSH_MS);
      if (result !== 'sent') log('warn', 'telemetryNotSent', { result });
    },
  };
}

/** The state of a promise after at most `ms`. */
async function bounded(sending: Promise<void>, ms: number): Promise<'sent' | 'failed' | 'timedOut'> {
  let timeout: NodeJS.Timeout | undefined;
  const timedOut = new Promise<'timedOut'>((resolve) => {
    timeout = setTimeout(() => resolve('timedOut'), ms);
  });
  const sent = sending.then(
    () => 'sent' as const,
    () => 'failed' as const,
  );
  try {
    return await firstEnded([sent, timedOut]);
  } finally {
    clearTimeout(timeout);
  }
}

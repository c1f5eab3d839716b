// Logs each call of a port with its duration and outcome. Keeps the calls for the pass's log line and its trace.
// It is the one decorator around the ports in production. It must not change a call.

import type { Log } from '../base/log.ts';
import { asRotationError, type ErrorCode, type ServiceName } from '../rotation/errors.ts';
import type { Interceptor } from '../rotation/pass/intercept.ts';
import type { Clock } from '../rotation/ports.ts';

export interface TracedCall {
  readonly service: ServiceName;
  /** Name of the port's method. */
  readonly operation: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: 'answered' | ErrorCode;
  /** The status of a failed call, if the service answered. */
  readonly status: number | undefined;
}

export interface CallTrace {
  readonly intercept: Interceptor;
  /** Calls so far, by service. A call of a port may be more than one request. */
  readonly counts: ReadonlyMap<ServiceName, number>;
  /** Calls so far, in the order in which they ended. */
  readonly calls: readonly TracedCall[];
}

export function traceCalls(log: Log, clock: Clock): CallTrace {
  const counts = new Map<ServiceName, number>();
  const calls: TracedCall[] = [];
  const intercept: Interceptor = async ({ service, operation, account }, proceed) => {
    counts.set(service, (counts.get(service) ?? 0) + 1);
    const startedAt = clock.now();
    const noteEnd = (outcome: TracedCall['outcome'], status?: number): void => {
      const endedAt = clock.now();
      calls.push({ service, operation, startedAt, endedAt, outcome, status });
      log('debug', 'call', { account: account?.alias, service, operation, ms: endedAt - startedAt, outcome });
    };
    try {
      const answer = await proceed();
      noteEnd('answered');
      return answer;
    } catch (error) {
      const { code, status } = asRotationError(error);
      noteEnd(code, status);
      throw error;
    }
  };
  return { intercept, counts, calls };
}

// Tells each call of a port to the log, with how long it took and how it ended, and counts them for the pass's own line.
// The one decorator around the ports in production; it must not change a call.
import { asRotationError, type ServiceName } from '../rotation/errors.ts';
import type { Interceptor } from '../rotation/intercept.ts';
import type { Clock } from '../rotation/ports.ts';
import type { Log } from './log.ts';

export interface CallTrace {
  readonly intercept: Interceptor;
  /** Calls so far, by service. A call of a port may be more than one request. */
  readonly counts: ReadonlyMap<ServiceName, number>;
}

export function traceCalls(log: Log, clock: Clock): CallTrace {
  const counts = new Map<ServiceName, number>();
  const intercept: Interceptor = async ({ service, operation, account }, proceed) => {
    counts.set(service, (counts.get(service) ?? 0) + 1);
    const startedAt = clock.now();
    const tell = (outcome: string): void =>
      log('debug', 'call', { account: account?.alias, service, operation, ms: clock.now() - startedAt, outcome });
    try {
      const answer = await proceed();
      tell('answered');
      return answer;
    } catch (error) {
      tell(asRotationError(error).code);
      throw error;
    }
  };
  return { intercept, counts };
}

// Spreads many calls over time, so that a search of many resources leaves room under the limits of Azure Resource
// Manager. It must not know the calls.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicClock } from './monotonic-clock.ts';

export interface PaceLimits {
  /** Calls that may be sent at once after a rest. */
  readonly burst: number;
  readonly perSecond: number;
}

export type Pause = (ms: number) => Promise<unknown>;

/** Resolves when the next call may be sent. */
export type Pace = () => Promise<void>;

export function createPace({ burst, perSecond }: PaceLimits, pause: Pause = sleep): Pace {
  const apartMs = 1_000 / perSecond;
  let nextAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = monotonicClock.now();
    nextAt = Math.max(nextAt, now - burst * apartMs) + apartMs;
    const waitMs = Math.ceil(nextAt - now);
    if (waitMs > 0) await pause(waitMs);
  };
}

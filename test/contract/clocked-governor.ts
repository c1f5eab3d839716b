// A governor on a clock that the test sets, and what it lets through.
import { createGovernor, type Governor } from '../../src/azure/arm/governor.ts';
import type { KeysCall, Urgency } from '../../src/rotation/ports.ts';

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
export const OTHER = '99999999-2222-3333-4444-555555555555';

export interface Clocked {
  now: number;
  readonly governor: Governor;
}

export function clocked(): Clocked {
  const clock = { now: 1_000_000 };
  return Object.assign(clock, { governor: createGovernor(() => clock.now) });
}

/** 0 when the call was admitted (and answered), else after how many milliseconds it was told to come back. */
export function ask({ governor }: Clocked, call: KeysCall, urgency: Urgency, subscription = SUBSCRIPTION): number {
  try {
    governor.admit(subscription, call, urgency);
    // More than there can be: never raises the count.
    governor.learn(subscription, 1_199);
    return 0;
  } catch (error) {
    return (error as { retryAfterMs: number }).retryAfterMs;
  }
}

/** How many are admitted in a row at this instant. */
export function admitted(clock: Clocked, call: KeysCall, urgency: Urgency, subscription = SUBSCRIPTION): number {
  let count = 0;
  while (count < 1_000 && ask(clock, call, urgency, subscription) === 0) count++;
  return count;
}

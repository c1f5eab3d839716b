// A clock that cannot be set: for waits and ages that only this process counts. Never for an instant that is stored or
// shown, because the clock begins with the process.

/** In milliseconds. Tests whose own clock jumps let this one jump, too. */
export const monotonicClock = { now: (): number => performance.now() };

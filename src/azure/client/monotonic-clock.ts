// A clock that nobody can set: for waits and ages that only this process counts. Never for an instant that is written
// down or shown, because it begins with the process.

/** In milliseconds. Tests that let their own clock jump let this one jump as well. */
export const monotonicClock = { now: (): number => performance.now() };

// Chooses which runs of the timer are noted.

/** Ticks are noted for people and for health checks. Noting them more often would only cost. */
export const TICK_SPACING_MS = 60_000;
export const TICKS_KEPT = 6;

/**
 * The ticks to keep when the timer runs at `at`; `former` itself if this tick need not be noted. A tick that is ahead was
 * noted before the clock was set back: kept, it would hide for as long whether the timer runs.
 */
export function ticksAfter(former: readonly number[], at: number): readonly number[] {
  const [newest] = former;
  if (newest !== undefined && Math.abs(at - newest) < TICK_SPACING_MS) return former;
  return [at, ...former.filter((tick) => tick < at)].slice(0, TICKS_KEPT);
}

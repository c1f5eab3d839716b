// Chooses which runs of the timer are noted.

/** Ticks are noted for people and for health checks. Noting them more often would only cost. */
export const TICK_SPACING_MS = 60_000;
export const TICKS_KEPT = 6;

/** The ticks to keep when the timer runs at `at`; `former` itself if this tick need not be noted. */
export function ticksAfter(former: readonly number[], at: number): readonly number[] {
  const [newest] = former;
  if (newest !== undefined && at - newest < TICK_SPACING_MS) return former;
  return [at, ...former].slice(0, TICKS_KEPT);
}

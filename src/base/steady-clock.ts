// A clock that follows the time of day and is never set back. It must not be used beyond one invocation: after the
// machine's clock was corrected, it stays ahead.

interface Source {
  /** Milliseconds. */
  now(): number;
}

/**
 * `wall` may be set; `monotonic` may not, and may stand still while the machine sleeps. The later of the two holds: a
 * lease must not seem to last because the machine was asleep.
 */
export function steadyClock(wall: Source, monotonic: Source): Source {
  let latest = wall.now();
  let readAt = monotonic.now();
  return {
    now() {
      const at = monotonic.now();
      latest = Math.max(wall.now(), latest + (at - readAt));
      readAt = at;
      return Math.floor(latest);
    },
  };
}

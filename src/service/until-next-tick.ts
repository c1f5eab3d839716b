// How long what runs in a tick may go on: an invocation that is still running when the next is due makes the platform skip
// that one. It must not read a clock.
import { Cron } from 'croner';

/**
 * Passes that have begun end in this time. The bucket of a subscription holds as many writes beyond the reserve as come
 * back in it, so that none is lost between two ticks.
 */
const MARGIN_MS = 15_000;
/** Ticks that are nearer to one another are not waited for: little could be done between them. */
const SHORTEST_MS = 60_000;

/** The instant until which something may begin: shortly before the next occurrence of `schedule`, at most `latest`. */
export function untilNextTick(schedule: string, startedAt: number, latest: number): number {
  const next = occurrenceAfter(schedule, startedAt);
  return next === undefined || next - startedAt < SHORTEST_MS ? latest : Math.min(latest, next - MARGIN_MS);
}

function occurrenceAfter(schedule: string, instant: number): number | undefined {
  try {
    // As the host reads NCRONTAB: the day of the month and the day of the week must both match.
    const cron = new Cron(schedule, { mode: '6-part', domAndDow: true, timezone: 'UTC', paused: true });
    return cron.nextRun(new Date(instant))?.getTime();
  } catch {
    // The settings take what the host takes; what the library cannot read ends with the bounds of the tick.
    return undefined;
  }
}

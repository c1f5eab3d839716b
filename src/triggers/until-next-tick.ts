// How long what runs in a tick may go on: an invocation that is still running when the next is due makes the platform skip
// that one. It must not read a clock.
import { Cron } from 'croner';

/**
 * Passes that have begun end in this time. The bucket of a subscription holds as many writes beyond the reserve as come
 * back in it, so that none is lost between two ticks.
 */
const MARGIN_MS = 15_000;
/**
 * A tick that is nearer than this is missed, for little could be done before it, and what counts is the one after: a tick
 * that began late must not miss two, nor one of a dense schedule run until health calls the timer late.
 */
const SHORTEST_MS = 30_000;

/** The instant until which something may begin: shortly before the next occurrence of `schedule`, at most `latest`. */
export function untilNextTick(schedule: string, startedAt: number, latest: number): number {
  const next = occurrenceAfter(schedule, startedAt + SHORTEST_MS - 1);
  return next === undefined ? latest : Math.min(latest, next - MARGIN_MS);
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

// Until when the work of a tick may go on: while an invocation still runs, the platform skips the next tick. It must
// not read a clock.
import { Cron } from 'croner';

/**
 * Passes that have begun end in this time. Beyond the reserve, the bucket of a subscription holds as many writes as
 * come back in this time. So none is lost between two ticks.
 */
const MARGIN_MS = 15_000;
/**
 * A tick that is nearer than this is missed, because little could be done before it; the tick after it counts. A tick
 * that began late must not miss two. A tick of a dense schedule must not run until health calls the timer late.
 */
const SHORTEST_MS = 30_000;

/** The instant until which work may begin: shortly before the next occurrence of `schedule`, at most `latest`. */
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
    // The settings accept every schedule that the host accepts. If the library cannot read one, the bounds of the tick
    // apply.
    return undefined;
  }
}

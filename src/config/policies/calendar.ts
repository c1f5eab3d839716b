// When the windows of a policy are open, without its blackouts. Pure: every instant is an argument.
// The only file that knows the cron library; `fleet.ts` loads it only when a policy has windows or blackouts.
//
//   start          start + duration (elapsed time, even if the clocks change in between)
//     |---- open ------|            |--- open ---[ blackout ]- open -|         half open: an end is no longer inside
import { Cron, CronDate } from 'croner';
import type { WindowState } from '../../rotation/model.ts';
import type { Guide } from '../problem.ts';
import type { ResolvedPolicy } from './policy-document.ts';
import type { Blackout, PolicyWindow } from './window.ts';

type Scheduled = Pick<ResolvedPolicy, 'windows' | 'blackouts' | 'rotationInterval' | 'settle'>;
type ScheduledField = 'windows' | 'blackouts';

export interface CalendarProblem extends Guide {
  readonly field: ScheduledField;
  /** The present value. */
  readonly value: string;
}

export type Calendar =
  | {
      readonly ok: true;
      readonly windowAt: (instant: number) => WindowState;
      /** The policy is valid, but an operator should know of these. */
      readonly warnings: readonly CalendarProblem[];
    }
  | { readonly ok: false; readonly problems: readonly CalendarProblem[] };

export type ReadCalendar = (policy: Scheduled) => Calendar;

interface Opening {
  readonly cron: Cron;
  readonly durationMs: number;
}

/** Half open; milliseconds since the epoch. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Windows are tried over fixed years that hold a leap day, so that the verdict on a policy is the same on every day.
 */
const CHECKED_FROM = Date.UTC(2024, 0, 1);
const CHECKED_TO = Date.UTC(2028, 2, 1);
/** Enough for those years with intervals from three days. With shorter intervals only the first part is tried. */
const CHECKS_MAXIMUM = 500;

/** Every problem at once. Never throws. */
export const readCalendar: ReadCalendar = (policy) => {
  const openings: Opening[] = [];
  const problems: CalendarProblem[] = [];
  for (const window of policy.windows) {
    const opening = openingOf(window);
    if (opening === undefined) problems.push(startProblem(window));
    else openings.push(opening);
    if (window.duration < policy.settle) problems.push(durationProblem(window));
  }
  const spans: Span[] = [];
  for (const blackout of policy.blackouts) {
    const span = spanOf(blackout);
    if (span.from < span.to) spans.push(span);
    else problems.push(orderProblem(blackout));
  }
  if (problems.length > 0) return { ok: false, problems };
  const blackouts = spans.toSorted((a, b) => a.from - b.from);
  if (!isOftenEnough(openings, policy.rotationInterval)) {
    return { ok: false, problems: [tooRarely(policy.windows)] };
  }
  const openFrom = (instant: number): number | undefined => nextOpen(openings, blackouts, instant);
  const endless = blackouts.find(
    ({ from }) => (openFrom(from) ?? Infinity) - shutFrom(openings, from) > policy.rotationInterval,
  );
  return {
    ok: true,
    // A long holiday is no mistake, but an operator must know that keys grow old in it.
    warnings: endless === undefined ? [] : [tooLong(endless)],
    windowAt: (instant) => {
      const opensAt = openFrom(instant);
      if (opensAt === instant) return { isOpen: true };
      return { isOpen: false, ...(opensAt === undefined ? {} : { opensAt }) };
    },
  };
};

/** Undefined when the library does not understand the start. */
function openingOf({ start, duration, timeZone }: PolicyWindow): Opening | undefined {
  try {
    // A start that the clocks skip comes right after the gap. A start that they repeat counts once, also in a list of
    // hours. Starts with `*` or a step in the minute or hour are taken as they come.
    const options = { timezone: timeZone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true } as const;
    return { cron: new Cron(start, options), durationMs: duration };
  } catch {
    return undefined;
  }
}

function spanOf({ from, to, timeZone }: Blackout): Span {
  return { from: instantOf(from, timeZone, 0), to: instantOf(to, timeZone, 1) };
}

/** An instant stays as it is. A date becomes the start of its day in `timeZone`, or of a later day. */
function instantOf(text: string, timeZone: string, daysLater: number): number {
  if (text.includes('T')) return Date.parse(text);
  const date = new Date(Date.parse(text) + daysLater * 86_400_000).toISOString().slice(0, 10);
  return new CronDate(`${date}T00:00:00`, timeZone).getDate().getTime();
}

/** The first start after `instant`. */
function startAfter({ cron }: Opening, instant: number): number | undefined {
  return cron.nextRun(new Date(instant))?.getTime();
}

/** Whether the last start is so recent that its window is still open. */
function isWithin(opening: Opening, instant: number): boolean {
  const start = startAfter(opening, instant - opening.durationMs);
  return start !== undefined && start <= instant;
}

/** The first instant from `instant` on that lies in a window and in no blackout. */
function nextOpen(openings: readonly Opening[], blackouts: readonly Span[], instant: number): number | undefined {
  let at = instant;
  // Each turn but the last passes a blackout, or goes to a start, which is open or in a blackout.
  for (let turn = 0; turn <= 2 * blackouts.length + 1; turn++) {
    const blackout = blackouts.find(({ from, to }) => from <= at && at < to);
    if (blackout !== undefined) {
      at = blackout.to;
      continue;
    }
    const here = at;
    if (openings.length === 0 || openings.some((opening) => isWithin(opening, here))) return at;
    const starts = openings.flatMap((opening) => startAfter(opening, here) ?? []);
    if (starts.length === 0) return undefined;
    at = Math.min(...starts);
  }
  return undefined;
}

/** Whether no stretch between two windows is longer than `longestMs`. */
function isOftenEnough(openings: readonly Opening[], longestMs: number): boolean {
  let at = CHECKED_FROM;
  for (let check = 0; openings.length > 0 && at < CHECKED_TO && check < CHECKS_MAXIMUM; check++) {
    // The next check begins at the end of the last window that begins within the longest stretch.
    const horizon = new Date(at + longestMs + 1_000);
    const ends = openings.flatMap(({ cron, durationMs }) => {
      const last = cron.previousRuns(1, horizon)[0]?.getTime();
      return last === undefined ? [] : [last + durationMs];
    });
    const end = Math.max(...ends);
    if (!(end > at)) return false;
    at = end;
  }
  return true;
}

/** When the last window before the blackout at `from` closed. Ignores other blackouts: each is checked by itself. */
function shutFrom(openings: readonly Opening[], from: number): number {
  if (openings.length === 0) return from;
  const ends = openings.map(({ cron, durationMs }) => {
    const [last] = cron.previousRuns(1, new Date(from));
    return last === undefined ? Number.NEGATIVE_INFINITY : last.getTime() + durationMs;
  });
  return Math.min(Math.max(...ends), from);
}

function shown({ start, timeZone }: PolicyWindow): string {
  return `${start} (${timeZone})`;
}

function startProblem(window: PolicyWindow): CalendarProblem {
  return {
    field: 'windows',
    expected: 'Windows whose `start` is a cron expression of five fields.',
    remedy: 'Write for example `0 22 * * MON-FRI`: at 22:00 from Monday to Friday.',
    value: shown(window),
  };
}

function durationProblem(window: PolicyWindow): CalendarProblem {
  return {
    field: 'windows',
    expected:
      'Windows that last at least as long as `settle`, so that a call that failed can be repeated in the same one.',
    remedy: 'Lengthen the `duration`, or shorten `settle` or `lease`.',
    value: shown(window),
  };
}

function orderProblem({ from, to }: Blackout): CalendarProblem {
  return {
    field: 'blackouts',
    expected: 'Blackouts that end after they begin.',
    remedy: 'Exchange `from` and `to`, or correct the year.',
    value: `${from} to ${to}`,
  };
}

function tooRarely(windows: readonly PolicyWindow[]): CalendarProblem {
  return {
    field: 'windows',
    expected: 'Windows of which one opens at least once in every `rotationInterval`.',
    remedy: 'Add a window or let one open more often, or lengthen `rotationInterval`.',
    value: windows.map(shown).join(', '),
  };
}

function tooLong({ from, to }: Span): CalendarProblem {
  return {
    field: 'blackouts',
    expected: 'Blackouts around which no more than `rotationInterval` passes without an open window.',
    remedy: 'Rotations that come due in it are late. Shorten the blackout, or add windows before or after it.',
    value: `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`,
  };
}

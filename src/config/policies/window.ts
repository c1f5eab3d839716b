// The windows and blackouts of a policy, field by field: they say when passes may act on accounts.
// It must not compute openings: `calendar.ts` does, with the cron library, which few policies need.
import * as z from 'zod';
import { durationSchema } from '../duration.ts';
import type { Guide } from '../problem.ts';

const WINDOWS_MAXIMUM = 10;
const BLACKOUTS_MAXIMUM = 100;
/** A shorter window could open and close between two ticks of the timer. */
const SHORTEST_MS = 15 * 60_000;
/** A longer window is better written with several days in its start. */
const LONGEST_MS = 7 * 86_400_000;

function isTimeZone(name: string): boolean {
  // Offsets such as `+01:00` are no places: they have no summer time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const timeZoneSchema = z
  .string()
  .refine(isTimeZone, { error: 'Write the `timeZone` as a name of the IANA database, for example `Europe/Zurich`.' });

/** The day of the month and the day of the week together mean "or" to one cron and "and" to another. */
function isUnambiguous(start: string): boolean {
  const [, , day = '', , weekday = ''] = start.split(/\s+/);
  return day === '*' || weekday === '*';
}

/** Without `+`, and without `?`, which some crons take for the present time. The cron library checks the rest. */
const FIVE_FIELDS = /^[\dA-Z*,/#-]+(?: +[\dA-Z*,/#-]+){4}$/i;

const startSchema = z
  .string()
  .refine((start) => FIVE_FIELDS.test(start), {
    error: 'Write `start` as five fields: minute, hour, day of the month, month, day of the week.',
  })
  .refine(isUnambiguous, {
    error:
      'Let `start` name days of the month or days of the week, not both; write `FRI#2` for the second Friday of a month.',
  });

const windowSchema = z.strictObject({
  start: startSchema,
  duration: durationSchema(false).refine((ms) => ms >= SHORTEST_MS && ms <= LONGEST_MS, {
    error: 'Write a `duration` from `PT15M` to `P7D`.',
  }),
  timeZone: timeZoneSchema,
});

const dateOrInstantSchema = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

const endSchema = z.string().refine((text) => dateOrInstantSchema.safeParse(text).success, {
  error: 'Write `from` and `to` as dates such as `2026-12-20`, or as instants such as `2026-12-20T18:00:00Z`.',
});

const blackoutSchema = z.strictObject({
  from: endSchema,
  to: endSchema,
  timeZone: timeZoneSchema.default('UTC'),
});

export const windowsSchema = z.array(windowSchema).max(WINDOWS_MAXIMUM);
export const blackoutsSchema = z.array(blackoutSchema).max(BLACKOUTS_MAXIMUM);

/** Begins at each local time that `start` names and lasts `duration` milliseconds of elapsed time. */
export type PolicyWindow = z.infer<typeof windowSchema>;
/** Local dates, the last one included, or instants, the last one excluded. */
export type Blackout = z.infer<typeof blackoutSchema>;

export const WINDOW_GUIDES = {
  windows: {
    expected: `A list of at most ${WINDOWS_MAXIMUM} windows, each with \`start\`, \`duration\` and \`timeZone\`.`,
    remedy: 'Write for example `[{"start":"0 22 * * MON-FRI","duration":"PT4H","timeZone":"Europe/Zurich"}]`.',
  },
  blackouts: {
    expected: `A list of at most ${BLACKOUTS_MAXIMUM} blackouts, each with \`from\`, \`to\` and perhaps \`timeZone\`.`,
    remedy: 'Write for example `[{"from":"2026-12-20","to":"2027-01-02","timeZone":"Europe/Zurich"}]`.',
  },
} satisfies Readonly<Record<string, Guide>>;

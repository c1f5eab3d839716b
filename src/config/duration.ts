// Spans of time as people write them: ISO 8601 durations without years and months, which differ in length.
// It must not round silently: a duration finer than a millisecond is refused.
import * as z from 'zod';

const DURATION =
  /^P(?:(?<weeks>\d{1,6})W)?(?:(?<days>\d{1,6})D)?(?<time>T(?:(?<hours>\d{1,8})H)?(?:(?<minutes>\d{1,8})M)?(?:(?<seconds>\d{1,10}(?:[.,]\d{1,3})?)S)?)?$/;
const CALENDAR_UNITS = /^P[^T]*\d[YM]/i;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
const LONGEST_MS = 3_650 * DAY_MS;

/** Milliseconds, or the remedy for a text that is no duration of at most 3,650 days. */
export function parseDuration(text: string): { readonly ms: number } | { readonly remedy: string } {
  if (CALENDAR_UNITS.test(text)) {
    return { remedy: 'Years and months differ in length: write weeks or days instead, for example `P30D`.' };
  }
  const groups = DURATION.exec(text)?.groups;
  if (groups === undefined || text.endsWith('T') || text === 'P') {
    return { remedy: 'Write an ISO 8601 duration in capitals, for example `P7D`, `PT25H`, `P1DT12H` or `PT0.5S`.' };
  }
  const amount = (unit: string): number => Number(groups[unit]?.replace(',', '.') ?? '0');
  const ms = Math.round(
    amount('weeks') * WEEK_MS +
      amount('days') * DAY_MS +
      amount('hours') * HOUR_MS +
      amount('minutes') * MINUTE_MS +
      amount('seconds') * SECOND_MS,
  );
  return ms <= LONGEST_MS ? { ms } : { remedy: 'Write at most 3,650 days.' };
}

/** Reads a duration into milliseconds. `isZeroAllowed` false refuses `PT0S`. */
export function durationSchema(isZeroAllowed: boolean): z.ZodType<number> {
  return z.string().transform((text, context) => {
    const duration = parseDuration(text);
    const remedy = 'remedy' in duration ? duration.remedy : 'Write a duration longer than nothing.';
    if ('ms' in duration && (isZeroAllowed || duration.ms > 0)) return duration.ms;
    context.addIssue({ code: 'custom', message: remedy });
    return z.NEVER;
  });
}

// Reads a timer's schedule, six-field NCRONTAB or TimeSpan, and computes its next occurrence. Times are UTC.
// It must not keep time itself. NCRONTAB is narrower and stricter than the syntax of cron libraries, and it wants day
// of month AND day of week. So each field is checked here before the library is asked.
import { Cron } from 'croner';
import { parseTimeSpan } from '../time-span.ts';

export interface Schedule {
  /** The first occurrence after `from`, both in milliseconds since 1970, or undefined when there is none. */
  next(from: number): number | undefined;
  /** True for NCRONTAB, which follows the clock; false for a period, which follows the last occurrence. */
  readonly isCron: boolean;
}

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const DAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

interface Field {
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 6, names: DAYS },
];

const ATOM = /^(?:(\*)|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/i;

/** The number of `text` in `field`. Names may be cut short: `wed` or `W`. */
function parseValue(text: string, field: Field): number | undefined {
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    return value >= field.least && value <= field.most ? value : undefined;
  }
  const index = field.names?.findIndex((name) => name.startsWith(text.toLowerCase())) ?? -1;
  return index < 0 ? undefined : index + field.least;
}

/** One part of a field in the syntax of the cron library, or undefined when NCRONTAB does not know it. */
function translateAtom(text: string, field: Field): string | undefined {
  const match = ATOM.exec(text);
  if (match === null) return undefined;
  const [, star, firstText = '', lastText, step] = match;
  const suffix = step === undefined ? '' : `/${step}`;
  if (step !== undefined && Number(step) === 0) return undefined;
  if (star !== undefined) return `*${suffix}`;
  const first = parseValue(firstText, field);
  if (first === undefined) return undefined;
  if (lastText === undefined) return step === undefined ? String(first) : `${first}-${field.most}${suffix}`;
  const last = parseValue(lastText, field);
  return last === undefined || last < first ? undefined : `${first}-${last}${suffix}`;
}

function translateField(text: string, field: Field): string | undefined {
  const atoms = text.split(',').map((atom) => translateAtom(atom, field));
  return atoms.includes(undefined) ? undefined : atoms.join(',');
}

function parseCron(expression: string): Schedule | undefined {
  const texts = expression.trim().split(/\s+/);
  if (texts.length !== FIELDS.length) return undefined;
  const fields = FIELDS.map((field, index) => translateField(texts[index] ?? '', field));
  if (fields.includes(undefined)) return undefined;
  const cron = new Cron(fields.join(' '), { mode: '6-part', domAndDow: true, timezone: 'UTC' });
  return { isCron: true, next: (from) => cron.nextRun(new Date(from))?.getTime() };
}

/** The schedule of `expression` (settings already put in), or undefined when it has neither form. */
export function parseSchedule(expression: string): Schedule | undefined {
  const cron = parseCron(expression);
  if (cron !== undefined) return cron;
  const periodMs = parseTimeSpan(expression);
  if (periodMs === undefined || periodMs <= 0) return undefined;
  return { isCron: false, next: (from) => from + periodMs };
}

/** True when the schedule is due more than once in the minute after `from`. Then the host keeps no status of it. */
export function isSubMinute(schedule: Schedule, from: number): boolean {
  const first = schedule.next(from);
  if (first === undefined) return false;
  if (!schedule.isCron) return first - from < 60_000;
  const second = schedule.next(first);
  return second !== undefined && second <= from + 60_000;
}

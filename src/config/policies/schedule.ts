// Whether a text is a schedule that the Functions host accepts: NCRONTAB with six fields, seconds first.
// It must not compute occurrences: the host does that.

interface ScheduleField {
  readonly least: number;
  readonly greatest: number;
  /** Three-letter names in the order of their numbers, from `least`. */
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly ScheduleField[] = [
  { least: 0, greatest: 59 },
  { least: 0, greatest: 59 },
  { least: 0, greatest: 23 },
  { least: 1, greatest: 31 },
  { least: 1, greatest: 12, names: MONTHS },
  { least: 0, greatest: 6, names: DAYS },
];
const ITEM = /^(?:\*|(?<first>\w{1,3})(?:-(?<last>\w{1,3}))?)(?:\/(?<step>[1-9]\d?))?$/;

function numberOf(text: string, field: ScheduleField): number {
  const index = field.names?.indexOf(text.toLowerCase()) ?? -1;
  if (index >= 0) return index + field.least;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function isItem(text: string, field: ScheduleField): boolean {
  const match = ITEM.exec(text);
  if (match === null) return false;
  const { first, last } = match.groups ?? {};
  if (first === undefined) return true;
  const from = numberOf(first, field);
  const to = last === undefined ? from : numberOf(last, field);
  return from >= field.least && from <= to && to <= field.greatest;
}

/** Six fields of `*`, numbers, names of months and days, ranges, lists and steps. The TimeSpan form is refused. */
export function isSchedule(text: string): boolean {
  const fields = text.split(/\s+/);
  if (fields.length !== FIELDS.length) return false;
  return FIELDS.every((field, index) => fields[index]?.split(',').every((item) => isItem(item, field)) === true);
}

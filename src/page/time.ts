// Instants and spans in the viewer's locale. It must not read the clock: now is an argument.

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** The largest unit of which there are at least two, so that nothing is rounded by more than a third. */
function unitOf(ms: number): (typeof UNITS)[number] {
  return UNITS.find(([, size]) => ms >= 2 * size) ?? ['second', 1_000];
}

/** `12 days`, `3 hr`, `45 sec`, in the words of the locale. */
export function spanText(ms: number, locale?: string): string {
  const [unit, size] = unitOf(ms);
  const unitDisplay = unit === 'day' ? 'long' : 'short';
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay }).format(Math.floor(ms / size));
}

/** `41 ms`, in the words of the locale. */
export function milliseconds(ms: number, locale?: string): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit: 'millisecond', maximumFractionDigits: 0 }).format(ms);
}

/** `12 of 30 days`, `0.2 of 7 days`: both in the unit of the longer one. */
export function shareText(partMs: number, wholeMs: number, locale?: string): string {
  const [unit, size] = unitOf(wholeMs);
  // Tenths if a whole unit would be coarse. Always rounded down.
  const tenths = Math.floor((partMs / size) * 10) / 10;
  const part = new Intl.NumberFormat(locale).format(wholeMs < 10 * size ? tenths : Math.floor(tenths));
  const unitDisplay = unit === 'day' ? 'long' : 'short';
  const whole = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay }).format(Math.round(wholeMs / size));
  return `${part} of ${whole}`;
}

/** `in 3 days`, `5 min. ago`. */
export function relativeText(at: number, now: number, locale?: string): string {
  const [unit, size] = unitOf(Math.abs(at - now));
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' }).format(
    Math.trunc((at - now) / size),
    unit,
  );
}

/** Date and time of day; today only the time of day. */
export function localText(at: number, now: number, locale?: string): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(
    locale,
    isToday ? { timeStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'short' },
  ).format(at);
}

/** `2031-05-04 09:00:00 UTC` */
export function utcText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

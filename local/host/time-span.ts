// Reads .NET's TimeSpan text. host.json uses it for time-outs, and a timer may use it for its period.
// It must not accept text that .NET refuses.

const DAY_MS = 86_400_000;
const COLONS = /^(?:(\d+)\.)?(\d{1,8}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/;

/**
 * Milliseconds of a TimeSpan text (`[d.]hh:mm[:ss[.fff]]` or whole days), or undefined when it is none. As in .NET, a
 * first part above 23 counts days: `24:00:00` means 24 days, not 24 hours.
 */
export function parseTimeSpan(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return Number(trimmed) * DAY_MS;
  const match = COLONS.exec(trimmed);
  if (match === null) return undefined;
  const [, days, first = '', second = '', third, fraction = ''] = match;
  if (days === undefined && third !== undefined && Number(first) > 23) {
    return build(Number(first), Number(second), Number(third), 0, 0);
  }
  const fractionMs = Math.floor(Number(`0.${fraction || '0'}`) * 1000);
  return build(Number(days ?? 0), Number(first), Number(second), Number(third ?? 0), fractionMs);
}

function build(days: number, hours: number, minutes: number, seconds: number, ms: number): number | undefined {
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return days * DAY_MS + hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + ms;
}

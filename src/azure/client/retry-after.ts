// How long a service asks to be left alone, in each of the ways in which Azure says it.
// It must not decide whether anybody waits.

/** What the service asked us to wait, in milliseconds; a date is counted from now. */
export function retryAfterOf(headers: { get(name: string): string | undefined } | undefined): number | undefined {
  const exact = Number(headers?.get('retry-after-ms') ?? headers?.get('x-ms-retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const value = headers?.get('retry-after');
  if (value === undefined || value === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds < 0 ? undefined : seconds * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

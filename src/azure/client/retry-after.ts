// The wait that a service asks for, from each of the headers in which Azure says it.
// It must not decide whether to wait.

/** The wait in milliseconds; a date is counted from now. Undefined if there is none. */
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

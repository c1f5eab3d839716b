// How long rows are kept that nothing works with any more. docs/retention.md has a row for each, and says for every
// other row why it stays. It must not hold waits of the service that end by themselves, such as a request's expiry.

const DAY_MS = 86_400_000;

/** In days. 400 days: the same day of last year can still be read, and a month besides. */
export const KEPT_DAYS = {
  history: 400,
  closedRequests: 400,
  acknowledgements: 400,
  leftAccounts: 400,
  forgottenAccounts: 400,
  campaigns: 365,
  deadNotifications: 30,
  vaultSearches: 1,
} as const;

/** Rows of before this instant are removed. */
export function keptSince(kind: keyof typeof KEPT_DAYS, now: number): number {
  return now - KEPT_DAYS[kind] * DAY_MS;
}

/** Resolves to whether the app answers 200 within the time. `ask` returns the status, or rejects if there is no answer. */
export function answers(
  ask: () => Promise<number>,
  patience: { readonly patienceMs: number; readonly now: () => number; readonly pause: () => Promise<void> },
): Promise<boolean>;
/** Whether events will be wired, so that the wait is worth it. */
export function areEventsWanted(environment: Readonly<Record<string, string | undefined>>): boolean;

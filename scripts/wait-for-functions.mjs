// Runs after `azd deploy`: waits until the functions answer, because Event Grid asks them before it makes a subscription.
// It waits for the app, not for Azure Resource Manager's list of functions, which may come a little later.
// It must not change anything, and needs nothing but Node.
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const PATIENCE_MS = 300_000;
const LOOK_EVERY_MS = 3_000;
/** This page needs no sign-in. */
const PAGE = '/api/page';

/**
 * Resolves to whether the app answers within the time. It begins its last call before the time is over.
 * @param {() => Promise<number>} ask returns the status; rejects if there is no answer
 * @param {{ patienceMs: number, now: () => number, pause: () => Promise<void> }} patience
 */
export async function answers(ask, { patienceMs, now, pause }) {
  const end = now() + patienceMs;
  while (now() < end) {
    if ((await ask().catch(() => 0)) === 200) return true;
    await pause();
  }
  return false;
}

/**
 * Whether events will be wired, so that the wait is worth it.
 * @param {Readonly<Record<string, string | undefined>>} environment
 */
export function areEventsWanted({ EVENTS, PRIVATE_NETWORKING, FUNCTION_APP_URL }) {
  return EVENTS !== 'false' && PRIVATE_NETWORKING !== 'true' && (FUNCTION_APP_URL ?? '') !== '';
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const url = `${process.env['FUNCTION_APP_URL']}${PAGE}`;
  const ask = async () => (await fetch(url, { signal: AbortSignal.timeout(LOOK_EVERY_MS) })).status;
  const patience = { patienceMs: PATIENCE_MS, now: () => performance.now(), pause: () => sleep(LOOK_EVERY_MS) };
  if (areEventsWanted(process.env) && !(await answers(ask, patience))) {
    process.stderr.write(
      `The functions do not answer at ${url} after ${PATIENCE_MS / 60_000} minutes. ` +
        'Look at the log of the Function App, then run azd up again: it goes on where it stopped.\n',
    );
    process.exit(1);
  }
}

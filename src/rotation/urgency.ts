// Whether a pass is about a leaked value. It must not decide a step: it tells only how much of a limit the pass may use.
import type { StoredRequest } from './model.ts';
import type { Urgency } from './ports.ts';

/** `compromised` while a request that names a leaked value is open. */
export function urgencyOf({ requests }: { readonly requests: readonly StoredRequest[] }): Urgency {
  const isLeaked = requests.some(({ kind, closedAt }) => kind === 'compromised' && closedAt === undefined);
  return isLeaked ? 'compromised' : 'routine';
}

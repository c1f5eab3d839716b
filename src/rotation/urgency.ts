// Whether a pass is about a leaked value. It must not decide a step: it tells only how much of a limit the pass may use.
import type { StoredRequest } from './model.ts';
import type { Urgency } from './ports.ts';

/** Whether a request asks that a leaked key be replaced, and none has seen that it is. */
export function isUrgent({ kind, closedAt, replacedAt }: StoredRequest): boolean {
  return kind === 'compromised' && closedAt === undefined && replacedAt === undefined;
}

/** `compromised` while a request that names a leaked value is open. */
export function urgencyOf({ requests }: { readonly requests: readonly StoredRequest[] }): Urgency {
  return requests.some(isUrgent) ? 'compromised' : 'routine';
}

// Which requests make an account due, and whether a pass is about a leaked key: how much of a limit it may use.
import type { StoredRequest } from './model.ts';
import type { Urgency } from './ports.ts';

/** Whether a request asks that a leaked key be replaced, and none has seen that it is. */
export function isUrgent(request: StoredRequest): boolean {
  return request.kind === 'compromised' && isPending(request);
}

/** Whether a request makes its account due. One that only waits for a proof is seen when the account is looked at. */
export function isPending({ closedAt, replacedAt }: StoredRequest): boolean {
  return closedAt === undefined && replacedAt === undefined;
}

/** `compromised` while a request that names a leaked value is open. */
export function urgencyOf({ requests }: { readonly requests: readonly StoredRequest[] }): Urgency {
  return requests.some(isUrgent) ? 'compromised' : 'routine';
}

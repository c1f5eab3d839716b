// Which requests make an account due, and whether a pass is about a leaked key: such a pass may use more of a limit.
import type { StoredRequest } from './model.ts';
import type { Urgency } from './ports.ts';

/** Whether a request asks to replace a leaked key, and no pass has seen it replaced yet. */
export function isUrgent(request: StoredRequest): boolean {
  return request.kind === 'compromised' && isPending(request);
}

/** Whether a request makes its account due. A request that only waits for a proof waits for the next regular look. */
export function isPending({ closedAt, replacedAt }: StoredRequest): boolean {
  return closedAt === undefined && replacedAt === undefined;
}

/** `compromised` while a request to replace a leaked value is pending. */
export function urgencyOf({ requests }: { readonly requests: readonly StoredRequest[] }): Urgency {
  return requests.some(isUrgent) ? 'compromised' : 'routine';
}

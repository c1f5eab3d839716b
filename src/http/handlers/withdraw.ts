// The HTTP handler of withdrawals: a request that nothing was done for ends by an operator's word.
import type { HttpResponseInit } from '@azure/functions';
import { logTo } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import { dryRunOfWithdrawal } from '../../operators/requests/dry-run.ts';
import { requestStatusOf } from '../../operators/requests/request-status.ts';
import { requireRequest, withdraw } from '../../operators/requests/withdraw.ts';
import type { RequestId } from '../../rotation/model.ts';
import { requireRole } from '../authorize.ts';
import type { Call } from '../call.ts';
import { operationBody, requestId } from '../contract/schemas.ts';
import { readBody, requireAccount } from '../guard.ts';
import { json } from '../json.ts';

export async function withdrawRequest({ parts, request, caller, context }: Call): Promise<HttpResponseInit> {
  const account = await requireAccount(parts, request);
  const { reason, dryRun } = await readBody(request, operationBody);
  const found = await requireRequest(parts, account, requireRequestId(request.params['id'] ?? ''));
  if (dryRun) return json(200, await dryRunOfWithdrawal(parts, account, found.id));
  // The same role as for the request itself.
  if (found.kind === 'compromised') requireRole(caller, 'Rotation.Emergency');
  const withdrawn = await withdraw(parts, { account, id: found.id, by: caller.by, reason });
  logTo(context)('warn', 'requestWithdrawn', { account: account.alias, kind: found.kind, requestId: found.id });
  return json(200, { request: requestStatusOf(withdrawn) });
}

/** The id in the route. Throws `Refusal` if no request can have it. */
export function requireRequestId(id: string): RequestId {
  const parsed = requestId.safeParse(id);
  if (parsed.success) return parsed.data;
  throw new Refusal(
    'unknown-request',
    'No such request is stored for this account.',
    'Use the address in the Location header of the answer to the request.',
  );
}

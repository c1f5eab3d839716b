// The HTTP handlers of calls about many accounts: validate documents, approve first rotations.
// It must not validate or approve: `operators/bulk` does.
import type { HttpResponseInit } from '@azure/functions';
import { logTo } from '../../base/log.ts';
import { approveMany } from '../../operators/bulk/approve.ts';
import { validateDocuments } from '../../operators/bulk/validate.ts';
import type { Call } from '../call.ts';
import { approvalsBody, validationBody } from '../contract/bulk-schemas.ts';
import { readBody } from '../guard.ts';
import { json } from '../json.ts';
import { tokenOf } from './show.ts';

export async function validateAccounts({ parts, request }: Call): Promise<HttpResponseInit> {
  const { documents } = await readBody(request, validationBody);
  return json(200, await validateDocuments(parts, documents));
}

export async function approveAccounts({ parts, request, caller, context }: Call): Promise<HttpResponseInit> {
  const { reason, filter, after, dryRun: isDryRun } = await readBody(request, approvalsBody);
  const wish = { reason, filter, after, isDryRun, by: caller.by };
  const { next, ...answer } = await approveMany(parts, wish, logTo(context));
  return json(isDryRun ? 200 : 202, { ...answer, ...(next === undefined ? {} : { next: tokenOf(next) }) });
}

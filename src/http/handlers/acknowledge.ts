// The HTTP handler of acknowledgements. A consumer may acknowledge only for itself.
import type { HttpResponseInit } from '@azure/functions';
import { logTo } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import { acknowledge, consumerNamed } from '../../operators/requests/acknowledgements.ts';
import { isNamed } from '../authorize.ts';
import type { Call } from '../call.ts';
import { acknowledgementBody } from '../contract/schemas.ts';
import { readBody, requireAccount } from '../guard.ts';
import { json } from '../json.ts';

export async function acknowledgeKey({ parts, request, context, caller }: Call): Promise<HttpResponseInit> {
  const account = await requireAccount(parts, request);
  const body = await readBody(request, acknowledgementBody);
  const consumer = consumerNamed(account, body.consumer);
  // Checked first, so that a caller cannot learn by trying which consumers a policy names.
  if (caller.principal !== undefined && !isNamed(caller.principal, body.consumer)) throw notItself(body.consumer);
  if (consumer === undefined) throw unknownConsumer(body.consumer, account.alias);
  return json(200, await acknowledge(parts, account, { ...body, consumer }, logTo(context)));
}

function notItself(consumer: string): Refusal {
  return new Refusal(
    'forbidden',
    `The caller is not the consumer ${consumer}.`,
    "Name the consumer in the policy by the object id or the application id of the caller's identity.",
  );
}

function unknownConsumer(consumer: string, account: string): Refusal {
  return new Refusal(
    'unknown-consumer',
    `The policy of ${account} names no consumer ${consumer}.`,
    'Correct the name, or add it to the consumers of the policy or of the account.',
  );
}

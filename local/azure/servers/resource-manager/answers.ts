// The answers and routes of Azure Resource Manager. It must not know any resource.
import { randomUUID } from 'node:crypto';
import { type Answer, json, type Params, type WireCall } from '../http.ts';

export type Handler = (call: WireCall, params: Params) => Answer;

export interface Operation {
  readonly name: string;
  /** The API versions. Absent: those of accounts. */
  readonly versions?: readonly string[];
  /** A list: without a role on its scope it is not refused, but has only what the caller may read. */
  readonly isFiltered?: true;
  /** ARM id on which the caller needs the permission. Absent: that of the account, vault, site or scope of roles. */
  readonly scope?: (params: Params) => string;
  readonly handle: Handler;
}

export function success(call: WireCall, body: unknown, status = 200): Answer {
  const kind = call.method === 'GET' ? 'reads' : 'writes';
  return json(status, body, {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    [`x-ms-ratelimit-remaining-subscription-${kind}`]: '1199',
    'x-ms-request-id': randomUUID(),
    'x-ms-correlation-request-id': randomUUID(),
  });
}

export function armError(status: number, code: string, message: string, headers: Answer['headers'] = {}): Answer {
  return json(status, { error: { code, message } }, { 'cache-control': 'no-cache', ...headers });
}

export function locationRequired(): Answer {
  return armError(400, 'LocationRequired', 'The location property is required for this definition.');
}

export function groupNotFound(name: string): Answer {
  return armError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
}

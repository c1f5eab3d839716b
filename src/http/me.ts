// Answers who calls and what the caller may do, so that a page can offer that and nothing else.
// It must not grant anything: each call is judged for itself.
import type { HttpResponseInit } from '@azure/functions';
import type { Authorization } from '../config/authorization.ts';
import { rolesOf } from './authorize.ts';
import type { Call } from './call.ts';
import { json } from './json.ts';

export interface Me {
  readonly authorization: Authorization;
  /** True outside of App Service, where nobody is asked for a key. */
  readonly isLocal: boolean;
  /** Absent with function keys: a key has no name. */
  readonly name?: string;
  /** With those that they include; with function keys, what a key may do. */
  readonly roles: readonly string[];
}

export function showMe({ parts, caller }: Call): Promise<HttpResponseInit> {
  const { principal } = caller;
  const me: Me = {
    authorization: principal === undefined ? 'functionKey' : 'entra',
    isLocal: parts.site.name === undefined,
    ...(principal === undefined ? {} : { name: principal.name ?? caller.by }),
    roles: rolesOf(caller),
  };
  return Promise.resolve(json(200, me));
}

// Shows the caller and its roles, so that a page can offer the allowed actions and no others.
// It must not grant anything: each call is authorised by itself.
import type { HttpResponseInit } from '@azure/functions';
import { rolesOf } from '../authorize.ts';
import type { Call } from '../call.ts';
import type { Me } from '../contract/answers.ts';
import { json } from '../json.ts';

export function showMe({ parts, caller }: Call): Promise<HttpResponseInit> {
  const { principal } = caller;
  const { settings } = parts;
  const runbookUrl = settings.ok ? settings.settings.runbookUrl : undefined;
  const me: Me = {
    authorization: principal === undefined ? 'functionKey' : 'entra',
    isLocal: parts.site.name === undefined,
    ...(principal === undefined ? {} : { name: principal.name ?? caller.by }),
    roles: rolesOf(caller),
    ...(runbookUrl === undefined ? {} : { runbookUrl }),
  };
  return Promise.resolve(json(200, me));
}

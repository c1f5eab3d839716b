// Makes all problem documents (RFC 9457). Detail and remedy are sentences for the person who asked.
// It must not know functions, the host, or a key: messages come from classified errors and schemas.
import type { HttpResponseInit } from '@azure/functions';
import { REFUSAL_KINDS, type Refusal } from '../base/refusal.ts';
import type { ErrorCode, RotationError } from '../rotation/errors.ts';
import type { ProblemDocument } from './contract/answers.ts';

/** The kinds of problem documents: a refusal, a failed call of Azure, or a fault of the service. */
export const PROBLEM_KINDS = [...REFUSAL_KINDS, 'azure-refused', 'internal'] as const;
export type ProblemKind = (typeof PROBLEM_KINDS)[number];

const KINDS: Readonly<Record<ProblemKind, readonly [status: number, title: string]>> = {
  'unknown-account': [404, 'There is no such account.'],
  'unknown-request': [404, 'There is no such request.'],
  'unknown-campaign': [404, 'There is no such campaign.'],
  'unknown-consumer': [404, 'There is no such consumer.'],
  'unknown-resource': [404, 'There is no such resource.'],
  'malformed-body': [400, 'The request body is not as expected.'],
  'malformed-request': [400, 'The request is not as expected.'],
  'body-too-large': [413, 'The request body is too large.'],
  'idempotency-conflict': [422, 'The idempotency key was used for another request.'],
  'not-now': [409, 'The account is not in a state in which this can begin.'],
  'too-soon': [429, 'The same was done a moment ago.'],
  'settings-invalid': [503, 'The app settings are not valid.'],
  'azure-unavailable': [503, 'A service did not answer.'],
  'azure-refused': [502, 'A service refused the call.'],
  unauthenticated: [401, 'The caller is not signed in.'],
  'cross-site': [403, 'The call comes from another site.'],
  forbidden: [403, 'The caller may not do this.'],
  internal: [500, 'The service failed.'],
};

export function problem(
  kind: ProblemKind,
  detail: string,
  remedy: string,
  extensions: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  const [status, title] = KINDS[kind];
  const document: ProblemDocument = {
    type: `urn:ai-services-key-rotation:problem:${kind}`,
    title,
    status,
    detail,
    remedy,
    ...extensions,
  };
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers },
    body: JSON.stringify(document),
  };
}

export function problemOfRefusal({ kind, detail, remedy, extensions }: Refusal): HttpResponseInit {
  const { retryAfterSeconds } = extensions;
  const headers: Record<string, string> = {
    ...(kind === 'unauthenticated' ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(typeof retryAfterSeconds === 'number' ? { 'Retry-After': String(retryAfterSeconds) } : {}),
  };
  return problem(kind, detail, remedy, extensions, headers);
}

const REMEDIES: Readonly<Record<ErrorCode, string>> = {
  Unavailable: 'Try again; if it stays so, look at the health of the service named.',
  Throttled: 'Try again after the time given in Retry-After.',
  LostRace: 'A pass or another caller has changed the same at this moment; try again.',
  Forbidden: 'Grant the identity of the Function App the permission named.',
  NotFound: 'Check that the resource named in the settings exists.',
  Misconfigured: 'Correct what the detail names.',
  RecordUnreadable: 'Look at the row in the table; a newer version of the service may have written it.',
  UnsafeStep: 'This is a bug: nothing was sent. Report it with the log of this invocation.',
};

export function problemOfError({
  code,
  service,
  operation,
  message,
  retryAfterMs,
  providerCode,
}: RotationError): HttpResponseInit {
  const extensions = { code, service, operation, ...(providerCode === undefined ? {} : { providerCode }) };
  const headers: Record<string, string> =
    retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) };
  return problem(kindOf(code), message, REMEDIES[code], extensions, headers);
}

function kindOf(code: ErrorCode): ProblemKind {
  switch (code) {
    case 'Unavailable':
    case 'Throttled':
    case 'LostRace':
      return 'azure-unavailable';
    case 'Forbidden':
    case 'NotFound':
    case 'Misconfigured':
      return 'azure-refused';
    case 'RecordUnreadable':
    case 'UnsafeStep':
      return 'internal';
  }
}

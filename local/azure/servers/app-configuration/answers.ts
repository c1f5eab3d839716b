// The answers of App Configuration: bodies, content types, sync tokens, problems, and refusals of tokens and versions.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Denial } from '../../identity/access.ts';
import type { TokenCheck, TokenIssuer } from '../../identity/tokens.ts';
import type { KeyValueState } from '../../world/key-value.ts';
import type { WorldError } from '../../world/world-error.ts';
import type { Answer, WireCall } from '../http.ts';

export const KEY_VALUE_TYPE = 'application/vnd.microsoft.appconfig.kv+json; charset=utf-8';
export const KEY_VALUE_SET_TYPE = 'application/vnd.microsoft.appconfig.kvset+json; charset=utf-8';
export const KEY_SET_TYPE = 'application/vnd.microsoft.appconfig.keyset+json; charset=utf-8';
export const LABEL_SET_TYPE = 'application/vnd.microsoft.appconfig.labelset+json; charset=utf-8';

const API_VERSIONS = ['1.0', '2023-10-01', '2023-11-01', '2024-09-01', '2026-04-01'];
const AUDIENCES = ['https://appconfig.azure.com', 'https://azconfig.io'];

/** A problem document of App Configuration. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly name?: string;
  readonly detail?: string;
  readonly policy?: string;
  readonly status: number;
}

/** The store's place in time, sent to clients so that they read their own writes. */
export class SyncTokens {
  readonly #id = randomBytes(6).toString('base64url').replaceAll('=', '');
  #sequence = 1;

  advance(): void {
    this.#sequence += 1;
  }

  /** For instance `zAJw6V16=MDo0Mg==;sn=42`. */
  header(): string {
    return `${this.#id}=${Buffer.from(`0:${this.#sequence}`).toString('base64')};sn=${this.#sequence}`;
  }
}

/** A successful answer; `body` undefined: none. */
export function configurationAnswer(
  syncTokens: SyncTokens,
  status: number,
  body: object | undefined,
  contentType: string,
  headers: Answer['headers'] = {},
): Answer {
  const isBodiless = body === undefined || status === 304;
  return {
    status,
    headers: {
      ...(isBodiless ? {} : { 'content-type': contentType }),
      'sync-token': syncTokens.header(),
      'x-ms-request-id': randomUUID(),
      'x-ms-correlation-request-id': randomUUID(),
      ...headers,
    },
    ...(isBodiless ? {} : { body: JSON.stringify(body) }),
  };
}

/** A key-value, or only the fields that were asked for. */
export function keyValueBody(entry: KeyValueState, select: readonly string[] | undefined): object {
  const all = {
    etag: entry.etag,
    key: entry.key,
    label: entry.label,
    content_type: entry.contentType,
    value: entry.value,
    tags: entry.tags,
    locked: entry.isLocked,
    last_modified: new Date(entry.lastModified).toISOString().replace(/\.\d+Z$/, '+00:00'),
  };
  if (select === undefined) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => select.includes(name)));
}

export function problem(body: Problem, headers: Answer['headers'] = {}): Answer {
  return {
    status: body.status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** The world's refusal in App Configuration's words. 404 and 412 have no words. */
export function refused(error: WorldError): Answer {
  if (error.code === 'KeyLocked') {
    return problem({
      type: 'https://azconfig.io/errors/key-locked',
      title: `Modifing key '${error.subject}' is not allowed`,
      name: error.subject,
      detail: 'The key is read-only. To allow modification unlock it first.',
      status: 409,
    });
  }
  if (error.kind === 'preconditionFailed') return { status: 412, headers: {} };
  if (error.kind === 'notFound') return { status: 404, headers: {} };
  throw error;
}

function challengeOf(check: TokenCheck): string | undefined {
  switch (check.state) {
    case 'valid':
      return undefined;
    case 'missing':
      return 'HMAC-SHA256, Bearer';
    case 'malformed':
    case 'expired':
    case 'wrongAudience':
      return 'HMAC-SHA256, Bearer error="invalid_token", error_description="Authorization token failed validation"';
    case 'wrongTenant':
      return (
        'HMAC-SHA256, Bearer error="invalid_token", error_description="The access token is from the wrong issuer. ' +
        'It must match the AD tenant associated with the subscription to which the configuration store belongs. If ' +
        'you just transferred your subscription and see this error message, please try back later."'
      );
  }
}

/** The 401, or undefined when the token is good. */
export function refuseToken(call: WireCall, tokens: TokenIssuer, origin: string): Answer | undefined {
  const isAudience = (audience: string): boolean =>
    [...AUDIENCES, origin].some((accepted) => audience === accepted || audience === `${accepted}/`);
  const challenge = challengeOf(tokens.check(call.headers.authorization, isAudience));
  return challenge === undefined ? undefined : { status: 401, headers: { 'www-authenticate': challenge } };
}

/** The 403 for a call that no role allows. */
export function forbidden({ permission }: Denial): Answer {
  const type = 'https://azconfig.io/errors/forbidden';
  const detail = `The caller lacks the permission '${permission}'.`;
  return problem({ type, title: 'The caller is not authorized to perform this operation', detail, status: 403 });
}

export function refuseVersion(call: WireCall, origin: string): Answer | undefined {
  const type = 'https://azconfig.io/errors/invalid-argument';
  const name = 'api-version';
  const version = call.query.get(name);
  if (version === undefined) {
    const detail = 'An API version is required, but was not specified.';
    return problem({ type, title: 'API version is not specified', name, detail, status: 400 });
  }
  if (API_VERSIONS.includes(version)) return undefined;
  const detail =
    `The HTTP resource that matches the request URI '${origin}${call.target}' ` +
    `does not support the API version '${version}'.`;
  return problem({ type, title: 'Unsupported API version', name, detail, status: 400 });
}

// The edge of every HTTP call: settings, account, body. Each refusal names the fault and the remedy.
// It must not act on accounts, nor import the schemas of requests: every call loads this file.

import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type * as z from 'zod';
import { BOUNDS } from '../base/bounds.ts';
import { visible } from '../base/free-text.ts';
import { logTo } from '../base/log.ts';
import { type FieldProblem, Refusal } from '../base/refusal.ts';
import type { Fleet } from '../config/fleet.ts';
import { leaving } from '../fleet/leaving-accounts.ts';
import { findUrgently } from '../fleet/urgent-accounts.ts';
import { RotationError } from '../rotation/errors.ts';
import type { Account } from '../rotation/model.ts';
import type { HttpParts } from './call.ts';
import { problem, problemOfError, problemOfRefusal } from './problem.ts';

const HOST_PARAMETERS = ['code', 'clientId'];

export function requireSettings({ settings }: Pick<HttpParts, 'settings'>): void {
  if (settings.ok) return;
  const { problems } = settings;
  throw new Refusal(
    'settings-invalid',
    `${problems.length} app settings are wrong or missing.`,
    'Correct each setting named in problems.',
    {
      problems,
    },
  );
}

/**
 * Another site can make a browser call this service, with its cookies or on a local host. Such a call is refused.
 * It has no key or token of its own, and the browser names the site that it comes from. Throws `Refusal`.
 */
export function refuseOtherSites({ method, headers, url }: Pick<HttpRequest, 'method' | 'headers' | 'url'>): void {
  if (method !== 'POST' || headers.has('authorization') || headers.has('x-functions-key')) return;
  const site = headers.get('sec-fetch-site');
  if (site !== null ? site === 'same-origin' || site === 'none' : isOwnOrigin(headers.get('origin'), url)) {
    // A form of another site can send a cookie, but neither of these headers.
    const isPlain = headers.has('x-requested-with') || /^application\/json\b/i.test(headers.get('content-type') ?? '');
    if (isPlain || !headers.has('cookie')) return;
  }
  throw new Refusal(
    'cross-site',
    'A browser sent the call on behalf of another site.',
    'Act from the status page, or send a function key or a bearer token in a header.',
  );
}

/** True also without an origin: programs send none. */
function isOwnOrigin(origin: string | null, url: string): boolean {
  if (origin === null) return true;
  return URL.canParse(origin) && new URL(origin).host === new URL(url).host;
}

/**
 * The account named in the route, by its alias in any case. While App Configuration does not answer, it is the account
 * as configured when its record was last written. So an operator can still look, pause or follow an emergency.
 */
export async function requireAccount(parts: HttpParts, request: HttpRequest): Promise<Account> {
  const name = request.params['account'] ?? '';
  const fleet = await readFleet(parts, name);
  if ('known' in fleet) return fleet.known;
  const { accounts, problems } = fleet;
  const account = accounts.find(({ alias }) => alias.toLowerCase() === name.toLowerCase());
  if (account !== undefined) return account;
  const related = problems.filter((entry) => entry.account?.toLowerCase() === name.toLowerCase());
  const known = related.length > 0 ? [] : await parts.ports.records.findConfigured({ alias: name });
  const [former] = known.filter(({ id }) => !accounts.some((present) => present.id === id));
  if (former !== undefined && known.length === 1) return leaving(former, fleet);
  const called = shown(name);
  throw related.length > 0
    ? new Refusal(
        'unknown-account',
        `The account ${called} is left out: its configuration is not valid.`,
        'Correct each problem named.',
        { problems: related },
      )
    : new Refusal(
        'unknown-account',
        `No account is configured under the name ${called}.`,
        'Add it as KeyRotation:Accounts:<name> in App Configuration, or see GET accounts for the names.',
      );
}

async function readFleet(parts: HttpParts, alias: string): Promise<Fleet | { readonly known: Account }> {
  try {
    return await parts.fleet();
  } catch (error) {
    const found = error instanceof RotationError ? await parts.ports.records.findConfigured({ alias }) : [];
    // If two accounts have had the name, only the configuration can say which of them has it now.
    const known = found.length === 1 ? found[0] : undefined;
    if (known === undefined) throw error;
    return { known };
  }
}

/** The account named in the route, for an emergency. Asks App Configuration, but does not wait for it. */
export async function requireAccountUrgently(parts: HttpParts, request: HttpRequest): Promise<Account> {
  const account = await findUrgently(parts, request.params['account'] ?? '');
  return account ?? requireAccount(parts, request);
}

/** The body, parsed by `schema`. An absent body counts as `{}`. */
export async function readBody<T>(request: HttpRequest, schema: z.ZodType<T>): Promise<T> {
  const text = await request.text();
  if (text.length > BOUNDS.bodyCharacters) {
    throw new Refusal(
      'body-too-large',
      `The body has more than ${BOUNDS.bodyCharacters} characters.`,
      'Send the fields of the documented schema only.',
    );
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw malformed('malformed-body', parsed.error, 'body');
}

/**
 * The query, parsed by `schema`. The host's own parameters, which carry a key, are left out. Names are compared here and
 * not by the schema, which overlooks `__proto__`.
 */
export function readQuery<S extends z.ZodObject>(request: HttpRequest, schema: S): z.output<S> {
  const given = parametersOf(request);
  const known = Object.keys(schema.shape);
  const fields = given.flatMap(([name], index): FieldProblem[] => {
    if (!known.includes(name)) return [{ field: shown(name), expected: noParameter(known) }];
    return given.findIndex(([other]) => other === name) === index ? [] : [{ field: name, expected: 'once' }];
  });
  if (fields.length > 0) throw malformedFields('malformed-request', fields);
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  throw malformed('malformed-request', parsed.error, 'query');
}

/** Throws `Refusal` if the query has any parameter but the host's own. */
export function requireNoQuery(request: HttpRequest): void {
  const fields = parametersOf(request).map(([name]) => ({ field: shown(name), expected: noParameter([]) }));
  if (fields.length > 0) throw malformedFields('malformed-request', fields);
}

function parametersOf({ query }: HttpRequest): readonly (readonly [string, string])[] {
  return [...query].filter(([name]) => !HOST_PARAMETERS.includes(name));
}

function noParameter(known: readonly string[]): string {
  return known.length === 0 ? 'no parameters' : `no such parameter; the parameters are ${known.join(', ')}`;
}

const PROTOTYPE = '__proto__';

function parseJson(text: string): unknown {
  if (text.trim() === '') return {};
  const names = new Set<string>();
  try {
    const parsed: unknown = JSON.parse(text, (name, value: unknown) => {
      names.add(name);
      return value;
    });
    // Schemas overlook this one name.
    if (names.has(PROTOTYPE))
      throw malformedFields('malformed-body', [{ field: PROTOTYPE, expected: 'no such field' }]);
    return parsed;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      'malformed-body',
      'The body is not JSON.',
      'Send a JSON object with Content-Type: application/json.',
      {
        fields: [{ field: 'body', expected: 'a JSON object' }],
      },
    );
  }
}

export function malformed(kind: 'malformed-body' | 'malformed-request', error: z.ZodError, root: string): Refusal {
  const fields = error.issues.flatMap((issue): FieldProblem[] => {
    const path = issue.path.map(String);
    const named = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
    return named.map((parts) => ({
      field: shown(parts.length === 0 ? root : parts.join('.')),
      expected: issue.message,
    }));
  });
  return malformedFields(kind, fields);
}

function malformedFields(kind: 'malformed-body' | 'malformed-request', fields: readonly FieldProblem[]): Refusal {
  const names = fields.map(({ field }) => field).join(', ');
  return new Refusal(
    kind,
    `Not as expected: ${names}.`,
    'Correct each field named in fields; GET openapi.json has the schema.',
    { fields },
  );
}

function shown(text: string): string {
  const seen = visible(text);
  return seen.length <= 80 ? seen : `${seen.slice(0, 79)}…`;
}

export function asProblem(error: unknown, context: InvocationContext): HttpResponseInit {
  if (error instanceof Refusal) return problemOfRefusal(error);
  const log = logTo(context);
  if (error instanceof RotationError) {
    const { code, service, operation, message } = error;
    log('warn', 'callFailed', { code, service, operation, message });
    return problemOfError(error);
  }
  log('error', 'unexpected', { name: error instanceof Error ? error.name : typeof error });
  return problem('internal', 'An unexpected error occurred.', `Look at the log of invocation ${context.invocationId}.`);
}

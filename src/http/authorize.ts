// Identifies the caller and checks its role. With function keys the host has decided before this code runs.
// With Entra the routes are open, and this check is the only one in front of them.
// The principal's header is read with AUTHORIZATION=entra only: elsewhere any caller may write it.
// Reading is lenient and total: every header gives a caller or a refusal.
import * as z from 'zod';
import { BOUNDS } from '../base/bounds.ts';
import { visible } from '../base/free-text.ts';
import { Refusal } from '../base/refusal.ts';
import type { Authorization } from '../config/authorization.ts';
import { type Access, type Caller, type Principal, ROLES, type Role } from './call.ts';

/** The roles that a role includes. `Rotation.Acknowledge` stands alone: a consumer sees and does nothing else. */
const INCLUDED: Readonly<Record<Role, readonly Role[]>> = {
  'Rotation.Read': [],
  'Rotation.Check': ['Rotation.Read'],
  'Rotation.Operate': ['Rotation.Check', 'Rotation.Read'],
  'Rotation.Emergency': ['Rotation.Operate', 'Rotation.Check', 'Rotation.Read'],
  'Rotation.Acknowledge': [],
};

const HEADER = 'x-ms-client-principal';
/** App Service's name of Microsoft Entra, in the principal and in a header of its own. */
const PROVIDER = 'aad';
/** Longest header that is read: a token with hundreds of groups stays far below. */
const HEADER_CHARACTERS_MAXIMUM = 65_536;

const ROLE_TYPES = ['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'];
// App Service maps some claims to long names. `appid` is of tokens of version 1, `azp` of version 2.
const OBJECT_ID_TYPES = ['oid', 'http://schemas.microsoft.com/identity/claims/objectidentifier'];
const APP_ID_TYPES = ['appid', 'azp'];
const NAME_TYPES = ['preferred_username', 'name', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name'];

type Headers = { get(name: string): string | null };

export interface Doorway {
  readonly authorization: Authorization;
  /** The process environment; the platform says there whether it authenticates callers. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The caller, if it may do what `role` allows. Throws `Refusal`: 401 without a principal, 403 without the role. */
export function authorize({ authorization, environment }: Doorway, headers: Headers, role: Access): Caller {
  if (role === 'anyone') return { by: 'anyone' };
  if (authorization === 'functionKey') return { by: 'function key' };
  // Only a platform that authenticates callers removes a header that the caller has written.
  if (environment['WEBSITE_AUTH_ENABLED']?.trim().toLowerCase() !== 'true') {
    throw refusal('The platform does not say that App Service authentication is on, so no caller is recognised.');
  }
  const principal = readPrincipal(headers);
  if (principal === undefined) throw refusal('The request carries no signed-in principal of Microsoft Entra.');
  const caller = { by: nameOf(principal), principal };
  if (role !== 'caller') requireRole(caller, role);
  return caller;
}

/** The caller's roles, with the roles that they include. */
export function rolesOf({ principal }: Caller): readonly Role[] {
  if (principal === undefined) return ROLES;
  return ROLES.filter((role) => isAllowed(principal, role));
}

function isAllowed({ roles }: Principal, role: Role): boolean {
  return ROLES.some((held) => roles.has(held) && (held === role || INCLUDED[held].includes(role)));
}

/** Throws `Refusal` (403) when the caller's roles do not include `role`. A function key includes every role. */
export function requireRole({ principal }: Caller, role: Role): void {
  if (principal === undefined || isAllowed(principal, role)) return;
  throw new Refusal(
    'forbidden',
    `The role ${role} is needed.`,
    `Assign the app role ${role} of this application to the caller; new tokens carry it.`,
    { role },
  );
}

function refusal(detail: string): Refusal {
  const remedy =
    'Switch on App Service authentication with Microsoft as the identity provider, and call with a token for this application.';
  return new Refusal('unauthenticated', detail, remedy);
}

const text = z.string().catch('');
const principalShape = z.object({
  auth_typ: z.string().toLowerCase().pipe(z.literal(PROVIDER)),
  claims: z.array(z.object({ typ: text, val: text }).catch({ typ: '', val: '' })),
  name_typ: text,
  role_typ: text,
});

function readPrincipal(headers: Headers): Principal | undefined {
  const encoded = headers.get(HEADER) ?? '';
  const provider = headers.get('x-ms-client-principal-idp') ?? PROVIDER;
  if (encoded === '' || encoded.length > HEADER_CHARACTERS_MAXIMUM || provider.toLowerCase() !== PROVIDER)
    return undefined;
  const parsed = principalShape.safeParse(parse(Buffer.from(encoded, 'base64').toString('utf8')));
  if (!parsed.success) return undefined;
  const { claims, name_typ: nameType, role_typ: roleType } = parsed.data;
  const all = (types: readonly string[]): string[] =>
    types.flatMap((type) => (type === '' ? [] : claims.filter(({ typ }) => typ === type).map(({ val }) => val)));
  const first = (types: readonly string[]): string | undefined => all(types).find((value) => value !== '');
  return {
    objectId: first(OBJECT_ID_TYPES),
    appId: first(APP_ID_TYPES),
    name: first([nameType, ...NAME_TYPES]),
    roles: new Set(all([roleType, ...ROLE_TYPES])),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The name, followed by the object id: names are not unique. */
function nameOf({ name, objectId, appId }: Principal): string {
  const id = objectId ?? appId;
  const shown = name === undefined ? undefined : visible(name).slice(0, BOUNDS.callerNameCharacters);
  if (shown === undefined) return id?.slice(0, BOUNDS.callerNameCharacters) ?? 'unnamed principal';
  return id === undefined ? shown : `${shown} (${id.slice(0, BOUNDS.callerNameCharacters)})`;
}

/** Whether `consumer` names this principal: by object id, application id or name. */
export function isNamed({ objectId, appId, name }: Principal, consumer: string): boolean {
  return [objectId, appId, name].some((known) => known?.toLowerCase() === consumer.toLowerCase());
}

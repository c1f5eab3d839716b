// The types of HTTP functions and their calls: endpoints, callers, roles, and the parts that handlers need.
// It must not load anything: entry files import it at start, where nothing may fail.
import type { HttpMethod, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { SettingsResult } from '../config/settings.ts';
import type { CampaignParts } from '../fleet/campaign/ports.ts';
import type { FreezeParts } from '../fleet/freeze.ts';
import type { CheckParts } from '../operators/check/ports.ts';
import type { EnrolmentParts, HealthParts, RequestParts } from '../operators/ports.ts';

/** The parts that all handlers together need. Each handler passes on those that its call needs. */
export type HttpParts = RequestParts &
  HealthParts &
  CheckParts &
  CampaignParts &
  EnrolmentParts &
  FreezeParts & { readonly settings: SettingsResult };

export interface Principal {
  /** Object id of the user or service principal. */
  readonly objectId: string | undefined;
  /** Client id of the application that asked for the token. */
  readonly appId: string | undefined;
  readonly name: string | undefined;
  readonly roles: ReadonlySet<string>;
}

export interface Caller {
  /** For the history. */
  readonly by: string;
  /** Absent with function keys: a key has no name and no roles. */
  readonly principal?: Principal;
}

/** The roles that calls require; see docs/http-api.md. */
export const ROLES = [
  'Rotation.Read',
  'Rotation.Check',
  'Rotation.Operate',
  'Rotation.Emergency',
  'Rotation.Acknowledge',
] as const;
export type Role = (typeof ROLES)[number];

/** `anyone`: open, also without sign-in. `caller`: with Entra every signed-in caller, with any roles; else open. */
export type Access = Role | 'anyone' | 'caller';

export interface Call {
  readonly parts: HttpParts;
  readonly request: HttpRequest;
  readonly context: InvocationContext;
  readonly caller: Caller;
}

export interface Endpoint {
  readonly methods: readonly HttpMethod[];
  /** Below the prefix `api/`. */
  readonly route: string;
  /** The role that every call of the endpoint needs; a handler may require more. */
  readonly role: Access;
  /** True if the endpoint answers also while the settings are not valid. */
  readonly isAnsweredWithoutSettings?: true;
  /** True if the handler reads the query by `readQuery`. Every other endpoint refuses every parameter. */
  readonly readsQuery?: true;
  readonly handle: (call: Call) => Promise<HttpResponseInit>;
}

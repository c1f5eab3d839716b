// What an HTTP function is and what a call of it carries: who calls, which roles there are, and what handlers are made of.
// It must not load anything: entry files import it before anything may fail.
import type { HttpMethod, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { SettingsResult } from '../config/settings.ts';
import type { CampaignParts } from '../fleet/campaign/ports.ts';
import type { CheckParts } from '../operators/check/ports.ts';
import type { HealthParts, RequestParts } from '../operators/ports.ts';

/** What all handlers together are made of; each hands on what is asked for. */
export type HttpParts = RequestParts & HealthParts & CheckParts & CampaignParts & { readonly settings: SettingsResult };

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

/** What a caller must be allowed to do; see docs/http-api.md. */
export type Role =
  | 'Rotation.Read'
  | 'Rotation.Check'
  | 'Rotation.Operate'
  | 'Rotation.Emergency'
  | 'Rotation.Acknowledge';

/** `anyone`: open, also to strangers. `caller`: with Entra whoever is signed in, whatever the roles; else open. */
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
  /** The least that each call of the endpoint needs; a handler may ask for more. */
  readonly role: Access;
  /** True for what can be answered whatever the settings are. */
  readonly isAnsweredWithoutSettings?: true;
  readonly handle: (call: Call) => Promise<HttpResponseInit>;
}
